import type { ClickHouse } from '../clickhouse/client.ts';
import { param, sql } from '../clickhouse/sql.ts';
import { limits } from '../contract/limits.ts';
import { fromTimestamp } from '../contract/row.ts';
import type { CaseRow, IntentRow } from '../state/cases.ts';

const columns = sql`
  toString(received_at) AS received_at, site_id, toString(ts) AS ts, seq, toString(visitor_id) AS visitor_id,
  toString(session_id) AS session_id, toString(page_id) AS page_id, name, path, host, origin, title, props,
  toFloat64(value) AS value, currency, country, device, channel, source, medium, campaign, referrer, persistent`;

/**
 * Which events that a rule asks about have arrived in (afterMs, throughMs]? All sites at once, in the order they happened, by
 * (ts, seq). At most about `limit` rows: `throughMs` of the answer is how far it got, and no row up to there is missing.
 */
export async function scanArrivals(
  clickhouse: ClickHouse,
  range: { afterMs: number; throughMs: number; limit: number },
): Promise<{ rows: IntentRow[]; throughMs: number }> {
  // TRICKY: an alias may not be named like the column it is made of and be compared with the column, so the table is read in an
  // inner query. WITH TIES keeps the rows of one millisecond together.
  const { rows } = await clickhouse.query<IntentRow>(
    sql`SELECT ${columns} FROM (
      SELECT * FROM intents
      WHERE received_at > ${param.dateTime(range.afterMs)} AND received_at <= ${param.dateTime(range.throughMs)}
      ORDER BY received_at LIMIT ${param.uint32(range.limit)} WITH TIES
    )`,
    { name: 'detection: arrivals' },
  );
  const lastMs = rows.reduce((latest, row) => Math.max(latest, fromTimestamp(row.received_at)), 0);
  return { rows: inOrder(rows), throughMs: rows.length < range.limit ? range.throughMs : lastMs };
}

/**
 * The earliest moment at which a completion of the case can have arrived, milliseconds. It happened after the intent, and no
 * browser's clock is believed that is further ahead than this. Usually that is the arrival of the intent; where the intent was held
 * back, its completion may have been here first.
 */
export function earliestCompletion(row: Pick<CaseRow, 'occurred_at'>): number {
  return Date.parse(row.occurred_at) - limits.clockAheadMs;
}

/** Nobody who acts himself causes more in one wait, and a flood must not be able to stop the whole site's detection. */
const mostOfVisitor = 300;

/** Everything of these visitors (of a flood the newest) that a rule asks about and that arrived in [fromMs, throughMs], by (ts, seq). */
export async function scanVisitors(
  clickhouse: ClickHouse,
  options: {
    siteIds: readonly number[];
    visitorIds: readonly string[];
    fromMs: number;
    throughMs: number;
    signal?: AbortSignal;
  },
): Promise<IntentRow[]> {
  if (options.visitorIds.length === 0) return [];
  const { rows } = await clickhouse.query<IntentRow>(
    sql`SELECT ${columns} FROM (
      SELECT * FROM intents
      WHERE received_at >= ${param.dateTime(options.fromMs)}
        AND received_at <= ${param.dateTime(options.throughMs)}
        AND site_id IN ${param.uint32s(options.siteIds)}
        AND visitor_id IN ${param.uint64s(options.visitorIds)}
      ORDER BY received_at DESC LIMIT ${param.uint32(mostOfVisitor)} BY site_id, visitor_id
    )`,
    { name: 'detection: completions', ...(options.signal ? { signal: options.signal } : {}) },
  );
  return inOrder(rows);
}

/** By (ts, seq): as it happened. */
export function inOrder(rows: readonly IntentRow[]): IntentRow[] {
  return rows.toSorted((a, b) => (a.ts < b.ts ? -1 : a.ts > b.ts ? 1 : a.seq - b.seq));
}
