import type { ClickHouse } from '../clickhouse/client.ts';
import { joinSql, literal, type Sql, sql } from '../clickhouse/sql.ts';
import type { FunnelNextAnswer, FunnelNextRequest } from '../contract/funnel.ts';
import { durationMs } from '../contract/time.ts';
import { chainsSql } from './funnel-chains.ts';
import { asksForEngagement } from './funnel-events.ts';
import { earliestCode, momentSql, reachSql } from './funnel-moments.ts';
import { checkStep, droppedSql, type FunnelQuestion, funnelRows, funnelSpan, unitSql } from './funnel-question.ts';
import { matchSql } from './match.ts';
import { notEngagement, visitorsOwnSql } from './own-events.ts';

/*
 * What did those who dropped after a step do next?
 *
 * One row for each thing done, most frequent first:
 *   kind   page, event, or exit
 *   label  path of the page, name of the event, or (exit)
 *   count  units; all rows together are the funnel's `dropped` of that step
 *
 * The next thing is the first event after the one at which the unit stopped, within the window of the attempt: page views, own
 * events and the tracker's, but neither `engagement` nor `form_field`, which accompany a page and decide nothing. No such event
 * is an exit.
 */

export interface FunnelNextQuestion extends FunnelQuestion {
  request: FunnelNextRequest;
}

/** Rows of the answer; what is rarer is summed up as (other). */
const mostItems = 500;

interface NextRow {
  kind: 'page' | 'event' | 'exit';
  label: string;
  count: number;
}

export function funnelNextSql(question: FunnelNextQuestion): Sql {
  const { step, breakdown: _, ...request } = question.request;
  const span = funnelSpan(question);
  const ofSteps = joinSql(
    request.steps.map(({ match }) => matchSql(match)),
    sql` OR `,
  );
  // Every unit has at least the row of the event at which it stopped, so the inner join loses nobody.
  return sql`
SELECT multiIf(next.2 = '', 'exit', next.2 = 'pageview', 'page', 'event') AS kind,
  multiIf(next.2 = '', '(exit)', next.2 = 'pageview', next.3, next.2) AS label,
  toFloat64(count()) AS count
FROM (
  SELECT unit, minIf((moment, toString(name), toString(path)), name NOT IN ('engagement', 'form_field') AND ${visitorsOwnSql}
      AND moment > stopped AND moment - started <= ${reachSql(durationMs(request.window))}) AS next
  FROM (
    SELECT unit, started, stopped, name, path, ${momentSql(span, literal(earliestCode))} AS moment
    FROM (
      SELECT ${unitSql(question)} AS unit, name, path, ts, seq FROM events
      WHERE ${funnelRows(question)} AND ${asksForEngagement(request) ? sql`1` : notEngagement} AND (name NOT IN ('engagement', 'form_field') OR ${ofSteps})
    ) AS happened
    INNER JOIN (
      SELECT unit, started, stopped FROM (${chainsSql({ ...question, request })}) WHERE ${droppedSql({ request, step })}
    ) AS dropped USING (unit)
  )
  GROUP BY unit
)
GROUP BY kind, label
ORDER BY count DESC, kind, label`;
}

export async function funnelNext(clickhouse: ClickHouse, question: FunnelNextQuestion): Promise<FunnelNextAnswer> {
  checkStep(question.request);
  const { rows } = await clickhouse.query<NextRow>(funnelNextSql(question), { name: 'funnel-next' });
  const items = rows.map(({ label, kind, count }) => ({ label, kind, count }));
  return {
    dropped: sumOf(items),
    items: items.length > mostItems ? [...items.slice(0, mostItems), other(items)] : items,
  };
}

function other(items: FunnelNextAnswer['items']): FunnelNextAnswer['items'][number] {
  return { label: '(other)', kind: 'page', count: sumOf(items.slice(mostItems)) };
}

function sumOf(items: FunnelNextAnswer['items']): number {
  return items.reduce((sum, item) => sum + item.count, 0);
}
