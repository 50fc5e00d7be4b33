import { type Annotation, annotation } from '../contract/manage.ts';
import type { State } from './database.ts';
import { createSiteDefinitions, type SiteDefinitions } from './site-definitions.ts';

export type Annotations = SiteDefinitions<Annotation>;

/** Notes at a day, shown on the charts. */
export function createAnnotations(state: State, now: () => number): Annotations {
  return createSiteDefinitions(state, now, { table: 'annotations', schema: annotation, most: 1_000 });
}
