import { Hono } from 'hono';
import { expect, test } from 'vitest';
import type { RejectionCount } from '../../collector/contract/lead-definition.ts';
import { scoring } from '../../collector/contract/scoring.ts';
import { AppError } from '../../collector/errors.ts';
import { previewScoring } from '../../collector/leads/preview-scoring.ts';
import type { Env } from '../../collector/routes/env.ts';
import { houseRoutes } from '../../collector/routes/house.ts';
import { openHouse } from '../support/house.ts';

async function setUp() {
  const house = await openHouse();
  const { state, clickhouse } = house.deps;
  const app = new Hono<Env>();
  app.onError((error, c) => {
    if (!(error instanceof AppError)) throw error;
    return c.json({ error: { message: error.message, details: error.details } }, error.status);
  });
  app.use(async (c, next) => {
    c.set('site', house.store.site);
    await next();
  });
  app.route('/', houseRoutes({ state, clickhouse, house: house.house, now: house.clock.now }));
  const ask = async (method: string, path: string, body?: unknown) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await app.request(path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: await answer.json() };
  };
  return { ...house, ask };
}

const prices = {
  id: 'prices',
  name: 'Looked at prices',
  when: { kind: 'page', path: '/pricing' },
  points: 40,
  most: 2,
};
const visited = (threshold: number) => ({ kind: 'score', atLeast: threshold });

test('a score is explained in lines that add up to it, and a preview says who would move', async () => {
  const { ask, visit, identify, work, clock, house, deps } = await setUp();
  const capped = { ...prices, group: 'Web' };
  const saved = await ask('PUT', '/house/scoring', {
    rules: [
      capped,
      {
        id: 'mail',
        name: 'Free mail',
        when: { kind: 'field', field: 'email', op: 'contains', value: ['@gmail.'] },
        points: -5,
      },
    ],
    groups: [{ name: 'Web', most: 70 }],
  });
  expect(saved).toMatchObject({ status: 200, body: { version: 1, savedBy: 'local' } });
  await visit('11', '/pricing');
  clock.advance(60_000);
  await visit('11', '/pricing');
  const ana = await identify('11', { email: 'ana@gmail.com' });
  await identify('22', { email: 'bea@example.com' });
  await work.runOnce();
  expect((await ask('GET', `/leads/${ana}/score`)).body).toEqual({
    score: 65,
    temperature: 'hot',
    hotBecause: null,
    at: '2026-09-01T08:01:00.000Z',
    version: 1,
    warm: 30,
    hot: 60,
    lines: [
      { ruleId: 'prices', name: 'Looked at prices', points: 80, hits: 2, lastAt: '2026-09-01T08:01:00.000Z' },
      { ruleId: 'mail', name: 'Free mail', points: -5, hits: 1, lastAt: null },
      { ruleId: null, name: 'No more than 70 for Web', points: -10, hits: 0, lastAt: null },
    ],
  });
  const preview = await ask('POST', '/house/scoring/preview', {
    rules: [{ ...prices, points: 10 }],
    warm: 15,
    hot: 60,
  });
  expect(preview.body).toMatchObject({
    looked: 2,
    total: 2,
    before: { cold: 1, warm: 0, hot: 1 },
    after: { cold: 1, warm: 1, hot: 0 },
    moving: 1,
    moves: [
      { email: 'ana@gmail.com', before: { score: 65, temperature: 'hot' }, after: { score: 20, temperature: 'warm' } },
    ],
    next: null,
  });
  // Of something that no rule has asked about until now.
  await visit('22', '/jobs');
  const jobs = { ...prices, when: { kind: 'page', path: '/jobs' } };
  const tried = { rules: [jobs], warm: 30, hot: 60 };
  expect((await ask('POST', '/house/scoring/preview', tried)).body).toMatchObject({
    before: { cold: 1, warm: 0, hot: 1 },
    after: { cold: 1, warm: 1, hot: 0 },
    moving: 2,
  });
  // Part by part it is the same.
  const question = { siteId: 1, house: house.of(1), scoring: scoring.parse(tried), nowMs: clock.now(), most: 1 };
  const first = await previewScoring(deps, { ...question, after: 0 });
  expect(first).toMatchObject({ looked: 1, total: 2, moving: 1, next: expect.any(String) });
  const rest = await ask('POST', `/house/scoring/preview?cursor=${first.next}`, tried);
  expect(rest.body).toMatchObject({ looked: 1, total: 2, moving: 1, next: null });
  expect([first.after.cold + rest.body.after.cold, first.after.warm + rest.body.after.warm]).toEqual([1, 1]);
  expect((await ask('GET', '/leads/led_nobody/score')).status).toBe(404);
});

