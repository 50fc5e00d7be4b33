import type { AbandonmentsSummary } from '../../../collector/contract/abandonment.ts';
import type { Reached } from '../leaks/data.ts';

type Figure = keyof AbandonmentsSummary & keyof AbandonmentsSummary['trend'][number];

/** The numbers of the line, and the list that each opens. */
export const caseFigures: { field: Figure; words: string; help: string; reached: Reached }[] = [
  {
    field: 'abandoned',
    words: 'abandoned',
    help: 'Showed intent in this range and did not finish within the wait of a rule.',
    reached: 'abandoned',
  },
  { field: 'notified', words: 'followed up', help: 'Of these, a message about them arrived.', reached: 'notified' },
  {
    field: 'recovered',
    words: 'recovered',
    help: 'Of the abandoned, finished later, with or without a message.',
    reached: 'recovered',
  },
  {
    field: 'recoveredValue',
    words: 'recovered money',
    help: 'What the recovered were worth when they finished.',
    reached: 'recovered',
  },
];

/** Points of a small line in a box of 100 × 100, from the upper left corner. A flat line lies at the bottom. */
export function sparkline(values: readonly number[]): string {
  const most = Math.max(1e-9, ...values);
  const last = Math.max(1, values.length - 1);
  return values.map((value, index) => `${round((100 * index) / last)},${round(100 - (100 * value) / most)}`).join(' ');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
