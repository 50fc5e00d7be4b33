import type { ClickHouse } from '../clickhouse/client.ts';
import { param, type Sql, sql } from '../clickhouse/sql.ts';
import type { TimelineEvent } from '../contract/abandonment.ts';
import { fromTimestamp } from '../contract/row.ts';

/*
 * What did a person do on the website, and what did servers tell of it, a page of it at a time?
 *
 * One row for each event, newest first, but `engagement` and `form_field`, which only accompany others, and what the ledger itself has
 * told: that is in the ledger.
 *   ts seq page_id          when, and which
 *   name path host title props
 */

export interface WebEventsQuestion {
  siteId: number;
  /** All visitors of the person, decimal UInt64. */
  visitorIds: readonly string[];
  /** Only what came before this event, or where it has no place, at or before the time. */
  before?: WebEventPlace | undefined;
  limit: number;
}

export interface WebEventPlace {
  atMs: number;
  seq?: number | undefined;
  page?: string | undefined;
}

export interface WebEvent extends TimelineEvent {
  place: Required<WebEventPlace>;
}

interface Row {
  ts: string;
  seq: number;
  page_id: string;
  name: string;
  path: string;
  host: string;
  title: string;
  props: Record<string, string>;
}

export function webEventsSql({ siteId, visitorIds, before, limit }: WebEventsQuestion): Sql {
  return sql`
SELECT ts, seq, toString(page_id) AS page_id, name, path, host, title, props
FROM events
WHERE site_id = ${param.uint32(siteId)} AND visitor_id IN ${param.uint64s(visitorIds)}
  AND name NOT IN ('engagement', 'form_field') AND NOT mapContains(props, 'lead_event')
  AND ${beforeSql(before)}
ORDER BY ts DESC, seq DESC, events.page_id DESC
LIMIT ${param.uint32(limit)}`;
}

function beforeSql(before: WebEventPlace | undefined): Sql {
  if (!before) return sql`1`;
  const at = param.dateTime(before.atMs);
  const day = sql`toDate(ts) <= toDate(${at}) AND ts <= ${at}`;
  if (before.seq === undefined || before.page === undefined) return day;
  const place = sql`(ts, seq, events.page_id) < (${at}, ${param.uint32(before.seq)}, toUInt64(${param.string(before.page)}))`;
  return sql`${day} AND ${place}`;
}

export async function webEvents(clickhouse: ClickHouse, question: WebEventsQuestion): Promise<WebEvent[]> {
  if (question.visitorIds.length === 0) return [];
  const { rows } = await clickhouse.query<Row>(webEventsSql(question), { name: 'lead-web-events' });
  return rows.map(({ ts, seq, page_id, ...event }) => {
    const atMs = fromTimestamp(ts);
    return { at: new Date(atMs).toISOString(), ...event, place: { atMs, seq, page: page_id } };
  });
}
