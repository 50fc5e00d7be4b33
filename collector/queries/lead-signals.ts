import type { ClickHouse } from '../clickhouse/client.ts';
import { joinSql, literal, param, type Sql, sql } from '../clickhouse/sql.ts';
import type { Match } from '../contract/match.ts';
import { matchSql } from './match.ts';
import { type Span, withinSql } from './range.ts';

/*
 * When did these visitors do what the rules of the house ask about?
 *
 * One row for each visitor who did anything:
 *   visitor   who, decimal UInt64
 *   hits      for each match in its order, the newest events: (milliseconds since 1970, page_id.seq), newest first
 *   country region   of the last event, and when that was (last, milliseconds since 1970)
 */

export interface LeadSignalsQuestion {
  siteId: number;
  span: Span;
  /** Decimal UInt64. */
  visitorIds: readonly string[];
  matches: readonly Match[];
  /** For each match and visitor. */
  limit: number;
}

export interface VisitorSignals {
  visitor: string;
  hits: [atMs: number, id: string][][];
  country: string;
  region: string;
  last: number;
}

interface SignalsRow {
  visitor: string;
  hits: [number, string][][];
  country: string;
  region: string;
  last: number;
}

export function leadSignalsSql({ siteId, span, visitorIds, matches, limit }: LeadSignalsQuestion): Sql {
  const hit = sql`(-toFloat64(toUnixTimestamp64Milli(ts)), concat(toString(page_id), '.', toString(seq)))`;
  // Smallest first, and the time is negative: the newest.
  const lists = matches.map(
    (match) => sql`groupArraySortedIf(${literal(Math.trunc(limit))})(${hit}, ${matchSql(match)})`,
  );
  return sql`
SELECT toString(visitor_id) AS visitor, [${joinSql(lists, sql`, `)}] AS hits, argMax(country, ts) AS country, argMax(region, ts) AS region,
  toFloat64(toUnixTimestamp64Milli(max(ts))) AS last
FROM events
WHERE ${withinSql(siteId, span)} AND visitor_id IN ${param.uint64s(visitorIds)}
GROUP BY visitor_id`;
}

/** Visitors of whom nothing is known are left out. */
export async function leadSignals(clickhouse: ClickHouse, question: LeadSignalsQuestion): Promise<VisitorSignals[]> {
  if (question.visitorIds.length === 0 || question.matches.length === 0) return [];
  const { rows } = await clickhouse.query<SignalsRow>(leadSignalsSql(question), { name: 'lead-signals' });
  return rows.map(({ hits, ...row }) => ({ ...row, hits: hits.map((list) => list.map(([at, id]) => [-at, id])) }));
}
