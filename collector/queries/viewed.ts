import type { ClickHouse } from '../clickhouse/client.ts';
import { Parameter, param, type Sql, sql } from '../clickhouse/sql.ts';
import { fromTimestamp } from '../contract/row.ts';
import { withinSql } from './range.ts';

/*
 * Which pages did visitors see last, each before a moment of their own?
 *
 * One row for each page view of the week before the earliest of these moments, at most `limit` for each visitor, newest last:
 *   visitor      who, decimal UInt64
 *   ts           when, UTC
 *   path title   of the page
 *   props        properties of the page view, where the site sends any
 */

export interface ViewedQuestion {
  siteId: number;
  /** Visitor (decimal UInt64) → the moment, milliseconds; the moment itself is included. */
  before: ReadonlyMap<string, number>;
  /** For each visitor. */
  limit: number;
}

export interface ViewedPage {
  path: string;
  title: string;
  at: string;
  props: Record<string, string>;
}

/** A page seen longer ago is not what somebody was about to book. */
const lookBackMs = 7 * 86_400_000;

interface ViewedRow {
  visitor: string;
  ts: string;
  path: string;
  title: string;
  props: Record<string, string>;
}

export function viewedSql({ siteId, before, limit }: ViewedQuestion): Sql {
  const visitors = param.uint64s([...before.keys()]);
  const moments = [...before.values()];
  return sql`
SELECT toString(visitor_id) AS visitor, ts, path, title, props
FROM events
WHERE ${withinSql(siteId, { fromMs: Math.min(...moments) - lookBackMs, toMs: Math.max(...moments) + 1 })}
  AND visitor_id IN ${visitors} AND name = 'pageview'
  AND toUnixTimestamp64Milli(ts) <= transform(visitor_id, ${visitors}, ${new Parameter('Array(Int64)', moments)}, toInt64(0))
ORDER BY visitor_id, ts DESC, seq DESC, page_id DESC
LIMIT ${param.uint32(limit)} BY visitor_id`;
}

/** Visitors without a page view are left out. */
export async function viewed(clickhouse: ClickHouse, question: ViewedQuestion): Promise<Map<string, ViewedPage[]>> {
  const pages = new Map<string, ViewedPage[]>();
  if (question.before.size === 0) return pages;
  const { rows } = await clickhouse.query<ViewedRow>(viewedSql(question), { name: 'viewed' });
  for (const { visitor, ts, path, title, props } of rows.reverse()) {
    const page = { path, title, at: new Date(fromTimestamp(ts)).toISOString(), props };
    const known = pages.get(visitor);
    if (known) known.push(page);
    else pages.set(visitor, [page]);
  }
  return pages;
}

/** The pages that one person saw last before a moment, over all their visitors, newest last. */
export async function viewedByPerson(
  clickhouse: ClickHouse,
  question: { siteId: number; visitorIds: readonly string[]; beforeMs: number; limit: number },
): Promise<ViewedPage[]> {
  const { siteId, visitorIds, beforeMs, limit } = question;
  const before = new Map(visitorIds.map((visitor) => [visitor, beforeMs]));
  return lastPages(await viewed(clickhouse, { siteId, before, limit }), { visitorIds, beforeMs, limit });
}

/** Of what several visitors saw, the pages that they as one person saw last before a moment. */
export function lastPages(
  pages: ReadonlyMap<string, readonly ViewedPage[]>,
  { visitorIds, beforeMs, limit }: { visitorIds: readonly string[]; beforeMs: number; limit: number },
): ViewedPage[] {
  const before = new Date(beforeMs).toISOString();
  const own = visitorIds.flatMap((visitor) => pages.get(visitor) ?? []).filter(({ at }) => at <= before);
  return own.toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0)).slice(-limit);
}
