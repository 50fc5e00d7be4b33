import { type Segment, segment } from '../contract/manage.ts';
import type { State } from './database.ts';
import { createSiteDefinitions, type SiteDefinitions } from './site-definitions.ts';

export type Segments = SiteDefinitions<Segment>;

/** Filters under a name, usable in every report. */
export function createSegments(state: State, now: () => number): Segments {
  return createSiteDefinitions(state, now, { table: 'segments', schema: segment, most: 200 });
}
