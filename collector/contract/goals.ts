import * as z from 'zod';
import type { StoredGoal } from './manage.ts';
import { filters } from './match.ts';
import { range } from './time.ts';

/** Body of `POST /sites/SITE/goals/report`. */
export const goalReportRequest = range.extend({
  filters: filters.optional(),
  compare: z.enum(['previous', 'year']).optional(),
});
export type GoalReportRequest = z.infer<typeof goalReportRequest>;

export interface GoalResult {
  /** Matching events. */
  conversions: number;
  /** Different visitors with at least one. */
  units: number;
  /** 0–1: `units` of all visitors of the range (of those the filters keep). */
  rate: number;
  /** Sum of the events' own values, and of the goal's value for events without one; null where neither is known. */
  value: number | null;
}

export interface GoalReportAnswer {
  /** All visitors of the range: what the rates are of. */
  visitors: number;
  /** In the order of the goals. */
  goals: { goal: StoredGoal; result: GoalResult }[];
  comparison?: { from: string; to: string; visitors: number; goals: { id: string; result: GoalResult }[] };
  elapsedMs: number;
  rowsRead: number;
}
