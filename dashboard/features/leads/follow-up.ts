import { addDays, dateIn } from '../range/data.ts';

/** When to follow up, as people say it. */
export const followUps = [
  { name: 'Tomorrow', days: 1 },
  { name: 'In 3 days', days: 3 },
  { name: 'Next week', days: 7 },
] as const;

/** The date of a follow-up in the site's time zone. */
export function followUpOn(days: number, options: { timezone: string; now: number }): string {
  return addDays(dateIn(options.timezone, options.now), days);
}
