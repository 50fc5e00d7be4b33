import { Hono } from 'hono';
import { expect, test } from 'vitest';
import type { Abandonment, AbandonmentCounts, AbandonmentSummary } from '../../collector/contract/abandonment.ts';
import type { List } from '../../collector/contract/answers.ts';
import { type CaseState, caseStates } from '../../collector/contract/names.ts';
import { AppError } from '../../collector/errors.ts';
import { identifyLead } from '../../collector/leads/identify.ts';
import { abandonmentRoutes } from '../../collector/routes/abandonments.ts';
import type { Env } from '../../collector/routes/env.ts';
import { acting } from '../support/acting.ts';
import { type EventSketch, event, pageview, visitorId } from '../support/factories.ts';

const start = (at: string, visitor: string, more: EventSketch = {}) =>
  event('booking_start', { at, visitor, path: '/book', value: 89, props: { booking_id: visitor }, ...more });

async function setUp() {
  const all = await acting();
  const { store, rules, db } = all;
  const app = new Hono<Env>();
  app.onError((error, c) => {
    if (!(error instanceof AppError)) throw error;
    return c.json({ error: { code: error.code } }, error.status);
  });
  app.use(async (c, next) => {
    c.set('site', store.site);
    await next();
  });
  app.route('/', abandonmentRoutes({ state: store.state, rules, clickhouse: db.clickhouse }));
  return {
    ...all,
    get: async <Answer>(path: string) => (await (await app.request(path)).json()) as Answer,
    status: async (path: string) => (await app.request(path)).status,
  };
}

/** Ana is written about, Ben finishes in time, Cleo finishes late, Dan waits. */
async function fourPeople() {
  const all = await setUp();
  const { clock, arrive, detector, dispatcher, store } = all;
  const identity = { email: 'ana@example.com', name: 'Ana' };
  await identifyLead(store.state, { siteId: 1, visitorId: visitorId('ana'), identity, now: clock.now() });
  await arrive(
    pageview({ at: '10:00:30', visitor: 'ana', path: '/pricing' }),
    start('10:01', 'ana'),
    start('10:02', 'ben'),
    event('booking_done', { at: '10:20', visitor: 'ben', props: { booking_id: 'ben' } }),
    start('10:03', 'cleo'),
  );
  clock.set('2026-09-01T11:10:00Z');
  await detector.runOnce();
  while ((await dispatcher.runOnce()) > 0);
  await arrive(
    event('booking_done', { at: '11:20', visitor: 'cleo', props: { booking_id: 'cleo' } }),
    start('11:25', 'dan'),
  );
  clock.set('2026-09-01T11:30:00Z');
  await detector.runOnce();
  return all;
}

test('abandonments: a count opens into exactly that many cases, whatever the filter', async () => {
  const { get, ruleId } = await fourPeople();
  const filters = ['', `rule=${ruleId}`, 'rule=rul_nobody', 'from=2026-09-01T10:02:00Z', 'to=2026-09-01T10:03:00Z'];
  for (const filter of filters) {
    const { states } = await get<AbandonmentCounts>(`/abandonments/counts?${filter}`);
    expect(Object.keys(states)).toEqual([...caseStates]);
    for (const state of caseStates) {
      const list = await get<List<AbandonmentSummary>>(`/abandonments?${filter}&state=${state}`);
      expect([filter, state, list.total, list.items.length]).toEqual([filter, state, states[state], states[state]]);
    }
  }
  expect((await get<AbandonmentCounts>('/abandonments/counts')).states).toEqual({
    waiting: 1,
    abandoned: 0,
    notified: 1,
    recovered: 1,
    expired: 0,
    suppressed: 1,
  } satisfies Record<CaseState, number>);
});

test('abandonments: newest first, page by page, with who it is about and what it is worth', async () => {
  const { get } = await fourPeople();
  const first = await get<List<AbandonmentSummary>>('/abandonments?limit=3');
  const second = await get<List<AbandonmentSummary>>(`/abandonments?limit=3&cursor=${first.next}`);
  expect(first.items.map(({ key }) => key)).toEqual(['dan', 'cleo', 'ben']);
  expect([first.total, second.total, second.next]).toEqual([4, 4, null]);
  expect(second.items).toMatchObject([
    {
      rule: 'Booking abandoned',
      kind: 'booking',
      state: 'notified',
      key: 'ana',
      email: 'ana@example.com',
      name: 'Ana',
      path: '/book',
      value: 89,
      currency: 'EUR',
      occurredAt: '2026-09-01T10:01:00.000Z',
      dueAt: '2026-09-01T11:01:00.000Z',
      abandonedAt: '2026-09-01T11:10:00.000Z',
    },
  ]);
});

test('abandonments: a date is a day in the time zone of the site', async () => {
  const { get, arrive, clock, detector } = await fourPeople();
  // 22:30 UTC on the 1st is half past midnight on the 2nd in Berlin.
  await arrive(start('22:30', 'eva'));
  clock.set('2026-09-01T22:31:00Z');
  await detector.runOnce();
  const of = async (range: string) =>
    (await get<List<AbandonmentSummary>>(`/abandonments?${range}`)).items.map(({ key }) => key);
  expect(await of('from=2026-09-02&to=2026-09-03')).toEqual(['eva']);
  expect(await of('from=2026-09-01&to=2026-09-02')).toEqual(['dan', 'cleo', 'ben', 'ana']);
});

test('abandonments: one case tells its history, what the visitor did, and what was sent', async () => {
  const { get, status } = await fourPeople();
  const { items } = await get<List<AbandonmentSummary>>('/abandonments?state=notified');
  const one = await get<Abandonment>(`/abandonments/${items[0]?.id}`);
  expect(one.history.map(({ at, state }) => [at.slice(11, 19), state])).toEqual([
    ['11:10:00', 'waiting'],
    ['11:10:00', 'abandoned'],
    ['11:10:00', 'notified'],
  ]);
  expect(one.timeline.map(({ at, name, path }) => [at.slice(11, 19), name, path])).toEqual([
    ['10:00:30', 'pageview', '/pricing'],
    ['10:01:00', 'booking_start', '/book'],
  ]);
  expect(one.deliveries).toMatchObject([
    { type: 'abandonment.created', state: 'delivered', endpoint: 'Automation', attempts: [{ status: 200 }] },
  ]);
  expect(JSON.parse(one.deliveries[0]?.body ?? '').data).toMatchObject({ email: 'ana@example.com', id: one.id });
  expect(await status('/abandonments/cas_nobody')).toBe(404);
});
