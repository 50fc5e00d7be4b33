import { type Goal, goal, type StoredGoal } from '../contract/manage.ts';
import type { State } from './database.ts';
import { createSiteDefinitions, type SiteDefinitions } from './site-definitions.ts';

/** Every goal of a site is counted in one query, so there is a bound. */
const goalsPerSite = 50;

export type Goals = SiteDefinitions<Goal>;

/** Events and pages that count as conversions. */
export function createGoals(state: State, now: () => number): Goals {
  return createSiteDefinitions(state, now, { table: 'goals', schema: goal, most: goalsPerSite });
}

/** For parts that only read them. Oldest first. */
export function listGoals(state: State, siteId: number): Promise<StoredGoal[]> {
  return createGoals(state, () => 0).list(siteId);
}
