import { Readable } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { usualRates } from '../../collector/config.ts';
import { limits } from '../../collector/contract/limits.ts';
import { siteSettings } from '../../collector/contract/manage.ts';
import type { EventRow } from '../../collector/contract/row.ts';
import { funnelsOf, plantedLeaks, referenceDay } from '../../collector/demo/planted-leaks.ts';
import { addDays, historyEvents, midnightMs, salonTimeZone } from '../../collector/demo/visitors.ts';
import { openCountries } from '../../collector/ingest/country.ts';
import { createIngest } from '../../collector/ingest/ingest.ts';
import { createLiveFeed } from '../../collector/ingest/live-feed.ts';
import { createSeenEvents } from '../../collector/ingest/seen-events.ts';
import { createLog } from '../../collector/log.ts';
import { createMetrics } from '../../collector/metrics.ts';
import { funnel } from '../../collector/queries/funnel.ts';
import type { SiteRecord } from '../../collector/state/sites.ts';
import { type TestDatabase, testDatabase } from '../support/engine.ts';

/** The history as it lies in ClickHouse after it went through the ingest: the numbers of the file have to come out of it again. */
let database: TestDatabase;
const rows: EventRow[] = [];
const now = midnightMs(addDays(referenceDay, 1));
const site: SiteRecord = {
  id: 1,
  publicId: 'salon',
  name: 'Salon Amara',
  domains: ['localhost'],
  timezone: salonTimeZone,
  settings: siteSettings.parse({}),
  createdAt: '2026-01-01T00:00:00.000Z',
  firstEventAt: '2026-01-01T00:00:00.000Z',
};

beforeAll(async () => {
  database = await testDatabase();
  const ingest = await createIngest({
    sites: { byPublicId: () => site, markFirstEvent: () => {} },
    spool: {
      async append(some) {
        rows.push(...structuredClone(some));
      },
      async *retained() {},
    },
    seen: Object.assign(createSeenEvents(), { found: false }),
    salts: { today: () => 'today', yesterday: () => 'yesterday' },
    geo: await openCountries(),
    matchersFor: () => [],
    identify: async () => {},
    live: createLiveFeed(),
    metrics: createMetrics(),
    drops: { count: () => {} },
    log: createLog('silent'),
    now: () => now,
    rates: usualRates,
  });
  const events = historyEvents({ today: referenceDay, origin: 'http://localhost:8400', until: now });
  for (let start = 0; start < events.length; start += limits.serverBatchEvents) {
    const some = events.slice(start, start + limits.serverBatchEvents);
    expect(await ingest.server(site, some, { history: true })).toEqual({ accepted: some.length, dropped: [] });
  }
  for (let start = 0; start < rows.length; start += 10_000) {
    const lines = rows.slice(start, start + 10_000).map((row) => `${JSON.stringify(row)}\n`);
    await database.clickhouse.insertLines({
      table: 'events',
      token: `part ${start}`,
      lines: () => Readable.from(lines),
    });
  }
});

afterAll(() => database?.drop());

test.each(plantedLeaks.flatMap((leak) => leak.measures.map((measure) => [leak.id, measure.name, measure] as const)))(
  '%s: the funnel question finds "%s"',
  async (_id, _name, measure) => {
    const counts = measure.expected.map(() => 0);
    for (const request of funnelsOf(measure, referenceDay)) {
      const { steps } = await funnel(database.clickhouse, { siteId: 1, timezone: salonTimeZone, request });
      for (const [index, step] of steps.entries()) counts[index] = (counts[index] ?? 0) + step.count;
    }
    expect(counts).toEqual(measure.expected);
  },
);

test('every visit of the history is one session, and the country of each visitor is known', () => {
  expect(new Set(rows.map((row) => row.session_id)).size).toBe(
    new Set(rows.map((row) => row.id.replace(/-\d+$/, ''))).size,
  );
  expect(rows.filter((row) => row.country === '')).toEqual([]);
  expect(rows.filter((row) => row.device === 'other')).toEqual([]);
});
