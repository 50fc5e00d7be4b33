import { expect, test } from 'vitest';
import { findIn } from '../support/leak-score.ts';

const seeds = Array.from({ length: 20 }, (_, index) => index + 1);

test('leaks: twenty sites without a leak, two months each, raise at most one alarm in forty months', () => {
  const findings = seeds.map((seed) => findIn({ seed, leaks: false, perDay: 500 }));
  const alarms = findings.flatMap(({ found, standing }) => [...found, ...standing]);
  // One for each site and month would be forty.
  expect(alarms.length).toBeLessThanOrEqual(1);
});
