import type { ClickHouse } from '../clickhouse/client.ts';
import { param, type Sql, sql } from '../clickhouse/sql.ts';
import type { TimelineEvent } from '../contract/abandonment.ts';
import { fromTimestamp } from '../contract/row.ts';
import { withinSql } from './range.ts';

/*
 * What did one person do in a span of time?
 *
 * One row for each event, oldest first, but `engagement`, which only says that a page stayed open:
 *   ts                      when, UTC
 *   name path host title    what and where
 *   props                   its properties
 *
 * Where there are more than `limit`, the latest are given.
 */

export interface TimelineQuestion {
  siteId: number;
  /** All visitors of the person, decimal UInt64. */
  visitorIds: readonly string[];
  fromMs: number;
  toMs: number;
  limit: number;
}

interface TimelineRow {
  ts: string;
  name: string;
  path: string;
  host: string;
  title: string;
  props: Record<string, string>;
}

export function timelineSql({ siteId, visitorIds, fromMs, toMs, limit }: TimelineQuestion): Sql {
  return sql`
SELECT ts, name, path, host, title, props
FROM events
WHERE ${withinSql(siteId, { fromMs, toMs })} AND visitor_id IN ${param.uint64s(visitorIds)} AND name != 'engagement'
ORDER BY ts DESC, seq DESC, page_id DESC
LIMIT ${param.uint32(limit)}`;
}

export async function timeline(clickhouse: ClickHouse, question: TimelineQuestion): Promise<TimelineEvent[]> {
  const { rows } = await clickhouse.query<TimelineRow>(timelineSql(question), { name: 'timeline' });
  return rows.reverse().map(({ ts, ...event }) => ({ at: new Date(fromTimestamp(ts)).toISOString(), ...event }));
}
