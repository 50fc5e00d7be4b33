import type { ClickHouse } from '../clickhouse/client.ts';
import { param, type Sql, sql } from '../clickhouse/sql.ts';
import { type Span, withinSql } from './range.ts';

/*
 * Which pages did these visitors see in a span?
 *
 * One row for each visitor and path:
 *   visitor   who, decimal UInt64
 *   path      which page
 *   at id     when last, milliseconds since 1970; page_id.seq of that page view
 */

export interface LeadVisitsQuestion {
  siteId: number;
  span: Span;
  /** Decimal UInt64. */
  visitorIds: readonly string[];
}

export interface LeadVisit {
  visitor: string;
  path: string;
  at: number;
  id: string;
}

export function leadVisitsSql({ siteId, span, visitorIds }: LeadVisitsQuestion): Sql {
  return sql`
SELECT toString(visitor_id) AS visitor, path, toFloat64(toUnixTimestamp64Milli(max(ts))) AS at,
  argMax(concat(toString(page_id), '.', toString(seq)), ts) AS id
FROM events
WHERE ${withinSql(siteId, span)} AND visitor_id IN ${param.uint64s(visitorIds)} AND name = 'pageview'
GROUP BY visitor_id, path`;
}

export async function leadVisits(clickhouse: ClickHouse, question: LeadVisitsQuestion): Promise<LeadVisit[]> {
  if (question.visitorIds.length === 0) return [];
  const { rows } = await clickhouse.query<LeadVisit>(leadVisitsSql(question), { name: 'lead-visits' });
  return rows;
}
