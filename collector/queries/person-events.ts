import type { ClickHouse } from '../clickhouse/client.ts';
import { literal, param, type Sql, sql } from '../clickhouse/sql.ts';

/*
 * Everything that is stored of a person's events: all columns, oldest first, at most 100,000 (the latest of them).
 */

const most = 100_000;

export function personEventsSql({ siteId, visitorIds }: { siteId: number; visitorIds: readonly string[] }): Sql {
  return sql`
SELECT * FROM events
WHERE site_id = ${param.uint32(siteId)} AND visitor_id IN ${param.uint64s(visitorIds)}
ORDER BY ts DESC, seq DESC, page_id DESC
LIMIT ${literal(most)}`;
}

export async function personEvents(
  clickhouse: ClickHouse,
  question: { siteId: number; visitorIds: readonly string[] },
): Promise<Record<string, unknown>[]> {
  if (question.visitorIds.length === 0) return [];
  const { rows } = await clickhouse.query<Record<string, unknown>>(personEventsSql(question), {
    name: 'person-events',
  });
  return rows.reverse();
}
