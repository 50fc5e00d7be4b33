import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { breakdownRequest, type OverviewRequest, overviewRequest } from '../../collector/contract/overview.ts';
import { breakdown } from '../../collector/queries/breakdown.ts';
import { overview } from '../../collector/queries/overview.ts';
import { realtime } from '../../collector/queries/realtime.ts';
import { seen } from '../../collector/queries/seen.ts';
import { timeline } from '../../collector/queries/timeline.ts';
import { viewed } from '../../collector/queries/viewed.ts';
import { type TestDatabase, testDatabase } from '../support/engine.ts';

/*
 * Three people on the 1st and 2nd of September 2026 in Berlin (UTC+2):
 *
 * ana    session 11, 1st 12:00  /, 12:01 /pricing, engagement of / 20 s then 30 s (same page), of /pricing 15 s at 12:02
 *        session 12, 2nd 00:10  / and nothing else (22:10 UTC of the 1st: the next day only in Berlin)
 * ben    session 21, 1st 23:59  /blog/a, and at 00:01 on the 2nd signup {plan: pro}
 * carla  session 31, 2nd 09:00  /pricing, alone, from google, mobile
 *
 * 1st: visitors ana, ben = 2; sessions 11, 21 = 2; page views /, /pricing, /blog/a = 3; events = 3
 *      bounce: 11 has two page views, 21 one page view and a signup: 0 of 2
 *      session seconds: 11 from 12:00 to 12:02 = 120, 21 from 23:59 to 00:01 = 120: 120
 *      engaged: 11 max(20, 30) + 15 = 45, 21 0: 22.5
 * 2nd: visitors ana, ben, carla = 3; sessions 12, 31 = 2; page views 2; events 3 (with the signup)
 *      bounce: both: 1; seconds 0; engaged 0
 * all: visitors 3, sessions 4, page views 5, events 6, bounce 2 of 4, seconds 240 / 4 = 60, engaged 45 / 4 = 11.25
 */
const people = [
  { visitor_id: '1', session_id: '11', page_id: '1', ts: '2026-09-01 10:00:00.000', path: '/' },
  {
    visitor_id: '1',
    session_id: '11',
    page_id: '1',
    ts: '2026-09-01 10:00:20.000',
    path: '/',
    name: 'engagement',
    engaged_ms: 20_000,
  },
  {
    visitor_id: '1',
    session_id: '11',
    page_id: '1',
    ts: '2026-09-01 10:00:40.000',
    path: '/',
    name: 'engagement',
    engaged_ms: 30_000,
  },
  { visitor_id: '1', session_id: '11', page_id: '2', ts: '2026-09-01 10:01:00.000', path: '/pricing', title: 'Prices' },
  {
    visitor_id: '1',
    session_id: '11',
    page_id: '2',
    ts: '2026-09-01 10:02:00.000',
    path: '/pricing',
    name: 'engagement',
    engaged_ms: 15_000,
  },
  { visitor_id: '1', session_id: '12', page_id: '3', ts: '2026-09-01 22:10:00.000', path: '/' },
  { visitor_id: '2', session_id: '21', page_id: '4', ts: '2026-09-01 21:59:00.000', path: '/blog/a' },
  {
    visitor_id: '2',
    session_id: '21',
    page_id: '4',
    ts: '2026-09-01 22:01:00.000',
    path: '/blog/a',
    name: 'signup',
    seq: 1,
    props: { plan: 'pro' },
  },
  {
    visitor_id: '3',
    session_id: '31',
    page_id: '5',
    ts: '2026-09-02 07:00:00.000',
    path: '/pricing',
    source: 'google',
    device: 'mobile' as const,
  },
];
/** The same visitors on another site, which must never be counted. */
const elsewhere = people.map((row) => ({ ...row, site_id: 2 }));

const range = { from: '2026-09-01', to: '2026-09-03' };
const berlin = { siteId: 1, timezone: 'Europe/Berlin' };

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await database.insert([...people, ...elsewhere]);
});
afterAll(() => database.drop());

const ask = (request: Partial<OverviewRequest> = {}) =>
  overview(database.clickhouse, { ...berlin, request: overviewRequest.parse({ ...range, ...request }) });

