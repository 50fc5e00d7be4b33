import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { WeeklyReportData } from '../../collector/contract/webhooks.ts';
import { createLog } from '../../collector/log.ts';
import { startOfDate } from '../../collector/queries/range.ts';
import { weekOf } from '../../collector/queries/week.ts';
import { createWeeklyWatch, lastReportDay, type WeeklyWatch } from '../../collector/reports/weekly-watch.ts';
import { createEndpoint } from '../../collector/state/endpoints.ts';
import { createGoals } from '../../collector/state/goals.ts';
import { type TestDatabase, testDatabase } from '../support/engine.ts';
import { sessionId, visitorId } from '../support/factories.ts';
import { type TestState, testState } from '../support/state.ts';

// Monday, 7 September 2026. Berlin is two hours ahead of UTC, so 8:00 there is 6:00 UTC.
const monday = '2026-09-07';
const eight = Date.parse('2026-09-07T06:00:00Z');
const hour = 3_600_000;

let nowMs = 0;
let database: TestDatabase;
let store: TestState;
let watch: WeeklyWatch;

const text = (ms: number) => new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
const visit = (name: string, date: string, hours: number, events: string[]) =>
  events.map((event, index) => ({
    visitor_id: visitorId(name),
    session_id: sessionId(`${name} ${date} ${hours}`),
    ts: text(startOfDate(date, 'Europe/Berlin') + hours * hour + index * 60_000),
    name: event,
    path: '/book',
  }));

beforeAll(async () => {
  database = await testDatabase();
  await database.insert([
    // The week before: one visitor, one booking. Its last hour is not the next week's, nor is the first of this Monday.
    ...visit('ana', '2026-08-26', 12, ['pageview', 'booking_done']),
    ...visit('ben', '2026-08-30', 23, ['pageview']),
    // The week: three visitors, two bookings by one of them.
    ...visit('ana', '2026-08-31', 0, ['pageview', 'booking_done']),
    ...visit('ana', '2026-09-02', 9, ['pageview', 'booking_done']),
    ...visit('cleo', '2026-09-03', 9, ['pageview']),
    ...visit('dan', '2026-09-06', 23, ['pageview']),
    // This Monday.
    ...visit('eva', '2026-09-07', 0, ['pageview', 'booking_done']),
  ]);
});
afterAll(() => database.drop());

beforeEach(async () => {
  nowMs = Date.parse('2026-08-01T00:00:00Z');
  store = await testState(() => nowMs);
  await createGoals(store.state, () => nowMs).create(1, { name: 'Booking', match: { event: 'booking_done' } });
  await addCases();
  watch = newWatch();
});

const newWatch = () =>
  createWeeklyWatch({
    state: store.state,
    clickhouse: database.clickhouse,
    sites: { list: () => [store.site] },
    now: () => nowMs,
    log: createLog('silent'),
  });

const listen = () =>
  createEndpoint(store.state, {
    siteId: 1,
    endpoint: { name: 'Chat', url: 'https://chat.example/hook', events: ['report.weekly'] },
    nowMs,
  });

/** Two abandonments in the week, of which one was written about and recovered; one in the week before. */
async function addCases() {
  const at = '2026-08-01T00:00:00.000Z';
  const rule = { site_id: 1, version: 1, definition: '{}', enabled: 1 as const, created_at: at, updated_at: at };
  await store.state.db
    .insertInto('rules')
    .values({ id: 'rul_1', ...rule, deleted_at: null })
    .execute();
  const cases = [
    { id: 'ana', occurred: '2026-08-27T10:00:00.000Z', notified: false, recovered: false },
    { id: 'ben', occurred: '2026-09-01T10:00:00.000Z', notified: true, recovered: true },
    { id: 'cleo', occurred: '2026-09-04T10:00:00.000Z', notified: false, recovered: false },
  ];
  for (const { id, occurred, notified, recovered } of cases) {
    await store.state.db
      .insertInto('cases')
      .values({
        id,
        site_id: 1,
        rule_id: 'rul_1',
        rule_version: 1,
        dedup_key: id,
        visitor_id: '1',
        session_id: '1',
        key: '',
        state: recovered ? 'recovered' : 'abandoned',
        reason: null,
        intent: JSON.stringify({ value: 80, currency: 'EUR' }),
        occurred_at: occurred,
        occurred_seq: 0,
        received_at_ms: Date.parse(occurred),
        due_at_ms: Date.parse(occurred),
        abandoned_at: occurred,
        notified_at: notified ? occurred : null,
        recovered_at: recovered ? occurred : null,
        recovered_value: recovered ? 80 : null,
        recovered_currency: recovered ? 'EUR' : null,
        created_at: occurred,
      })
      .execute();
  }
}

