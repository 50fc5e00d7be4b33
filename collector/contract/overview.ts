import * as z from 'zod';
import { limits } from './limits.ts';
import { filters } from './match.ts';
import { type DropReason, dimensions, intervals, type Metric, metrics } from './names.ts';
import { range } from './time.ts';

/** Body of `POST /sites/SITE/overview`. */
export const overviewRequest = range.extend({
  interval: z.enum(intervals).optional(),
  filters: filters.optional(),
  compare: z.enum(['previous', 'year']).optional(),
});
export type OverviewRequest = z.infer<typeof overviewRequest>;

/** Units: counts; `bounceRate` 0–1; `sessionSeconds` and `engagedSeconds` are averages per session, seconds. */
export type Totals = Record<Metric, number>;

/** Events that were turned away for one reason. A whole request that was turned away counts as one. */
export interface DroppedCount {
  reason: DropReason;
  count: number;
}

export interface OverviewAnswer {
  interval: (typeof intervals)[number];
  totals: Totals;
  /** One entry for every interval of the range, zeros included. `at` is the interval's start, ISO 8601 UTC. */
  series: ({ at: string } & Totals)[];
  comparison?: { from: string; to: string; totals: Totals; series: ({ at: string } & Totals)[] };
  /**
   * What arrived in the range and was not kept, the most frequent reason first: by the server's clock, in whole quarters of an hour,
   * whatever the filters. Up to a few seconds old; a killed process takes its last seconds with it.
   */
  dropped?: DroppedCount[];
  elapsedMs: number;
  rowsRead: number;
}

/** Body of `POST /sites/SITE/breakdown`. */
export const breakdownRequest = range.extend({
  dimension: z.union([z.enum(dimensions), z.templateLiteral(['prop:', z.string().min(1)])]),
  metric: z.enum(metrics).default('visitors'),
  filters: filters.optional(),
  limit: z.int().min(1).max(limits.breakdownRows).default(10),
});
export type BreakdownRequest = z.infer<typeof breakdownRequest>;

export interface BreakdownAnswer {
  /** Best first. `key` is empty where the event carries no value. */
  items: ({ key: string } & Pick<Totals, 'visitors' | 'sessions' | 'pageviews' | 'events'> & { value: number })[];
  /** Different keys in all, of which `items` shows the first `limit`. */
  total: number;
  /** There are more keys than `items` shows. */
  cut?: true;
}

/** Answer of `GET /sites/SITE/realtime`. */
export interface RealtimeAnswer {
  /** Visitors of the last 5 minutes. */
  visitors: number;
  /** Page views a minute, the last 30 minutes, oldest first. */
  minutes: { at: string; pageviews: number }[];
  pages: { path: string; visitors: number }[];
}

/** One line of the live list (`GET /sites/SITE/live`, server-sent events): kept or dropped, with the reason. */
export interface LiveEvent {
  at: string;
  name: string;
  path: string;
  host: string;
  country: string;
  device: string;
  source: string;
  dropped?: { reason: string; detail?: string };
}

/** Answer of `GET /sites/SITE/seen`: what the funnel builder suggests. */
export interface SeenAnswer {
  pages: { path: string; count: number }[];
  events: { name: string; count: number }[];
}

/** Answer of `GET /sites/SITE/progress/ID`: a question under way, over all statements it consists of at this moment. */
export interface ProgressAnswer {
  rowsRead: number;
  /** Rows to read in all, as far as ClickHouse knows; never less than `rowsRead`. */
  rowsTotal: number;
  elapsedMs: number;
  /** Statements that run; 0 when the question is over, not begun, or not of this site. */
  queries: number;
}

/** Answer of `GET /sites/SITE/seen/props?event=NAME`: what an event can be broken down by. */
export interface SeenPropsAnswer {
  /** Most frequent first, of the last 30 days. */
  items: { key: string; count: number }[];
}