describe('overview', () => {
  it('adds up totals and days in the time zone of the site', async () => {
    const answer = await ask({ interval: 'day' });
    expect(answer.totals).toEqual({
      visitors: 3,
      sessions: 4,
      pageviews: 5,
      events: 6,
      bounceRate: 0.5,
      sessionSeconds: 60,
      engagedSeconds: 11.25,
    });
    expect(answer.series).toEqual([
      {
        at: '2026-08-31T22:00:00.000Z',
        visitors: 2,
        sessions: 2,
        pageviews: 3,
        events: 3,
        bounceRate: 0,
        sessionSeconds: 120,
        engagedSeconds: 22.5,
      },
      {
        at: '2026-09-01T22:00:00.000Z',
        visitors: 3,
        sessions: 2,
        pageviews: 2,
        events: 3,
        bounceRate: 1,
        sessionSeconds: 0,
        engagedSeconds: 0,
      },
    ]);
  });

  it('shows two days by the hour, with a zero for every quiet hour', async () => {
    const answer = await ask();
    expect(answer.interval).toBe('hour');
    expect(answer.series).toHaveLength(48);
    expect(answer.series.filter(({ pageviews }) => pageviews > 0).map(({ at, pageviews }) => [at, pageviews])).toEqual([
      ['2026-09-01T10:00:00.000Z', 2],
      ['2026-09-01T21:00:00.000Z', 1],
      ['2026-09-01T22:00:00.000Z', 1],
      ['2026-09-02T07:00:00.000Z', 1],
    ]);
  });

  it('answers a range without events with zeros', async () => {
    const answer = await ask({ from: '2026-10-01', to: '2026-10-08' });
    expect(answer.totals).toMatchObject({ visitors: 0, sessions: 0, bounceRate: 0, sessionSeconds: 0 });
    expect(answer.series).toHaveLength(7);
  });

  it('compares with the two days before', async () => {
    const answer = await ask({ from: '2026-09-03', to: '2026-09-05', compare: 'previous' });
    expect(answer.totals.visitors).toBe(0);
    expect(answer.comparison?.from).toBe('2026-08-31T22:00:00.000Z');
    expect(answer.comparison?.totals).toMatchObject({ visitors: 3, sessions: 4, pageviews: 5 });
  });

  it('keeps the events a filter on a page is true of, and whole sessions for session metrics', async () => {
    const answer = await ask({ filters: [{ dimension: 'path', op: 'is', value: ['/pricing'] }] });
    // Views of /pricing: ana, carla. Sessions 11 (120 s, two page views) and 31 (0 s, bounced).
    expect(answer.totals).toMatchObject({
      visitors: 2,
      sessions: 2,
      pageviews: 2,
      bounceRate: 0.5,
      sessionSeconds: 60,
    });
  });

  it.each([
    [{ dimension: 'device', op: 'is', value: ['mobile'] } as const, 1],
    [{ dimension: 'device', op: 'is_not', value: ['mobile'] } as const, 2],
    [{ dimension: 'source', op: 'contains', value: ['GOO'] } as const, 1],
    [{ dimension: 'path', op: 'contains', value: ['blog', 'pric'] } as const, 3],
    [{ dimension: 'path', op: 'not_contains', value: ['/blog', '/pric'] } as const, 1],
    [{ dimension: 'entry_path', op: 'is', value: ['/'] } as const, 1],
    [{ dimension: 'exit_path', op: 'is', value: ['/pricing'] } as const, 2],
    [{ dimension: 'prop:plan', op: 'is', value: ['pro'] } as const, 1],
    [{ dimension: 'event', op: 'is', value: ['signup'] } as const, 1],
  ])('filters visitors by %j', async (filter, visitors) => {
    expect((await ask({ filters: [{ ...filter, value: [...filter.value] }] })).totals.visitors).toBe(visitors);
  });

  it.each(["'); DROP TABLE events; --", '\\', '{p1:String}', "' OR 1 = 1 --", '%', '\u0000', '🦆'.repeat(300)])(
    'takes the hostile value %j for a value',
    async (value) => {
      for (const dimension of ['path', 'entry_path', 'prop:plan', `prop:${value.slice(0, 60)}`] as const) {
        const answer = await ask({ filters: [{ dimension, op: 'is', value: [value] }] });
        expect(answer.totals.visitors).toBe(0);
      }
      expect((await ask()).totals.visitors).toBe(3);
    },
  );

  it.each([
    [{ from: '2026-09-03', to: '2026-09-03' }, 'to', 'must lie after its start'],
    [{ from: '2020-01-01', to: '2026-01-01' }, 'from', 'at most 800 days'],
    [{ from: '2025-01-01', to: '2026-09-01', interval: 'hour' as const }, 'interval', 'more than 2000 points'],
  ])('refuses %j and says why', async (request, path, message) => {
    await expect(ask(request)).rejects.toMatchObject({
      code: 'invalid_request',
      details: [{ path, message: expect.stringContaining(message) }],
    });
  });
});

