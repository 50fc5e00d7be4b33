import type { AbandonmentData } from '../../contract/webhooks.ts';
import { salonPaths } from '../salon/paths.ts';
import { treatments } from '../salon/treatments.ts';

/** Slug of the treatment an abandonment is about: the one being booked, else the last one whose page was seen, else null. */
export function lookedAt(data: Partial<Pick<AbandonmentData, 'intent' | 'viewed'>>): string | null {
  const booked = treatments.find((treatment) => treatment.title === data.intent?.props?.treatment);
  if (booked) return booked.slug;
  for (const view of (data.viewed ?? []).toReversed()) {
    const seen = treatments.find((treatment) => salonPaths.treatment(treatment.slug) === view.path);
    if (seen) return seen.slug;
  }
  return null;
}
