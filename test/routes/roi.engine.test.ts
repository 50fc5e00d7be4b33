import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { AppError } from '../../collector/errors.ts';
import { balanceRoutes } from '../../collector/routes/balance.ts';
import type { Env } from '../../collector/routes/env.ts';
import { roiRoutes } from '../../collector/routes/roi.ts';
import { openHouse } from '../support/house.ts';

const day = 86_400_000;

async function setUp() {
  const house = await openHouse();
  const { state, clickhouse, now } = house.deps;
  const app = new Hono<Env>();
  app.onError((error, c) => {
    if (!(error instanceof AppError)) throw error;
    return c.json({ details: error.details }, error.status);
  });
  app.use(async (c, next) => {
    c.set('site', house.store.site);
    await next();
  });
  app.route('/', roiRoutes({ state, clickhouse, now }));
  app.route('/', balanceRoutes({ state, now }));
  const ask = async (method: string, path: string, body?: unknown) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await app.request(path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: await answer.json() };
  };
  /** Somebody of a campaign, first from the one source and then from another. */
  const comes = async (visitor: string, name: string, sources: string[]) => {
    const id = await house.identify(visitor, { email: `${name}@example.com` });
    for (const source of sources) {
      await house.record(id, [{ kind: 'identified', data: { source, campaign: 'autumn', complete: true } }]);
    }
    return id;
  };
  return { ...house, ask, comes };
}

test('sources: costs of a period count by the day, and every lead is in the row of its first or its last source', async () => {
  const { ask, comes, stage, clock } = await setUp();
  // 30 days of 300 euros: the ten days that are asked for are 100.
  const costs =
    'Source;Campaign;From;To;Amount\ngoogle;autumn;2026-09-01;2026-10-01;"300,00"\nfair;;2026-09-03;2026-09-04;1.250,50\n';
  expect(await ask('POST', '/costs/import', { csv: costs })).toEqual({ status: 201, body: { stored: 2 } });
  await ask('POST', '/costs', { source: 'google', from: '2026-09-01', to: '2026-09-02', amount: 9, currency: 'CHF' });
  const ana = await comes('11', 'ana', ['google']);
  await comes('22', 'bea', ['google', 'newsletter']);
  await stage(ana, 'won', { value: 500 });
  clock.advance(day);
  const first = (await ask('GET', '/roi?from=2026-09-01&to=2026-09-11')).body;
  expect(first.attribution).toBe('Each lead belongs to the source it came from first.');
  expect(first.rows).toMatchObject([
    {
      source: 'google',
      campaign: 'autumn',
      cost: 100,
      leads: 2,
      won: 1,
      revenue: 500,
      leaked: 1,
      costPerLead: 50,
      costPerWon: 100,
      roi: 4,
    },
    { source: 'fair', campaign: '', cost: 1250.5, leads: 0, costPerLead: null, roi: -1 },
  ]);
  expect(first.total).toMatchObject({ cost: 1350.5, leads: 2, won: 1, revenue: 500 });
  expect(first.notCounted).toEqual(['9 CHF for google: costs are counted in EUR.']);
  const names = (await ask('GET', '/roi/leads?from=2026-09-01&to=2026-09-11&source=google&campaign=autumn&of=won'))
    .body;
  expect(names).toMatchObject({ total: 1, items: [{ email: 'ana@example.com', stage: 'won' }] });
  const last = (await ask('GET', '/roi?from=2026-09-01&to=2026-09-11&by=last')).body;
  expect(last.rows.map(({ source, leads }: { source: string; leads: number }) => [source, leads])).toEqual([
    ['google', 1],
    ['newsletter', 1],
    ['fair', 0],
  ]);
});

test('costs: a wrong line is named, and then nothing is stored', async () => {
  const { ask } = await setUp();
  const answer = await ask('POST', '/costs/import', {
    csv: 'source,from,to,amount\ngoogle,2026-09-01,2026-10-01,12\nbing,yesterday,2026-10-01,a lot\n',
  });
  expect(answer.status).toBe(400);
  expect(answer.body.details.map(({ path }: { path: string }) => path)).toEqual(['line 3: from', 'line 3: amount']);
  expect((await ask('GET', '/costs')).body.total).toBe(0);
});

