import { param, type Sql, sql } from '../clickhouse/sql.ts';
import type { Metric } from '../contract/names.ts';
import type { Span } from './range.ts';

export interface MetricEntry {
  unit: 'count' | 'rate' | 'seconds';
  /** In one sentence, for the docs and the dashboard. */
  meaning: string;
  /** `events`: counted over rows of `events`. `sessions`: over one row for each session, as `sessionsSql` gives it. */
  over: 'events' | 'sessions';
  value: Sql;
}

/** Everything that can be counted. `engagement` only says that a page stayed open, so it is not an event of its own. */
export const metricCatalogue: Record<Metric, MetricEntry> = {
  visitors: {
    unit: 'count',
    meaning: 'Different visitors who were there. With a filter on pages, events or properties: who did just that.',
    over: 'events',
    value: sql`toFloat64(uniqExact(visitor_id))`,
  },
  sessions: {
    unit: 'count',
    meaning: 'Visits: runs of events with no gap over 30 minutes. Counted when they begin.',
    over: 'sessions',
    value: sql`toFloat64(countIf(begins))`,
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
    value: sql`toFloat64(if(countIf(begins) = 0, 0, countIf(begins AND pageviews = 1 AND events = 1) / countIf(begins)))`,
  },
  sessionSeconds: {
    unit: 'seconds',
    meaning: 'Average time from the first to the last sign of life of a session.',
    over: 'sessions',
    value: sql`if(countIf(begins) = 0, 0, sumIf(toUnixTimestamp64Milli(ended) - toUnixTimestamp64Milli(started), begins) / countIf(begins) / 1000)`,
  },
  engagedSeconds: {
    unit: 'seconds',
    meaning: 'Average time a session had a page in view and in use.',
    over: 'sessions',
    value: sql`if(countIf(begins) = 0, 0, sumIf(engaged_ms, begins) / countIf(begins) / 1000)`,
  },
};

/**
 * One row for each session that is under way in the span, as one row of `sessions` each: `begins` says whether it also begins in
 * it, `engaged_ms` how long a page of it was in view and in use. Sessions of nothing but `engagement` are left out. Other columns: those
 * of `sessions`.
 */
export function sessionsSql({ siteId, span, kept }: { siteId: number; span: Span; kept: Sql }): Sql {
  return sql`
SELECT *, started >= ${param.dateTime(span.fromMs)} AS begins, arraySum(mapValues(engaged)) AS engaged_ms
FROM sessions FINAL
WHERE ${underWaySql(siteId, span)} AND ${kept}`;
}

/** Rows of `sessions` (0 gathers what is in none) with more than `engagement` that are under way in a span. Only true of whole sessions: read with FINAL. */
export function underWaySql(siteId: number, { fromMs, toMs }: Span): Sql {
  return sql`site_id = ${param.uint32(siteId)} AND started < ${param.dateTime(toMs)} AND ended >= ${param.dateTime(fromMs)} AND events > 0 AND session_id != 0`;
}
