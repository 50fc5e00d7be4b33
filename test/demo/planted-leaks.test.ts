import { expect, test } from 'vitest';
import { byVisitor, countFunnel } from '../../collector/demo/count-funnel.ts';
import { funnelsOf, plantedLeaks, referenceDay } from '../../collector/demo/planted-leaks.ts';
import { visits } from '../../collector/demo/visitors.ts';

const all = byVisitor(visits(referenceDay));

/** Visitors at each step, the ranges added up. */
function count(today: string, leak: string, measure: number, people = all): number[] {
  const found = plantedLeaks.find(({ id }) => id === leak)?.measures[measure];
  if (!found) throw new Error(`${leak} has no measure ${measure}`);
  return funnelsOf(found, today)
    .map((funnel) => countFunnel(people, funnel))
    .reduce((sum, counts) => sum.map((value, index) => value + (counts[index] ?? 0)));
}

const lostShare = ([first = 0, second = 0]: number[]) => 1 - second / first;

test.each(
  plantedLeaks.flatMap((leak) => leak.measures.map((measure, index) => [leak.id, measure.name, index] as const)),
)('%s: "%s" is as many people as written down', (id, _name, index) => {
  const measure = plantedLeaks.find((leak) => leak.id === id)?.measures[index];
  expect(count(referenceDay, id, index)).toEqual(measure?.expected);
});

test.each(['2026-06-30', '2026-11-22', '2027-02-05'])('on %s every planted leak stands out', (today) => {
  const people = byVisitor(visits(today));
  const share = (leak: string, measure: number) => lostShare(count(today, leak, measure, people));
  expect(share('phone-date-picker', 0)).toBeGreaterThan(2.3 * share('phone-date-picker', 1));
  expect(share('phone-date-picker', 0)).toBeGreaterThan(2.3 * share('phone-date-picker', 2));
  expect(share('spring-offer', 1)).toBeGreaterThan(0.9);
  expect(share('spring-offer', 2)).toBeLessThan(0.85);
  expect(1 - share('quote-phone-field', 0)).toBeGreaterThan(0.33);
  expect(share('weekend-prices', 0)).toBeGreaterThan(1.7 * share('weekend-prices', 1));
});
