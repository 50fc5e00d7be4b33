import type { ClickHouse } from '../clickhouse/client.ts';
import { joinSql, literal, type Sql, sql } from '../clickhouse/sql.ts';
import type { FunnelWhyAnswer, FunnelWhyRequest } from '../contract/funnel.ts';
import type { Dimension } from '../contract/names.ts';
import { dimensionCatalogue } from './dimensions.ts';
import { chainsSql } from './funnel-chains.ts';
import { passedAt, sourceSql } from './funnel-events.ts';
import { momentMs, momentSeq } from './funnel-moments.ts';
import {
  checkStep,
  droppedSql,
  type FunnelQuestion,
  funnelRows,
  funnelSpan,
  requiredSteps,
  unitSql,
} from './funnel-question.ts';
import { matchSql } from './match.ts';
import { adjustByHolm, twoProportions } from './significance.ts';

/*
 * What tells those who left after a step from those who went on?
 *
 * One row for each value of each dimension, and of each property of the step's event, the most frequent first:
 *   dimension, value
 *   droppedWith  units that dropped after the step and whose event at the step had this value
 *   wentOnWith   units that passed the step and did not drop, likewise
 *   dropped, wentOn  all such units: the first is the funnel's `dropped` of that step
 *
 * Only the most frequent values are compared: a value of a handful of people proves nothing, and each more of them makes all
 * others harder to prove.
 */

export interface FunnelWhyQuestion extends FunnelQuestion {
  request: FunnelWhyRequest;
}

const compared = [
  'device',
  'browser',
  'os',
  'country',
  'source',
  'channel',
  'campaign',
  'language',
] as const satisfies Dimension[];
/** Values of one dimension or property that are compared, at most. */
const mostValues = 25;
/** Properties that are compared, at most. */
const mostProps = 10;
/** A value that fewer units have is not compared: the test is not valid for so few. */
const fewestUnits = 10;
const mostItems = 25;
/** Chance beyond which a difference is not shown. */
const level = 0.05;

interface WhyRow {
  dimension: string;
  value: string;
  droppedWith: number;
  wentOnWith: number;
  dropped: number;
  wentOn: number;
}

export function funnelWhySql(question: FunnelWhyQuestion): Sql {
  const { step, breakdown: _, ...request } = question.request;
  const span = funnelSpan(question);
  const asked = { ...question, request };
  const withEntry = { ...question, request: { ...request, breakdown: 'entry_path' as const } };
  // In any order a step counts as reached at the event that completed all up to it, whichever of them that was.
  const steps = request.order === 'any' ? requiredSteps(request) : [step];
  const fits = joinSql(
    steps.flatMap((number) => {
      const wanted = request.steps[number - 1];
      return wanted ? [matchSql(wanted.match)] : [];
    }),
    sql` OR `,
  );
  const pairs = joinSql(
    compared.map((name) => sql`(${literalName(name)}, toString(${dimensionCatalogue[name].value}))`),
    sql`, `,
  );
  return sql`
SELECT dimension, value, toFloat64(sum(has_left)) AS droppedWith, toFloat64(count()) - droppedWith AS wentOnWith,
  toFloat64(any(all_left)) AS dropped, toFloat64(any(all_units)) - dropped AS wentOn
FROM (
  SELECT has_left, sum(has_left) OVER () AS all_left, count() OVER () AS all_units, pairs
  FROM (
    SELECT unit, any(has_left) AS has_left, argMin(pairs, page_id) AS pairs
    FROM (
      SELECT ${unitSql(question)} AS unit, ts, seq, page_id,
        arrayConcat([${pairs}, ('entry_path', session_key)],
          arrayMap((key, value) -> (concat('prop:', key), value), mapKeys(props), mapValues(props))) AS pairs
      FROM ${sourceSql(withEntry)}
      WHERE ${funnelRows(question)} AND (${fits})
    ) AS happened
    INNER JOIN (
      SELECT unit, ${droppedSql({ request, step })} AS has_left, ${momentMs(passedAt(step), span)} AS at_ms,
        ${momentSeq(passedAt(step))} AS at_seq
      FROM (${chainsSql(asked)})
      WHERE ${passedAt(step)} != 0
    ) AS passed USING (unit)
    WHERE toUnixTimestamp64Milli(ts) = at_ms AND seq = at_seq
    GROUP BY unit
  )
)
ARRAY JOIN pairs.1 AS dimension, pairs.2 AS value
GROUP BY dimension, value
HAVING count() >= ${literal(fewestUnits)}
ORDER BY count() DESC, dimension, value
LIMIT ${literal(mostValues)} BY dimension
LIMIT 2000`;
}

export async function funnelWhy(clickhouse: ClickHouse, question: FunnelWhyQuestion): Promise<FunnelWhyAnswer> {
  checkStep(question.request);
  const { rows } = await clickhouse.query<WhyRow>(funnelWhySql(question), { name: 'funnel-why' });
  const props = [...new Set(rows.map((row) => row.dimension).filter((name) => name.startsWith('prop:')))].slice(
    0,
    mostProps,
  );
  const tested = rows
    .filter((row) => !row.dimension.startsWith('prop:') || props.includes(row.dimension))
    // A value that everybody has tells nobody apart.
    .filter((row) => row.droppedWith + row.wentOnWith < row.dropped + row.wentOn)
    .map((row) => ({ row, ...twoProportions(row.droppedWith, row.dropped, row.wentOnWith, row.wentOn) }));
  const chances = adjustByHolm(tested.map(({ chance }) => chance));
  const items = tested
    .map(({ row, distance }, index) => ({ row, distance, significance: chances[index] ?? 1 }))
    .filter(({ significance }) => significance < level)
    .toSorted((one, other) => other.distance - one.distance)
    .slice(0, mostItems)
    .map(({ row: { dimension, value, droppedWith, dropped, wentOnWith, wentOn }, significance }) => ({
      dimension,
      value,
      droppedWith,
      dropped,
      wentOnWith,
      wentOn,
      ratio: share(droppedWith, dropped, wentOnWith) / share(wentOnWith, wentOn, droppedWith),
      significance,
    }));
  return { items, compared: tested.length };
}

/** A share of whole numbers, as if half a unit more had it where nobody on one side does: no ratio is infinite. */
function share(part: number, whole: number, other: number): number {
  return part === 0 || other === 0 ? (part + 0.5) / (whole + 1) : part / whole;
}

/** The name of a dimension as text of the statement: one of our own words. */
function literalName(name: (typeof compared)[number]): Sql {
  return dimensionWords[name];
}

const dimensionWords: Record<(typeof compared)[number], Sql> = {
  device: sql`'device'`,
  browser: sql`'browser'`,
  os: sql`'os'`,
  country: sql`'country'`,
  source: sql`'source'`,
  channel: sql`'channel'`,
  campaign: sql`'campaign'`,
  language: sql`'language'`,
};
