import { expect, test } from 'vitest';
import { findStandingLeaks } from '../../collector/leaks/find-standing-leaks.ts';
import type { Place, PlaceCounts } from '../../collector/queries/leaks-counts.ts';

const form: Place = {
  kind: 'field',
  where: '',
  from: { event: 'form_start', props: { form: 'Quote' } },
  to: { event: 'form_submit', props: { form: 'Quote' } },
  later: [],
  value: null,
  lost: 'missing-to',
};
const series = (dimension: string, value: string, reached: number, lost: number) => ({
  dimension,
  value,
  reached: [reached],
  lost: [lost],
  skipped: [0],
  won: [0],
});
const field = (name: string, lost: number): PlaceCounts => ({
  place: { ...form, where: `Quote · ${name}` },
  series: [series('', '', 1_000, lost)],
});

test('standing leaks: one field at which four times as many give up as at the others of its form', () => {
  const counts = [field('name', 40), field('email', 60), field('phone', 200)];
  const found = findStandingLeaks(counts, new Set(), 100);
  // The other two: (40 + 60) of 2,000.
  expect(found).toMatchObject([{ place: { where: 'Quote · phone' }, segment: null, baseline: 0.05 }]);
});

test('standing leaks: phones that are lost far more often than everything else, and countries never', () => {
  const place: Place = { ...form, kind: 'step', where: 'booking_start' };
  const whole = series('', '', 1_000, 330);
  const counts = [
    {
      place,
      series: [
        whole,
        series('device', 'mobile', 500, 250),
        series('device', 'desktop', 500, 80),
        series('country', 'AT', 500, 250),
      ],
    },
  ];
  expect(findStandingLeaks(counts, new Set(), 100)).toMatchObject([
    { segment: { dimension: 'device', value: 'mobile' }, baseline: 0.16 },
  ]);
  expect(findStandingLeaks(counts, new Set([place]), 100)).toEqual([]);
});

test('standing leaks: fields that differ a little are as people are', () => {
  expect(findStandingLeaks([field('name', 50), field('email', 60), field('phone', 90)], new Set(), 100)).toEqual([]);
});
