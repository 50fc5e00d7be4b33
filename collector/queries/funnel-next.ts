import type { ClickHouse } from '../clickhouse/client.ts';
import { joinSql, param, type Sql, sql } from '../clickhouse/sql.ts';
import type { FunnelNextAnswer, FunnelNextRequest } from '../contract/funnel.ts';
import { durationMs } from '../contract/time.ts';
import { chainsSql } from './funnel-chains.ts';
import { asksForEngagement } from './funnel-events.ts';
import { momentMs, momentSeq } from './funnel-moments.ts';
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
  const windowMs = durationMs(request.window);
  const ofSteps = joinSql(
    request.steps.map(({ match }) => matchSql(match)),
    sql` OR `,
  );
  // Every unit has at least the row of the event at which it stopped, so the inner join loses nobody.
  return sql`
SELECT multiIf(next_name = '', 'exit', next_name = 'pageview', 'page', 'event') AS kind,
  multiIf(next_name = '', '(exit)', next_name = 'pageview', next_path, next_name) AS label,
  toFloat64(count()) AS count
FROM (
  SELECT unit, argMinIf((toString(name), toString(path)), (ts, seq, toString(name), toString(path)),
      name NOT IN ('engagement', 'form_field') AND ${visitorsOwnSql} AND (toUnixTimestamp64Milli(ts), seq) > (stopped_ms, stopped_seq)
      AND toUnixTimestamp64Milli(ts) <= started_ms + ${param.int64(windowMs)}) AS next,
    next.1 AS next_name, next.2 AS next_path
  FROM (
    SELECT ${unitSql(question)} AS unit, name, path, ts, seq FROM events
    WHERE ${funnelRows(question)} AND ${asksForEngagement(request) ? sql`1` : notEngagement} AND (name NOT IN ('engagement', 'form_field') OR ${ofSteps})
  ) AS happened
  INNER JOIN (
    SELECT unit, ${momentMs(sql`started`, span)} AS started_ms, ${momentMs(sql`stopped`, span)} AS stopped_ms,
      ${momentSeq(sql`stopped`)} AS stopped_seq
    FROM (${chainsSql({ ...question, request })})
    WHERE ${droppedSql({ request, step })}
  ) AS stopped USING (unit)
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