describe('breakdown', () => {
  const by = (request: object) =>
    breakdown(database.clickhouse, { ...berlin, request: breakdownRequest.parse({ ...range, ...request }) });

  it('ranks pages by visitors', async () => {
    expect(await by({ dimension: 'path' })).toEqual({
      items: [
        { key: '/pricing', visitors: 2, sessions: 2, pageviews: 2, events: 2, value: 2 },
        { key: '/', visitors: 1, sessions: 2, pageviews: 2, events: 2, value: 1 },
        { key: '/blog/a', visitors: 1, sessions: 1, pageviews: 1, events: 2, value: 1 },
      ],
      total: 3,
    });
  });

  it('ranks pages by page views and by events too', async () => {
    const views = await by({ dimension: 'path', metric: 'pageviews' });
    expect(views.items.map(({ key, value }) => [key, value])).toEqual([
      ['/pricing', 2],
      ['/', 2],
      ['/blog/a', 1],
    ]);
    const events = await by({ dimension: 'path', metric: 'events' });
    expect(events.items.map(({ value }) => value)).toEqual([2, 2, 2]);
  });

  it('shows the first ones and says how many there are', async () => {
    const answer = await by({ dimension: 'path', limit: 1 });
    expect(answer.items.map(({ key }) => key)).toEqual(['/pricing']);
    expect(answer.total).toBe(3);
  });

  it('takes the first page of each session for entry_path and the last for exit_path', async () => {
    // Entries: 11 /, 12 /, 21 /blog/a, 31 /pricing. Exits: 11 /pricing, 12 /, 21 /blog/a, 31 /pricing.
    const entries = await by({ dimension: 'entry_path', metric: 'sessions' });
    expect(entries.items.map(({ key, value }) => [key, value])).toEqual([
      ['/', 2],
      ['/blog/a', 1],
      ['/pricing', 1],
    ]);
    const exits = await by({ dimension: 'exit_path', metric: 'sessions' });
    expect(exits.items.map(({ key, value }) => [key, value])).toEqual([
      ['/pricing', 2],
      ['/', 1],
      ['/blog/a', 1],
    ]);
  });

  it('rates pages by the sessions that hold them', async () => {
    // / is in 11 (not bounced) and 12 (bounced): 0.5. /pricing is in 11 and 31 (bounced): 0.5. /blog/a in 21: 0.
    const answer = await by({ dimension: 'path', metric: 'bounceRate' });
    expect(answer.items.map(({ key, value }) => [key, value])).toEqual([
      ['/pricing', 0.5],
      ['/', 0.5],
      ['/blog/a', 0],
    ]);
    const seconds = await by({ dimension: 'device', metric: 'sessionSeconds' });
    // Desktop: 120, 0 and 120 s; mobile: 0 s.
    expect(seconds.items.map(({ key, value }) => [key, value])).toEqual([
      ['desktop', 80],
      ['mobile', 0],
    ]);
  });

  it('counts only events that carry the property', async () => {
    expect((await by({ dimension: 'prop:plan' })).items).toEqual([
      { key: 'pro', visitors: 1, sessions: 1, pageviews: 0, events: 1, value: 1 },
    ]);
  });
});

