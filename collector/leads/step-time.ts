import { isDate } from '../contract/time.ts';
import { addDays, toInstant } from '../queries/range.ts';
import type { LedgerSite } from './record.ts';

/** Milliseconds of an instant, or of the beginning of a day in the site's zone. */
export function momentOf(text: string, { timezone }: Pick<LedgerSite, 'timezone'>): number {
  return toInstant(text, timezone);
}

/** Until when something is to be done: an instant, or the end of a day in the site's zone. */
export function endOfStep(text: string, { timezone }: Pick<LedgerSite, 'timezone'>): number {
  if (!isDate(text)) return toInstant(text, timezone);
  return toInstant(addDays(text, 1), timezone) - 1;
}
