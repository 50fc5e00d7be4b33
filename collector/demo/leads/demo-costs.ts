import type { SourceCost } from '../../contract/roi.ts';
import { addDays } from '../visitors.ts';

/** What the salon has paid in the last month. The spring offer leads to a page that does not exist: money for hardly any lead. */
export function demoCosts(today: string): SourceCost[] {
  const month = { from: addDays(today, -30), to: addDays(today, 1), currency: 'EUR' };
  return [
    { ...month, source: 'google', campaign: 'berlin', amount: 380, note: 'Search ads' },
    { ...month, source: 'instagram', campaign: 'spring', amount: 260, note: 'Spring offer' },
    { ...month, source: 'newsletter', campaign: 'letter', amount: 45, note: 'Letter of the month' },
  ];
}
