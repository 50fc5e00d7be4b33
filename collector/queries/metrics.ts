import { type Sql, sql } from '../clickhouse/sql.ts';
import type { Metric } from '../contract/names.ts';

export interface MetricEntry {
  unit: 'count' | 'rate' | 'seconds';
  /** In one sentence, for the docs and the dashboard. */
  meaning: string;
  /** `events`: counted over rows of `events`. `sessions`: over one row for each session, as `sessionsSql` makes it. */
  over: 'events' | 'sessions';
  value: Sql;
}

/** Everything that can be counted. `engagement` only says that a page stayed open, so it is not an event of its own. */
export const metricCatalogue: Record<Metric, MetricEntry> = {
  visitors: {
    unit: 'count',
    meaning: 'Different visitors with at least one event.',
    over: 'events',
    value: sql`toFloat64(uniqExact(visitor_id))`,
  },
  sessions: {
    unit: 'count',
    meaning: 'Visits: runs of events with no gap over 30 minutes. Counted when they begin.',
    over: 'sessions',
    value: sql`toFloat64(count())`,
  },
  pageviews: {
    unit: 'count',
    meaning: 'Page views.',
    over: 'events',
    value: sql`toFloat64(countIf(name = 'pageview'))`,
  },
  events: {
    unit: 'count',
    meaning: 'Events of every kind, page views included.',
    over: 'events',
    value: sql`toFloat64(count())`,
  },
  bounceRate: {
    unit: 'rate',
    meaning: 'Share of sessions with exactly one page view and no other event.',
    over: 'sessions',
    value: sql`toFloat64(if(count() = 0, 0, countIf(pageviews = 1 AND events = 1) / count()))`,
  },
  sessionSeconds: {
    unit: 'seconds',
    meaning: 'Average time from the first to the last sign of life of a session.',
    over: 'sessions',
    value: sql`if(count() = 0, 0, avg(duration_ms) / 1000)`,
  },
  engagedSeconds: {
    unit: 'seconds',
    meaning: 'Average time a session had a page in view and in use.',
    over: 'sessions',
    value: sql`if(count() = 0, 0, avg(engaged_ms) / 1000)`,
  },
};

/**
 * One row for each session of `rows` that has more than `engagement`: `session_id`, `visitor_id`, `started` (first event),
 * `pageviews`, `events`, `duration_ms` and `engaged_ms` (running totals of its page views, merged by maximum).
 */
export function sessionsSql(rows: Sql): Sql {
  return sql`
SELECT session_id, any(visitor_id) AS visitor_id, minIf(ts, name != 'engagement') AS started,
  countIf(name = 'pageview') AS pageviews, countIf(name != 'engagement') AS events,
  toUnixTimestamp64Milli(max(ts)) - toUnixTimestamp64Milli(min(ts)) AS duration_ms,
  arraySum(maxMapIf([page_id], [toUInt64(engaged_ms)], engaged_ms > 0).2) AS engaged_ms
FROM events
WHERE ${rows}
GROUP BY session_id
HAVING events > 0`;
}