describe('realtime', () => {
  it('shows the visitors of five minutes and the page views of thirty', async () => {
    // 12:03:30 in Berlin: ana was on / at 12:00 and on /pricing at 12:01.
    const nowMs = Date.UTC(2026, 8, 1, 10, 3, 30);
    const answer = await realtime(database.clickhouse, { siteId: 1, nowMs });
    expect(answer.visitors).toBe(1);
    expect(answer.minutes).toHaveLength(30);
    expect(answer.minutes.at(-1)?.at).toBe('2026-09-01T10:03:00.000Z');
    expect(answer.minutes.filter(({ pageviews }) => pageviews > 0)).toEqual([
      { at: '2026-09-01T10:00:00.000Z', pageviews: 1 },
      { at: '2026-09-01T10:01:00.000Z', pageviews: 1 },
    ]);
    expect(answer.pages).toEqual([
      { path: '/', visitors: 1 },
      { path: '/pricing', visitors: 1 },
    ]);
  });

  it('is empty where nobody is', async () => {
    const answer = await realtime(database.clickhouse, { siteId: 1, nowMs: Date.UTC(2026, 11, 1) });
    expect(answer).toMatchObject({ visitors: 0, pages: [] });
    expect(answer.minutes).toHaveLength(30);
  });
});

describe('seen', () => {
  it('lists pages and own events of the last 30 days by frequency', async () => {
    expect(await seen(database.clickhouse, { siteId: 1, nowMs: Date.UTC(2026, 8, 3) })).toEqual({
      pages: [
        { path: '/', count: 2 },
        { path: '/pricing', count: 2 },
        { path: '/blog/a', count: 1 },
      ],
      events: [{ name: 'signup', count: 1 }],
    });
  });
});

describe('timeline and viewed', () => {
  it('tells what a person did, oldest first, over all their visitors', async () => {
    const events = await timeline(database.clickhouse, {
      siteId: 1,
      visitorIds: ['2', '3'],
      fromMs: Date.UTC(2026, 8, 1),
      toMs: Date.UTC(2026, 8, 3),
      limit: 10,
    });
    expect(events.map(({ at, name, path }) => [at, name, path])).toEqual([
      ['2026-09-01T21:59:00.000Z', 'pageview', '/blog/a'],
      ['2026-09-01T22:01:00.000Z', 'signup', '/blog/a'],
      ['2026-09-02T07:00:00.000Z', 'pageview', '/pricing'],
    ]);
    expect(events[1]?.props).toEqual({ plan: 'pro' });
  });

  it('reads about the sessions of its day, not those of the month before', async () => {
    const month = await testDatabase();
    // 200,000 visits of one page, evenly over September: 6,667 a day. Their ids begin with their second, as ingest makes them.
    await month.clickhouse.command(`INSERT INTO events (site_id, ts, visitor_id, session_id, page_id, seq, name, path)
      SELECT 1, toDateTime64('2026-09-01 00:00:00', 3, 'UTC') + toIntervalMillisecond(number * 12960) AS at, number,
        bitShiftLeft(toUInt64(toUnixTimestamp(at)), 32) + number, number, 0, 'pageview', '/' FROM numbers(200000)`);
    const { totals, rowsRead } = await overview(month.clickhouse, {
      siteId: 1,
      timezone: 'UTC',
      request: overviewRequest.parse({ from: '2026-09-20', to: '2026-09-21' }),
    });
    expect(totals.sessions).toBe(6_667);
    expect(rowsRead).toBeLessThan(60_000);
    await month.drop();
  });

  it('keeps the pages seen last before a moment', async () => {
    const pages = await viewed(database.clickhouse, {
      siteId: 1,
      before: new Map([
        ['1', Date.UTC(2026, 8, 1, 10, 1)],
        // Before Ben was there at all.
        ['2', Date.UTC(2026, 8, 1, 10, 1)],
      ]),
      limit: 1,
    });
    expect([...pages]).toEqual([
      ['1', [{ path: '/pricing', title: 'Prices', at: '2026-09-01T10:01:00.000Z', props: {} }]],
    ]);
  });
});
