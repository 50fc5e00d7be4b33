import { expect, test } from 'vitest';
import { parseRetryAfter, retryDelay, retryDelaysMs } from '../../collector/webhooks/retry-schedule.ts';

const failed = { status: 500, timedOut: false, retryAfterMs: undefined, random: 0.5 };

test('retry schedule: ten attempts over 75 h 35 min 5 s, as in the specification', () => {
  // 5 s + 5 min + 30 min + 2 h + 5 h + 10 h + 14 h + 20 h + 24 h
  expect(retryDelaysMs).toHaveLength(10);
  expect(retryDelaysMs.reduce((sum, delay) => sum + delay, 0)).toBe((75 * 3600 + 35 * 60 + 5) * 1000);
});

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9])(
  'retry schedule: the wait after attempt %i lies within 20 %% of the plan',
  (attempts) => {
    const planned = retryDelaysMs[attempts] ?? 0;
    const shortest = retryDelay({ ...failed, attempts, random: 0 });
    const longest = retryDelay({ ...failed, attempts, random: 0.999_999_999 });
    expect(shortest).toBe(Math.round(planned * 0.8));
    expect(longest).toBe(Math.round(planned * 1.2));
    expect(retryDelay({ ...failed, attempts })).toBe(planned);
  },
);

test('retry schedule: nothing follows the tenth attempt', () => {
  expect(retryDelay({ ...failed, attempts: 10 })).toBeNull();
});

test.each([429, 502, 504])('retry schedule: %i is left alone for a minute at least', (status) => {
  expect(retryDelay({ ...failed, attempts: 1, status })).toBe(60_000);
  expect(retryDelay({ ...failed, attempts: 2, status })).toBe(300_000);
});

test('retry schedule: a time-out is left alone for a minute at least, a plain 500 is not', () => {
  expect(retryDelay({ ...failed, attempts: 1, status: null, timedOut: true })).toBe(60_000);
  expect(retryDelay({ ...failed, attempts: 1 })).toBe(5_000);
});

test('retry schedule: Retry-After lengthens a wait, never shortens it, and counts up to a day', () => {
  const hour = 3_600_000;
  expect(retryDelay({ ...failed, attempts: 1, retryAfterMs: hour })).toBe(hour);
  expect(retryDelay({ ...failed, attempts: 4, retryAfterMs: 1_000 })).toBe(2 * hour);
  expect(retryDelay({ ...failed, attempts: 1, retryAfterMs: 400 * hour })).toBe(24 * hour);
});

test('Retry-After is seconds or a date; anything else is no wish', () => {
  const now = Date.parse('2026-09-01T12:00:00Z');
  expect(parseRetryAfter('120', now)).toBe(120_000);
  expect(parseRetryAfter('Tue, 01 Sep 2026 12:00:30 GMT', now)).toBe(30_000);
  expect(parseRetryAfter('Tue, 01 Sep 2026 11:00:00 GMT', now)).toBe(0);
  expect(parseRetryAfter('soon', now)).toBeUndefined();
  expect(parseRetryAfter(undefined, now)).toBeUndefined();
});
