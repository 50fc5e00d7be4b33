import { expect, test } from 'vitest';
import { sql } from '../../collector/clickhouse/sql.ts';
import type { Rule } from '../../collector/contract/rule.ts';
import { createLog } from '../../collector/log.ts';
import { createOldData, keptFromMs } from '../../collector/retention/old-data.ts';
import { loadSites } from '../../collector/state/sites.ts';
import { acting } from '../support/acting.ts';
import { type EventSketch, event, pageview } from '../support/factories.ts';

/** Everything that acts, with a site in Berlin that keeps its events for 30 days and one that keeps all. */
async function keeping(options: { rule?: Partial<Rule> } = {}) {
  const world = await acting(options);
  const { store, db, clock } = world;
  const sites = await loadSites(store.state, clock.now);
  await sites.create({ domain: 'other.example', timezone: 'UTC' });
  const oldData = createOldData({
    state: store.state,
    clickhouse: db.clickhouse,
    sites,
    now: clock.now,
    log: createLog('silent'),
  });
  const stored = async () => {
    const { rows } = await db.clickhouse.query<{ kept: string }>(
      sql`SELECT concat(table, ' ', toString(site_id), ' ', toString(at)) AS kept FROM (
        SELECT 'events' AS table, site_id, toDate(ts) AS at FROM events
        UNION ALL SELECT 'intents', site_id, toDate(ts) FROM intents
        UNION ALL SELECT 'sessions', site_id, toDate(ended) FROM sessions FINAL
      ) ORDER BY kept`,
      { name: 'test' },
    );
    return rows.map(({ kept }) => kept);
  };
  return {
    ...world,
    sites,
    oldData,
    stored,
    keep: (retentionDays: number | null) => sites.patch(1, { settings: { retentionDays } }),
  };
}

/** A page view and the start of a booking, by a visitor of their own. */
const visit = (at: string, more: EventSketch = {}) => [
  pageview({ visitor: at, at, ...more }),
  event('booking_start', { visitor: at, at, props: { booking_id: at }, ...more }),
];

test('what is older than the site keeps is gone from every table; younger days and other sites stay', async () => {
  const { arrive, clock, oldData, stored, keep } = await keeping();
  await arrive(
    ...visit('2026-09-01T12:00:00Z'),
    ...visit('2026-09-01T12:00:00Z', { site_id: 2, visitor: 'of another site' }),
    // 23:30 in Berlin on the last day that goes, and half past midnight on the first that stays.
    ...visit('2026-09-09T21:30:00Z'),
    ...visit('2026-09-09T22:30:00Z'),
    ...visit('2026-10-09T10:00:00Z'),
  );
  clock.set('2026-10-10T09:00:00Z');
  await oldData.runOnce();
  expect(await stored()).toHaveLength(19);

  await keep(30);
  await oldData.runOnce();
  expect(await stored()).toEqual([
    'events 1 2026-09-09',
    'events 1 2026-09-09',
    'events 1 2026-10-09',
    'events 1 2026-10-09',
    'events 2 2026-09-01',
    'events 2 2026-09-01',
    'intents 1 2026-09-09',
    'intents 1 2026-10-09',
    'sessions 1 2026-09-09',
    'sessions 1 2026-10-09',
    'sessions 2 2026-09-01',
  ]);
});

test('the days of a week go together, because each time ClickHouse writes a month again', async () => {
  const { arrive, clock, oldData, stored, keep } = await keeping();
  await keep(30);
  await arrive(...visit('2026-09-05T12:00:00Z'), ...visit('2026-09-08T12:00:00Z'));
  const left = async () => (await stored()).filter((kept) => kept.startsWith('events')).length;
  clock.set('2026-10-12T12:00:00Z');
  await oldData.runOnce();
  expect(await left()).toBe(4);
  clock.set('2026-10-13T12:00:00Z');
  await oldData.runOnce();
  expect(await left()).toBe(0);
});

