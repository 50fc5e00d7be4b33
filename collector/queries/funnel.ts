import type { ClickHouse } from '../clickhouse/client.ts';
import { type Sql, sql } from '../clickhouse/sql.ts';
import type { FunnelAnswer, FunnelRequest, FunnelStepResult } from '../contract/funnel.ts';
import { chainsSql, type FunnelQuestion, funnelSpan, momentMs } from './funnel-chains.ts';
import { matchInWords } from './match.ts';

/*
 * How many units (visitors or sessions) reached each step of a funnel, how long they took, and what it was worth?
 *
 * One row for each step that anybody reached:
 *   step     1 is the entry
 *   count    units whose deepest attempt reached this step or a later one
 *   p50 p90  seconds from the step before, over the attempts that speak for these units; linear between neighbours
 *   average  of the same seconds
 *   worth    sum of the values of this step's events on these attempts
 *   carriers how many of these events carry a value at all
 *
 * A unit counts once, however often it repeats. Attempts start inside the range; their later steps may lie after its end, up
 * to the window. What exactly counts: docs/funnel.md and funnel-chains.ts.
 */

interface StepRow {
  step: number;
  count: number;
  p50: number;
  p90: number;
  average: number;
  worth: number;
  carriers: number;
}

export function funnelSql(question: FunnelQuestion): Sql {
  const span = funnelSpan(question);
  return sql`
SELECT step, toFloat64(count()) AS count,
  quantileExactInclusive(0.5)(seconds) AS p50, quantileExactInclusive(0.9)(seconds) AS p90, avg(seconds) AS average,
  toFloat64(sum(amount)) AS worth, toFloat64(countIf(amount != 0)) AS carriers
FROM (
  SELECT number AS step, amount, (${momentMs(sql`moment`, span)} - ${momentMs(sql`before`, span)}) / 1000 AS seconds
  FROM (${chainsSql(question)})
  ARRAY JOIN arrayEnumerate(moments) AS number, moments AS moment, arrayPushFront(arrayPopBack(moments), moments[1]) AS before, amounts AS amount
)
GROUP BY step
ORDER BY step`;
}

/** Throws AppError invalid_request for a bad range or an option that cannot be counted yet. */
export async function funnel(clickhouse: ClickHouse, question: FunnelQuestion): Promise<FunnelAnswer> {
  const { rows, elapsedMs, rowsRead } = await clickhouse.query<StepRow>(funnelSql(question), { name: 'funnel' });
  return { steps: toSteps(question.request, rows), elapsedMs, rowsRead };
}

function toSteps(request: FunnelRequest, rows: readonly StepRow[]): FunnelStepResult[] {
  const counts = request.steps.map((_, index) => rows[index]?.count ?? 0);
  const [first = 0] = counts;
  return request.steps.map((step, index) => {
    const row = rows[index];
    const count = counts[index] ?? 0;
    const previous = counts[index - 1] ?? count;
    return {
      index: index + 1,
      name: step.name ?? matchInWords(step.match),
      count,
      rateFromFirst: rate(count, first),
      rateFromPrevious: index === 0 ? 1 : rate(count, previous),
      dropped: index === request.steps.length - 1 ? 0 : count - (counts[index + 1] ?? 0),
      secondsFromPrevious: index === 0 || !row ? null : { p50: row.p50, p90: row.p90, avg: row.average },
      value: row && row.carriers > 0 ? row.worth : null,
    };
  });
}

function rate(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
