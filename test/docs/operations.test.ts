import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createMetrics } from '../../collector/metrics.ts';

const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');

test('operations: every metric is explained, and none that does not exist', async () => {
  const metrics = createMetrics();
  const state = {
    pendingRows: 0,
    pendingBytes: 0,
    oldestPendingAt: null,
    shippedThrough: 0,
    trouble: null,
    retainedBytes: 0,
    full: false,
    roomBytes: 0,
    tornTails: 0,
    damagedRows: 0,
    missingSegments: 0,
    quarantinedRows: 0,
  };
  metrics.watchSpool(() => state, Date.now);
  const names = (await metrics.registry.getMetricsAsJSON()).map(({ name }) => name);
  const explained = new Set(page.match(/telltale_\w+/g));
  expect([...explained].sort()).toEqual([...names].sort());
});
