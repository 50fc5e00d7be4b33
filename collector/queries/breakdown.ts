import type { ClickHouse } from '../clickhouse/client.ts';
import { param, type Sql, sql } from '../clickhouse/sql.ts';
import type { Metric } from '../contract/names.ts';
import type { BreakdownAnswer, BreakdownRequest } from '../contract/overview.ts';
import { type DimensionEntry, dimensionEntry } from './dimensions.ts';
import { areAboutEvents, filterSql, sessionFilterSql } from './filters.ts';
import { metricCatalogue, sessionsSql } from './metrics.ts';
import { notEngagement, visitorsOwnSql } from './own-events.ts';
import { toSpan, withinSql } from './range.ts';

/*
 * Where do visitors come from, what do they look at, what do they use: one dimension, its values ranked by one metric?
 *
 * One row for each value of the dimension, the greatest metric first:
 *   key                                   the value; empty where there is none
 *   visitors sessions pageviews events    of what has this value
 *   value                                 the metric asked for; session metrics over the sessions that hold the value
 *   total                                 different values in all
 *
 * What a visit brings (country, source …) and its first and last page are asked of whole sessions: visitors there, sessions that
 * begin in the range, and their page views and events. What differs between events (path, event, property) is asked of the events
 * in the range, and so is everything where a filter is about events; a session then counts for every value it holds. Events that
 * cannot have the dimension are left out: those without a page from `path`, those without the property from `prop:KEY`, sessions
 * without a page view from `entry_path` and `exit_path`.
 */

export interface BreakdownQuestion {
  siteId: number;
  timezone: string;
  request: BreakdownRequest;
}

type BreakdownRow = BreakdownAnswer['items'][number] & { total: number };

export function breakdownSql({ siteId, timezone, request }: BreakdownQuestion): Sql {
  const span = toSpan(request, timezone);
  const rows = withinSql(siteId, span);
  const entry = dimensionEntry(request.dimension);
  const sessions = sessionsSql({ siteId, span, kept: sessionFilterSql(request.filters, rows) });
  if (entry.scope === 'session' || (entry.scope === 'visit' && !areAboutEvents(request.filters))) {
    return bySessionsSql(entry, { request, sessions });
  }
  const column = columnOf[request.metric];
  const kept = sql`${rows} AND ${notEngagement} AND ${visitorsOwnSql} AND ${filterSql(request.filters, { keep: 'events', rows })} AND ${entry.carried ?? sql`1`}`;
  // The sessions that hold a key, each once.
  const rated = sql`
LEFT JOIN (
  SELECT key, ${metricCatalogue[request.metric].value} AS rate
  FROM (SELECT DISTINCT toString(${entry.value}) AS key, session_id FROM events WHERE ${kept}) AS held
  INNER JOIN (${sessions}) AS whole USING (session_id)
  GROUP BY key
) AS rated USING (key)`;
  return sql`
SELECT key, visitors, sessions, toFloat64(views) AS pageviews, toFloat64(acts) AS events, ${column ?? sql`rate`} AS value,
  toFloat64(count() OVER ()) AS total
FROM (
  SELECT toString(${entry.value}) AS key, toFloat64(uniqExact(visitor_id)) AS visitors, toFloat64(uniqExact(session_id)) AS sessions,
    countIf(name = 'pageview') AS views, count() AS acts
  FROM events
  WHERE ${kept}
  GROUP BY key
) AS counted
${column ? sql`` : rated}
ORDER BY value DESC, visitors DESC, key
LIMIT ${param.uint32(request.limit)}`;
}

function bySessionsSql(
  entry: DimensionEntry,
  { request, sessions }: { request: BreakdownRequest; sessions: Sql },
): Sql {
  const column = columnOf[request.metric];
  return sql`
SELECT key, visitors, sessions, toFloat64(views) AS pageviews, toFloat64(acts) AS events,
  ${column ?? sql`metric`} AS value, toFloat64(count() OVER ()) AS total
FROM (
  SELECT toString(${entry.ofSession ?? entry.value}) AS key, toFloat64(uniqExact(visitor_id)) AS visitors,
    toFloat64(countIf(begins)) AS sessions, sumIf(pageviews, begins) AS views, sumIf(events, begins) AS acts,
    ${column ? sql`0` : metricCatalogue[request.metric].value} AS metric
  FROM (${sessions})
  ${entry.scope === 'session' ? sql`WHERE pageviews > 0` : sql``}
  GROUP BY key
)
ORDER BY value DESC, visitors DESC, key
LIMIT ${param.uint32(request.limit)}`;
}

/** The metrics that are columns of every row anyway; null: a look at the whole sessions is needed. */
const columnOf: Record<Metric, Sql | null> = {
  visitors: sql`visitors`,
  sessions: sql`sessions`,
  pageviews: sql`pageviews`,
  events: sql`events`,
  bounceRate: null,
  sessionSeconds: null,
  engagedSeconds: null,
};

export async function breakdown(clickhouse: ClickHouse, question: BreakdownQuestion): Promise<BreakdownAnswer> {
  const { rows } = await clickhouse.query<BreakdownRow>(breakdownSql(question), { name: 'breakdown' });
  const total = rows[0]?.total ?? 0;
  return { items: rows.map(({ total: _, ...item }) => item), total, ...(total > rows.length ? { cut: true } : {}) };
}
