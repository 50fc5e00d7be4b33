import { expect, test } from 'vitest';
import { chanceOf, changeAt, findChange } from '../../collector/leaks/find-change.ts';

const days = (count: number, of: (day: number) => number) => Array.from({ length: count }, (_, day) => of(day));

test('change: 20 of 100 are lost a day, from day 30 on 40: found on day 30, with 20 too many a day', () => {
  const change = findChange({ reached: days(40, () => 100), lost: days(40, (day) => (day < 30 ? 20 : 40)) });
  expect(change).toMatchObject({ since: 30, reached: 1_000, lost: 400 });
  expect(change?.expected).toBeCloseTo(200, 6);
  expect(change?.z).toBeGreaterThan(10);
});

test('change: an improvement is none', () => {
  expect(findChange({ reached: days(40, () => 100), lost: days(40, (day) => (day < 30 ? 40 : 20)) })).toBeNull();
});

test('change: worse weekends are expected when weekends have always been worse', () => {
  // 20 % from Monday to Friday, 40 % on the other two: ending with a weekend is no change.
  const lost = days(49, (day) => (day % 7 < 5 ? 20 : 40));
  const change = changeAt({ reached: days(49, () => 100), lost }, 47);
  // (6·40 + 60·0.251)/(6·100 + 60) of 200 people: a little everyday behaviour is mixed in.
  expect(change?.lost).toBe(80);
  expect(change?.expected).toBeCloseTo(77.3, 1);
  expect(change?.z).toBeLessThan(1);
});

test('change: nothing can be said of two bad days, of two weeks of data, or of a handful of people', () => {
  expect(findChange({ reached: days(16, () => 100), lost: days(16, (day) => (day < 14 ? 20 : 80)) })).toBeNull();
  expect(findChange({ reached: days(14, () => 100), lost: days(14, () => 20) })).toBeNull();
  expect(findChange({ reached: days(40, () => 1), lost: days(40, (day) => (day < 30 ? 0 : 1)) })).toBeNull();
});

test('change: the same rise proves less where the days have always been restless', () => {
  const reached = days(40, () => 100);
  const calm = findChange({ reached, lost: days(40, (day) => (day < 30 ? 20 : 30)) });
  const restless = findChange({ reached, lost: days(40, (day) => (day < 30 ? 20 : 30) + (day % 2 ? 12 : -12)) });
  expect(restless?.dispersion).toBeGreaterThan(3);
  expect(restless?.z ?? 0).toBeLessThan((calm?.z ?? 0) / 1.5);
});

test('change: the best of forty-five first days is likelier to impress by chance than a single one', () => {
  // One-sided normal tail at 4 is 0.000032; looking at every day as the first makes it about thirty times as likely.
  expect(chanceOf(4, 60)).toBeGreaterThan(0.0003);
  expect(chanceOf(4, 60)).toBeLessThan(0.0015);
  expect(chanceOf(0.5, 60)).toBe(1);
});
