import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { LeakData } from '../../collector/contract/webhooks.ts';
import { createLeakWatch, type LeakWatch } from '../../collector/leaks/leak-watch.ts';
import { createLog } from '../../collector/log.ts';
import { addDays, startOfDate } from '../../collector/queries/range.ts';
import { createEndpoint } from '../../collector/state/endpoints.ts';
import { createGoals } from '../../collector/state/goals.ts';
import { type TestDatabase, testDatabase } from '../support/engine.ts';
import { sessionId, visitorId } from '../support/factories.ts';
import { type TestState, testState } from '../support/state.ts';

const timezone = 'Europe/Berlin';
const firstDate = '2026-09-01';
const changedOn = addDays(firstDate, 30);
let nowMs = 0;
let database: TestDatabase;
let store: TestState;
let watch: LeakWatch;

/** Forty visits a day begin a booking; 10 of them give up, from the thirty-first day on 24. */
beforeAll(async () => {
  database = await testDatabase();
  const visits = Array.from({ length: 40 * 40 }, (_, index) => ({
    name: `visit ${index}`,
    day: Math.floor(index / 40),
    number: index % 40,
  }));
  const rows = visits.flatMap(({ name, day, number }) => {
    const at = (minute: number) =>
      new Date(startOfDate(addDays(firstDate, day), timezone) + 12 * 3_600_000 + (number * 5 + minute) * 60_000)
        .toISOString()
        .replace('T', ' ')
        .replace('Z', '');
    const who = { visitor_id: visitorId(name), session_id: sessionId(name) };
    const begun = [
      { ...who, ts: at(0), name: 'pageview', path: '/book' },
      { ...who, ts: at(1), name: 'booking_start', path: '/book' },
    ];
    const isDone = number >= (day < 30 ? 10 : 24);
    return isDone ? [...begun, { ...who, ts: at(2), name: 'booking_done', path: '/book', value: 50 }] : begun;
  });
  // Others only look around, so that those on /book stand out.
  const lookers = visits.map(({ name, day, number }) => ({
    visitor_id: visitorId(`looker ${name}`),
    session_id: sessionId(`looker ${name}`),
    ts: new Date(startOfDate(addDays(firstDate, day), timezone) + (13 * 60 + number) * 60_000)
      .toISOString()
      .replace('T', ' ')
      .replace('Z', ''),
  }));
  await database.insert([...rows, ...lookers]);
});
afterAll(() => database.drop());

beforeEach(async () => {
  nowMs = startOfDate(addDays(firstDate, 40), timezone) + 9 * 3_600_000;
  store = await testState(() => nowMs);
  await createGoals(store.state, () => nowMs).create(1, { name: 'Booking', match: { event: 'booking_done' } });
  watch = createLeakWatch({
    state: store.state,
    clickhouse: database.clickhouse,
    sites: { list: () => [store.site] },
    now: () => nowMs,
    log: createLog('silent'),
  });
});

const listen = () =>
  createEndpoint(store.state, {
    siteId: 1,
    endpoint: { name: 'Chat', url: 'https://chat.example/hook', events: ['leak.detected'], enabled: true },
    nowMs,
  });

async function announced(): Promise<LeakData[]> {
  const rows = await store.state.db.selectFrom('deliveries').selectAll().orderBy('created_at').execute();
  return rows.map(({ body }) => (JSON.parse(body) as { data: LeakData }).data);
}

test('leak watch: tells of a new leak, with everything an automation needs in one flat message', async () => {
  await listen();
  await watch.runOnce();
  const [message, ...others] = await announced();
  expect(others).toEqual([]);
  // 10 days · 24 of 40 lost, instead of 10 of 40.
  expect(message).toMatchObject({
    site: store.site.publicId,
    kind: 'behaviour',
    place: 'step',
    from: { event: 'booking_start' },
    to: { event: 'booking_done' },
    since: changedOn,
    reached: 400,
    lost: 240,
    rate: 0.6,
    excess: 140,
    moneyAtRisk: 7_000,
    currency: 'EUR',
    segment: null,
  });
  expect(message?.sentence).toBe(
    'Since 1 October, visitors stop between booking_start and booking_done twice as often: 60 % instead of 25 %. About 140 people lost.',
  );
});

test('leak watch: tells it once, however often and on however many days it looks', async () => {
  await listen();
  await watch.runOnce();
  await watch.runOnce();
  nowMs += 86_400_000;
  await watch.runOnce();
  expect(await announced()).toHaveLength(1);
});

test('leak watch: says nothing to an endpoint that has not asked for leaks, and tells it when it does', async () => {
  await watch.runOnce();
  expect(await announced()).toEqual([]);
  await listen();
  nowMs += 86_400_000;
  await watch.runOnce();
  expect(await announced()).toHaveLength(1);
});

test('leak watch: a leak of long ago is no news', async () => {
  await listen();
  nowMs = startOfDate(addDays(changedOn, 31), timezone) + 3_600_000;
  await watch.runOnce();
  expect(await announced()).toEqual([]);
});

test('leak watch: while the event database does not answer nothing is marked as looked at', async () => {
  await listen();
  const clickhouse = { ...database.clickhouse, query: () => Promise.reject(new Error('gone')) };
  const deps = { state: store.state, sites: { list: () => [store.site] }, now: () => nowMs, log: createLog('silent') };
  await createLeakWatch({ ...deps, clickhouse }).runOnce();
  expect(await announced()).toEqual([]);
  await watch.runOnce();
  expect(await announced()).toHaveLength(1);
});
