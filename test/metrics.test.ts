import { expect, test } from 'vitest';
import { createMetrics } from '../collector/metrics.ts';

test('metrics: count under names that start with telltale_', async () => {
  const metrics = createMetrics();
  metrics.accepted.inc({ site: 'abc' }, 3);
  metrics.dropped.inc({ reason: 'bot' });
  metrics.deliveries.inc({ state: 'delivered' });
  const text = await metrics.registry.metrics();
  expect(text).toContain('telltale_events_accepted_total{site="abc"} 3\n');
  expect(text).toContain('telltale_events_dropped_total{reason="bot"} 1\n');
  expect(text).toContain('telltale_deliveries_total{state="delivered"} 1\n');
  const names = (await metrics.registry.getMetricsAsJSON()).map(({ name }) => name);
  expect(names.filter((name) => !name.startsWith('telltale_'))).toEqual([]);
});

test('metrics: two servers in one process do not share their numbers', async () => {
  const [one, other] = [createMetrics(), createMetrics()];
  one.spoolRows.inc(5);
  expect((await one.spoolRows.get()).values[0]?.value).toBe(5);
  expect((await other.spoolRows.get()).values[0]?.value).toBe(0);
});