test('a rule on an event that was never seen is saved, and told', async () => {
  const { ask, visit } = await setUp();
  await visit('11', '/');
  const answer = await ask('PUT', '/house/scoring', {
    rules: [
      prices,
      { id: 'demo', name: 'Asked for a demo', when: { kind: 'event', match: { event: 'demo_asked' } }, points: 50 },
    ],
  });
  expect(answer).toMatchObject({
    status: 200,
    body: { warnings: [{ path: 'rules.1.when', message: expect.stringContaining('No event demo_asked was seen') }] },
  });
});

test('a routing with a loop is refused with the names of its routes, and nothing is saved', async () => {
  const { ask } = await setUp();
  const loop = {
    routes: [
      { name: 'A', to: { route: 'B' } },
      { name: 'B', to: { route: 'A' } },
    ],
  };
  expect(await ask('PUT', '/house/routing', loop)).toMatchObject({
    status: 400,
    body: { error: { details: [{ path: 'routes.0', message: 'These routes go round in a loop: A → B → A.' }] } },
  });
  expect((await ask('GET', '/house')).body.routing.version).toBe(0);
});

test('every version of the definition is kept, leads carry the one that judged them, and rejections count against it', async () => {
  const { ask, identify, work, record, lead, boot } = await setUp();
  const definition = (threshold: number) => ({
    lead: [],
    marketing: [{ id: 'points', name: 'Points', check: visited(threshold) }],
    sales: [{ id: 'budget', name: 'Has a budget', check: { kind: 'field', field: 'trait:budget', op: 'is_set' } }],
    agreed: { marketing: { name: 'Maja', since: '2026-08-01' }, sales: null },
  });
  const first = await ask('PUT', '/house/definition', definition(0));
  expect(first.body.warnings).toEqual([
    { path: 'agreed.sales', message: 'Nobody of sales has agreed to this definition yet.' },
  ]);
  const ana = await identify('11', { email: 'ana@example.com', budget: 'yes' });
  const bea = await identify('22', { email: 'bea@example.com' });
  await work.runOnce();
  expect(await lead(ana)).toMatchObject({ qualified: 'sales', definition_version: 1 });
  expect(await lead(bea)).toMatchObject({ qualified: 'marketing', definition_version: 1 });
  await record(ana, [{ kind: 'rejected', data: { condition: 'budget', reason: 'The budget is for next year.' } }]);

  await ask('PUT', '/house/definition', definition(1));
  // The same again is no new version.
  await ask('PUT', '/house/definition', definition(1));
  await work.runOnce();
  expect(await lead(ana)).toMatchObject({ qualified: 'lead', definition_version: 2 });
  expect(
    (await ask('GET', '/house/definition/versions')).body.items.map(({ version }: { version: number }) => version),
  ).toEqual([2, 1]);
  // After a restart, too.
  expect((await boot()).house.of(1).definition.version).toBe(2);
  expect((await ask('GET', '/house/rejections?from=2026-09-01&to=2026-10-01')).body.items).toMatchObject([
    {
      condition: 'budget',
      name: 'Has a budget',
      version: 1,
      rejected: 1,
      // She is not qualified any more by what holds now, and she was.
      judged: 1,
      reasons: [{ leadId: ana, reason: 'The budget is for next year.' }],
    },
  ]);
  const { written } = await record(bea, [{ kind: 'rejected', data: { reason: 'A mistake' } }]);
  const rejected = async () =>
    (await ask('GET', '/house/rejections?from=2026-09-01&to=2026-10-01')).body.items.map(
      ({ condition, version }: RejectionCount) => [condition, version],
    );
  expect(await rejected()).toEqual([
    ['budget', 1],
    [null, 2],
  ]);
  await record(bea, [{ kind: 'undone', data: { event: written[0]?.id ?? '' } }]);
  expect(await rejected()).toEqual([['budget', 1]]);
});