test('what comes back, by a replay or a backup of old days, goes again; the same batch a second time adds nothing', async () => {
  const { db, arrive, clock, oldData, stored, keep } = await keeping();
  await keep(30);
  clock.set('2026-10-20T12:00:00Z');
  const { Readable } = await import('node:stream');
  const lines = visit('2026-09-01T12:00:00Z')
    .map((row) => `${JSON.stringify(row)}\n`)
    .join('');
  const batch = { table: 'events', token: 'segment-7', lines: () => Readable.from([lines]) } as const;
  await db.clickhouse.insertLines(batch);
  await oldData.runOnce();
  expect(await stored()).toEqual([]);
  await db.clickhouse.insertLines(batch);
  expect(await stored()).toEqual([]);
  await arrive(...visit('2026-09-02T12:00:00Z'));
  await oldData.runOnce();
  expect(await stored()).toEqual([]);
});

test('cases and messages of those days go as well, once they have come to their end', async () => {
  const { arrive, detector, dispatcher, clock, oldData, cases, deliveries, store, keep } = await keeping({
    rule: { recoveryWindow: '40d' },
  });
  await keep(30);
  const day = async (date: string) => {
    await arrive(...visit(`${date}T10:01:00Z`, { receivedAt: `${date}T10:01:00Z` }));
    for (const at of ['10:02', '11:02', '11:03']) {
      clock.set(`${date}T${at}:00Z`);
      await detector.runOnce();
      await dispatcher.runOnce();
    }
  };
  await day('2026-09-02');
  await day('2026-09-20');
  clock.set('2026-10-05T12:00:00Z');
  await oldData.runOnce();
  // The first may still be recovered, so nothing of it goes but its message, which has been delivered.
  expect((await cases()).map(({ state }) => state)).toEqual(['notified', 'notified']);
  expect(await deliveries()).toHaveLength(1);
  clock.set('2026-10-13T12:00:00Z');
  await detector.runOnce();
  await oldData.runOnce();
  expect((await cases()).map(({ occurred_at }) => occurred_at.slice(0, 10))).toEqual(['2026-09-20']);
  const { rows: orphans } = await import('kysely').then(({ sql: of }) =>
    of`SELECT 'attempt' FROM attempts WHERE delivery_id NOT IN (SELECT id FROM deliveries)
       UNION ALL SELECT 'step' FROM case_history WHERE case_id NOT IN (SELECT id FROM cases)`.execute(store.state.db),
  );
  expect(orphans).toEqual([]);
});

test('a rule that rests for longer than events are kept still knows whom it has written to', async () => {
  const { arrive, detector, dispatcher, clock, oldData, cases, keep } = await keeping({
    rule: { cooldown: '60d', recoveryWindow: '1d' },
  });
  await keep(30);
  const visitAgain = async (date: string) => {
    await arrive(...visit(`${date}T10:01:00Z`, { visitor: 'ana', session: date, receivedAt: `${date}T10:01:00Z` }));
    for (const at of ['10:02', '11:02', '11:03']) {
      clock.set(`${date}T${at}:00Z`);
      await detector.runOnce();
      await dispatcher.runOnce();
    }
  };
  await visitAgain('2026-09-02');
  clock.set('2026-09-04T12:00:00Z');
  await detector.runOnce();
  clock.set('2026-10-20T12:00:00Z');
  await oldData.runOnce();
  await visitAgain('2026-10-21');
  expect((await cases()).map(({ state, reason }) => [state, reason])).toEqual([
    ['expired', null],
    ['suppressed', 'cooldown'],
  ]);
});

test('a site keeps whole days of its own zone, the day it is today not counted', () => {
  const site = { timezone: 'Europe/Berlin', settings: { retentionDays: 30 } } as Parameters<typeof keptFromMs>[0];
  const kept = keptFromMs(site, Date.parse('2026-11-10T23:30:00Z'));
  // In Berlin it is the 11th already, and the clocks were changed in between.
  expect(new Date(kept ?? 0).toISOString()).toBe('2026-10-11T22:00:00.000Z');
  expect(keptFromMs({ ...site, settings: { ...site.settings, retentionDays: null } }, Date.now())).toBeUndefined();
});
