import type { ClickHouse } from '../clickhouse/client.ts';
import { param, type Sql, sql } from '../clickhouse/sql.ts';
import { withinSql } from './range.ts';

/*
 * Can this one event be found?
 *
 * One row:
 *   count   events of the page view with this number at this instant: 1 as soon as it is stored, before that 0
 */

export interface StoredEventQuestion {
  siteId: number;
  atMs: number;
  pageId: string;
  seq: number;
}

export function storedEventSql({ siteId, atMs, pageId, seq }: StoredEventQuestion): Sql {
  return sql`
SELECT toFloat64(count()) AS count
FROM events
WHERE ${withinSql(siteId, { fromMs: atMs, toMs: atMs + 1 })}
  AND page_id = ${param.uint64(pageId)} AND seq = ${param.uint32(seq)}`;
}

export async function isStored(clickhouse: ClickHouse, question: StoredEventQuestion): Promise<boolean> {
  const { rows } = await clickhouse.query<{ count: number }>(storedEventSql(question), { name: 'stored-event' });
  return (rows[0]?.count ?? 0) > 0;
}
