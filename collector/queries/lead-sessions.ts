import type { ClickHouse } from '../clickhouse/client.ts';
import { param, type Sql, sql } from '../clickhouse/sql.ts';

/*
 * How often were these visitors on the website, and when last?
 *
 * One row for each visitor who was there:
 *   visitor    who, decimal UInt64
 *   sessions   how many
 *   lastMs     when the last one ended, milliseconds since 1970
 */

export interface LeadSessionsQuestion {
  siteId: number;
  /** Decimal UInt64. */
  visitorIds: readonly string[];
  /** Sessions that began before this. */
  toMs: number;
}

export interface LeadSessions {
  visitor: string;
  sessions: number;
  lastMs: number;
}

export function leadSessionsSql({ siteId, visitorIds, toMs }: LeadSessionsQuestion): Sql {
  return sql`
SELECT toString(visitor) AS visitor, toFloat64(count()) AS sessions, toFloat64(toUnixTimestamp64Milli(max(last))) AS lastMs
FROM (
  SELECT session_id, max(visitor_id) AS visitor, min(started) AS first, max(ended) AS last
  FROM sessions
  WHERE site_id = ${param.uint32(siteId)} AND session_id != 0 AND visitor_id IN ${param.uint64s(visitorIds)}
  GROUP BY session_id
)
WHERE first < ${param.dateTime(toMs)}
GROUP BY visitor`;
}

export async function leadSessions(clickhouse: ClickHouse, question: LeadSessionsQuestion): Promise<LeadSessions[]> {
  if (question.visitorIds.length === 0) return [];
  const { rows } = await clickhouse.query<LeadSessions>(leadSessionsSql(question), { name: 'lead-sessions' });
  return rows;
}
