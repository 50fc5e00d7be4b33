import type { ClickHouse } from '../clickhouse/client.ts';
import { param, type Sql, sql } from '../clickhouse/sql.ts';
import { fromTimestamp } from '../contract/row.ts';
import { withinSql } from './range.ts';

/*
 * Which pages did a person see last before a moment?
 *
 * One row for each page view of the 30 days before, at most `limit`, newest last:
 *   ts           when, UTC
 *   path title   of the page
 *   props        properties of the page view, where the site sends any
 */

export interface ViewedQuestion {
  siteId: number;
  /** All visitors of the person, decimal UInt64. */
  visitorIds: readonly string[];
  /** The moment itself is included. */
  beforeMs: number;
  limit: number;
}

export interface ViewedPage {
  path: string;
  title: string;
  at: string;
  props: Record<string, string>;
}

const lookBackMs = 30 * 86_400_000;

interface ViewedRow {
  ts: string;
  path: string;
  title: string;
  props: Record<string, string>;
}

export function viewedSql({ siteId, visitorIds, beforeMs, limit }: ViewedQuestion): Sql {
  return sql`
SELECT ts, path, title, props
FROM events
WHERE ${withinSql(siteId, { fromMs: beforeMs - lookBackMs, toMs: beforeMs + 1 })}
  AND visitor_id IN ${param.uint64s(visitorIds)} AND name = 'pageview'
ORDER BY ts DESC, seq DESC, page_id DESC
LIMIT ${param.uint32(limit)}`;
}

export async function viewed(clickhouse: ClickHouse, question: ViewedQuestion): Promise<ViewedPage[]> {
  const { rows } = await clickhouse.query<ViewedRow>(viewedSql(question), { name: 'viewed' });
  return rows.reverse().map(({ ts, path, title, props }) => ({
    path,
    title,
    at: new Date(fromTimestamp(ts)).toISOString(),
    props,
  }));
}
