import { expect, test } from 'vitest';
import { retryDelayMs } from '../../tracker/retry-delay.ts';

test('waits 2, 4, 8 … 64 seconds, and up to a quarter less or more', () => {
  expect([1, 2, 3, 4, 5, 6].map((failures) => retryDelayMs(failures, 0.5))).toEqual([
    2_000, 4_000, 8_000, 16_000, 32_000, 64_000,
  ]);
  expect(retryDelayMs(1, 0)).toBe(1_500);
  expect(retryDelayMs(1, 1)).toBe(2_500);
});
