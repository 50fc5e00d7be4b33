import { expect, test } from 'vitest';
import type { Balance } from '../../collector/contract/balance.ts';
import {
  balanceSentence,
  mondayOf,
  originName,
  parseWeekSearch,
  weekAfter,
  weekBefore,
  weekOf,
} from '../../dashboard/features/week/data.ts';

test('a week begins on Monday and is counted after ISO 8601', () => {
  // 2026-01-01 is a Thursday, so its week is the first; 2027-01-01 is a Friday and belongs to the last week of 2026.
  expect(weekOf('2026-01-01')).toBe('2026-W01');
  expect(weekOf('2025-12-29')).toBe('2026-W01');
  expect(weekOf('2027-01-01')).toBe('2026-W53');
  expect(weekOf('2026-09-13')).toBe('2026-W37');
  expect(weekOf('2026-09-14')).toBe('2026-W38');
  expect(mondayOf('2026-W37')).toBe('2026-09-07');
  expect(mondayOf('2026-W01')).toBe('2025-12-29');
});

test('the week before and after go over the end of a year', () => {
  expect(weekAfter('2026-W53')).toBe('2027-W01');
  expect(weekBefore('2026-W01')).toBe('2025-W52');
});

test('a balance says that it adds up, and that it does not', () => {
  const balance = { new: 12, back: 1, carried: 40, won: 3, lost: 2, nurture: 10, progress: 31, leaking: 7 } as Balance;
  // 12 + 1 + 40 = 53 = 3 + 2 + 10 + 31 + 7
  expect(balanceSentence(balance)).toBe('53 = 53: every lead of this week is accounted for.');
  expect(balanceSentence({ ...balance, leaking: 6 })).toBe(
    '53 leads began the week and 52 are found. Something is wrong.',
  );
});

test('where leads came from is a source with its channel, or the channel alone', () => {
  expect(originName('google', 'paid_search')).toBe('google (Search ads)');
  expect(originName('google', 'organic_search')).toBe('google (Search)');
  expect(originName('', 'event')).toBe('Trade show');
  expect(originName('direct', 'direct')).toBe('Direct');
  expect(originName('', '')).toBe('Not known');
});

test('the address opens a number only if there is such a number', () => {
  expect(parseWeekSearch({ week: '2026-W37', of: 'leaking', reason: 'no-owner' })).toEqual({
    week: '2026-W37',
    of: 'leaking',
    reason: 'no-owner',
  });
  expect(parseWeekSearch({ week: 'last', of: 'gone', count: 'closed' })).toEqual({ count: 'closed' });
});