test('silence: the last thing that happened, on which channel, after how many visits and calls, how long ago', async () => {
  const { ask, comes, visit, touch, stage, clock } = await setUp();
  const ana = await comes('11', 'ana', ['google']);
  await visit('11', '/');
  clock.advance(day);
  await touch(ana, 'call', { outcome: 'answered' });
  const bea = await comes('22', 'bea', ['google']);
  await touch(bea, 'call', { outcome: 'no_answer' });
  clock.advance(day);
  await visit('22', '/pricing', { session_id: '221' });
  await comes('33', 'cleo', ['fair']);
  clock.advance(2 * day);
  await stage(ana, 'lost', { reason: 'too expensive' });
  clock.advance(20 * day);
  const { body } = await ask('GET', '/silence?from=2026-09-01&to=2026-10-01');
  expect(body.groups).toEqual([
    { last: 'call', channel: 'phone', leads: 1, lost: 1, silent: 0, visits: 1, calls: 1, daysAgo: 23 },
    { last: 'none', channel: '', leads: 1, lost: 0, silent: 1, visits: 0, calls: 0, daysAgo: 0 },
    { last: 'visit', channel: 'website', leads: 1, lost: 0, silent: 1, visits: 1, calls: 1, daysAgo: 22 },
  ]);
  expect(body.total).toBe(3);
});

test('the balance and the six questions of a week open as many names as they say', async () => {
  const { ask, comes, touch, stage, save, work, clock } = await setUp();
  await save('routing', { owners: [{ id: 'ben', name: 'Ben' }], routes: [{ name: 'All', to: { owners: ['ben'] } }] });
  const ana = await comes('11', 'ana', ['google']);
  const bea = await comes('22', 'bea', ['fair']);
  await comes('33', 'cleo', ['google']);
  await work.runOnce();
  await touch(ana, 'call', { outcome: 'answered' });
  await stage(ana, 'appointment');
  await stage(bea, 'lost', { reason: 'no budget' });
  const week = (await ask('GET', '/balance')).body;
  // Ana has no next step any more, because she was answered; Cleo's clock still runs.
  expect(week).toMatchObject({
    week: '2026-W36',
    new: 3,
    back: 0,
    carried: 0,
    won: 0,
    lost: 1,
    progress: 2,
    leaking: 0,
  });
  clock.advance(7 * day);
  await work.runOnce();
  await stage(bea, 'new');
  await stage(ana, 'won', { value: 700 });
  expect((await ask('GET', '/balance')).body).toMatchObject({
    new: 0,
    back: 1,
    carried: 2,
    won: 1,
    lost: 0,
    leaking: 2,
  });
  expect((await ask('GET', '/balance/check')).body).toMatchObject({ agrees: true, left: 3, right: 3 });
  const leaking = (await ask('GET', '/balance/leads?of=leaking&reason=clock-ran-out')).body;
  expect(leaking.items.map(({ email }: { email: string }) => email)).toEqual(['cleo@example.com']);
  expect((await ask('GET', '/weekly?week=2026-W36')).body).toMatchObject({
    questions: { in: 'How many leads came in?', from: 'Where did they come from?' },
    in: 3,
    reached: 1,
    appointments: 1,
    proposals: 0,
    closed: 0,
    cameFrom: [
      { source: 'google', leads: 2 },
      { source: 'fair', leads: 1 },
    ],
  });
  expect((await ask('GET', '/weekly')).body).toMatchObject({ in: 1, closed: 1, closedValue: 700 });
  expect((await ask('GET', '/weekly/leads?week=2026-W36&of=in&source=google')).body.total).toBe(2);
  const { cameFrom } = (await ask('GET', '/weekly?week=2026-W36')).body;
  for (const { source, channel, leads } of cameFrom) {
    const names = await ask('GET', `/weekly/leads?week=2026-W36&of=in&source=${source}&channel=${channel}`);
    expect([source, names.body.total]).toEqual([source, leads]);
  }
  expect((await ask('GET', '/balance?week=2026-W60')).status).toBe(400);
});