async function reports(): Promise<WeeklyReportData[]> {
  const rows = await store.state.db.selectFrom('deliveries').selectAll().orderBy('next_at_ms').execute();
  return rows.map(({ body }) => (JSON.parse(body) as { data: WeeklyReportData }).data);
}

test('weekly report: on Monday at 8:00 in the zone of the site, with the week and the week before', async () => {
  await listen();
  nowMs = eight - 1;
  await watch.runOnce();
  // The report of the Monday before, which nobody has made yet.
  expect((await reports()).map(({ week }) => week)).toEqual(['2026-W35']);
  nowMs = eight;
  await watch.runOnce();
  const [, report] = await reports();
  expect(report).toEqual({
    id: `${store.site.publicId}-2026-W36`,
    site: store.site.publicId,
    siteName: 'example.com',
    week: '2026-W36',
    from: '2026-08-31',
    to: monday,
    visitors: 3,
    visitorsBefore: 2,
    conversions: 2,
    conversionsBefore: 1,
    abandoned: 2,
    abandonedBefore: 1,
    notified: 1,
    notifiedBefore: 0,
    recovered: 1,
    recoveredBefore: 0,
    recoveredValue: 80,
    recoveredValueBefore: 0,
    currency: 'EUR',
    leadsIn: 0,
    leadsReached: 0,
    appointments: 0,
    proposals: 0,
    closedDeals: 0,
    cameFrom: [],
    leadsLeaking: 0,
    leaks: [],
    summary: '3 visitors (+50 %), 2 conversions (+100 %), 1 of 2 abandonments recovered.',
  });
});

test('weekly report: once for each site and week, however often it looks and over restarts', async () => {
  await listen();
  nowMs = eight;
  await Promise.all([watch.runOnce(), newWatch().runOnce(), watch.runOnce()]);
  nowMs += 3 * 24 * hour;
  await newWatch().runOnce();
  expect(await reports()).toHaveLength(1);
  nowMs = eight + 7 * 24 * hour;
  await newWatch().runOnce();
  expect((await reports()).map(({ week }) => week)).toEqual(['2026-W36', '2026-W37']);
});

test('weekly report: who begins to listen on Tuesday gets the first one on the next Monday', async () => {
  nowMs = eight;
  await watch.runOnce();
  nowMs += 24 * hour;
  await listen();
  await watch.runOnce();
  expect(await reports()).toEqual([]);
});

test('weekly report: while the event database does not answer it waits, and is made when it does', async () => {
  await listen();
  nowMs = eight;
  const clickhouse = { ...database.clickhouse, query: () => Promise.reject(new Error('gone')) };
  const deps = { state: store.state, sites: { list: () => [store.site] }, now: () => nowMs, log: createLog('silent') };
  await createWeeklyWatch({ ...deps, clickhouse }).runOnce();
  expect(await reports()).toEqual([]);
  nowMs += hour;
  await watch.runOnce();
  expect(await reports()).toHaveLength(1);
});

test.each([
  ['2026-09-07T05:59:59Z', 'Europe/Berlin', '2026-08-31'],
  ['2026-09-07T06:00:00Z', 'Europe/Berlin', '2026-09-07'],
  ['2026-09-13T23:00:00Z', 'Europe/Berlin', '2026-09-07'],
  // 8:00 in Auckland is Sunday evening in UTC; in Los Angeles it is Monday afternoon.
  ['2026-09-06T20:00:00Z', 'Pacific/Auckland', '2026-09-07'],
  ['2026-09-07T14:59:59Z', 'America/Los_Angeles', '2026-08-31'],
  ['2026-09-07T15:00:00Z', 'America/Los_Angeles', '2026-09-07'],
  // Clocks went back on Sunday, 25 October.
  ['2026-10-26T07:00:00Z', 'Europe/Berlin', '2026-10-26'],
])('weekly report: at %s in %s the last report day is %s', (at, timezone, expected) => {
  expect(lastReportDay(Date.parse(at), timezone)).toBe(expected);
});

test.each([
  ['2026-08-31', '2026-W36'],
  ['2025-12-29', '2026-W01'],
  ['2026-12-28', '2026-W53'],
  ['2027-01-04', '2027-W01'],
])('weekly report: the week of Monday %s is %s', (date, week) => {
  expect(weekOf(date)).toBe(week);
});
