import { type LeadView, leadView } from '../contract/lead-answers.ts';
import type { State } from './database.ts';
import { createSiteDefinitions, type SiteDefinitions } from './site-definitions.ts';

export type LeadViews = SiteDefinitions<LeadView>;

/** Lists of leads under a name. */
export function createLeadViews(state: State, now: () => number): LeadViews {
  return createSiteDefinitions(state, now, { table: 'lead_views', schema: leadView, most: 100 });
}
