import type { ClickHouse } from '../clickhouse/client.ts';
import { param, type Sql, sql } from '../clickhouse/sql.ts';
import type { EventRow } from '../contract/row.ts';
import { sessionGapMs } from '../ingest/session-book.ts';
import type { HistoryEvent } from './history-event.ts';

/** Time of the earliest and the latest, both included, ms. */
export interface Between {
  from: number;
  to: number;
}

/** An instant (ms) of each day in UTC of which ClickHouse has events of the site. On other days there is nothing to look up. */
export async function storedDays(clickhouse: Pick<ClickHouse, 'query'>, siteId: number): Promise<number[]> {
  const { rows } = await clickhouse.query<{ day: string }>(
    sql`SELECT toDate(ts) AS day FROM events WHERE site_id = ${param.uint32(siteId)} GROUP BY day`,
    { name: 'import: days with events' },
  );
  return rows.map(({ day }) => Date.parse(day));
}

/**
 * The keys of those events that ClickHouse has. An event's page id is the hash of its id, so ClickHouse knows for ever what it
 * was given, long after ingest's own memory of ids is gone: the same file, or one that overlaps, adds nothing a second time.
 */
export async function storedKeys(
  clickhouse: Pick<ClickHouse, 'query'>,
  siteId: number,
  events: readonly HistoryEvent[],
): Promise<Set<string>> {
  const dated = events.filter((event) => !isUndated(event));
  const undated = events.filter(isUndated);
  const groups: { scope: Sql; events: HistoryEvent[] }[] = [];
  if (dated.length > 0) groups.push({ scope: within(siteId, span(dated)), events: dated });
  // What came without a time was stored under the time of that import.
  if (undated.length > 0) groups.push({ scope: sql`site_id = ${param.uint32(siteId)}`, events: undated });

  const found = new Set<string>();
  for (const { scope, events: asked } of groups) {
    for (let start = 0; start < asked.length; start += askedAtOnce) {
      const ids = asked.slice(start, start + askedAtOnce).map(({ draft }) => draft.row.page_id);
      const { rows } = await clickhouse.query<Pick<EventRow, 'page_id' | 'seq'>>(
        sql`SELECT DISTINCT page_id, seq FROM events WHERE ${scope} AND page_id IN ${param.uint64s(ids)}`,
        { name: 'import: events that are there' },
      );
      for (const { page_id, seq } of rows) found.add(page_id).add(`${page_id}.${seq}`);
    }
  }
  return found;
}

/** What ClickHouse has of these visitors around that time, in order of time: the sessions that new events may belong to. */
export async function storedNeighbours(
  clickhouse: Pick<ClickHouse, 'query'>,
  siteId: number,
  around: Between & { visitors: readonly string[] },
): Promise<Partial<EventRow>[]> {
  const range = { from: around.from - lookBackMs, to: around.to + sessionGapMs };
  const neighbours: Partial<EventRow>[] = [];
  for (let start = 0; start < around.visitors.length; start += askedAtOnce) {
    const visitors = around.visitors.slice(start, start + askedAtOnce);
    const { rows } = await clickhouse.query<Partial<EventRow>>(
      sql`SELECT visitor_id, session_id, page_id, seq, ts, name, path, host, channel, source, medium, campaign, term, content, referrer
FROM events WHERE ${within(siteId, range)} AND visitor_id IN ${param.uint64s(visitors)} AND session_id != 0
ORDER BY ts, seq LIMIT 200000`,
      { name: 'import: sessions that are there' },
    );
    neighbours.push(...rows);
  }
  return neighbours;
}

export function span(events: readonly HistoryEvent[]): Between {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const { draft } of events) {
    if (draft.ts < from) from = draft.ts;
    if (draft.ts > to) to = draft.ts;
  }
  return { from, to };
}

/** Ids in one question; each is a query parameter of up to 21 bytes. */
const askedAtOnce = 5_000;

/** Longer sessions are rare; of those, the pages before this are not counted in `page_number`. */
export const lookBackMs = 6 * 60 * 60 * 1000;

/** Whether the time in its row is only that of this import. */
export function isUndated({ draft: { event, row } }: HistoryEvent): boolean {
  return event.at === undefined || row.clock_replaced === 1;
}

function within(siteId: number, { from, to }: Between): Sql {
  const [first, last] = [param.dateTime(from), param.dateTime(to)];
  return sql`site_id = ${param.uint32(siteId)} AND toDate(ts) BETWEEN toDate(${first}) AND toDate(${last}) AND ts BETWEEN ${first} AND ${last}`;
}
