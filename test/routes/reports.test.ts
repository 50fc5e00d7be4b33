import { Hono } from 'hono';
import { expect, test } from 'vitest';
import type { ClickHouse } from '../../collector/clickhouse/client.ts';
import { AppError } from '../../collector/errors.ts';
import type { Env } from '../../collector/routes/env.ts';
import { reportRoutes } from '../../collector/routes/reports.ts';
import { listGoals } from '../../collector/state/goals.ts';
import { testState } from '../support/state.ts';

const now = () => Date.parse('2026-09-01T10:00:00Z');

async function reportApp() {
  const { state, site } = await testState(now);
  const app = new Hono<Env>();
  let current = site;
  app.use(async (c, next) => {
    c.set('site', current);
    await next();
  });
  app.onError((error, c) =>
    error instanceof AppError
      ? c.json({ code: error.code, message: error.message, details: error.details }, error.status)
      : c.text(String(error), 500),
  );
  // Stores only: the report itself is asked of a real engine in reports.engine.test.ts.
  const clickhouse = {} as ClickHouse;
  app.route('/', reportRoutes({ state, clickhouse, now }));
  const send = async (method: string, path: string, body?: unknown) => {
    const answer = await app.request(path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) };
  };
  return {
    state,
    site,
    send,
    asSite: (id: number) => {
      current = { ...site, id };
    },
  };
}

const examples = {
  goals: {
    written: { name: 'Booked', match: { event: 'booking_done' }, value: 80 },
    change: { name: 'Booked a table' },
    wrong: { match: {} },
    wrongAt: 'match',
  },
  segments: {
    written: { name: 'Phones', filters: [{ dimension: 'device', op: 'is', value: ['mobile'] }] },
    change: { name: 'On the phone' },
    wrong: { filters: [] },
    wrongAt: 'filters',
  },
  annotations: {
    written: { on: '2026-09-01', text: 'New prices' },
    change: { text: 'New prices, and a new menu' },
    wrong: { on: '1 September' },
    wrongAt: 'on',
  },
};

test.each(Object.entries(examples))('%s: are added, read, changed and deleted', async (name, { written, change }) => {
  const { send } = await reportApp();
  const added = await send('POST', `/${name}`, written);
  expect(added).toEqual({
    status: 201,
    body: { ...written, id: expect.any(String), createdAt: '2026-09-01T10:00:00.000Z' },
  });
  const address = `/${name}/${added.body.id}`;
  expect((await send('PATCH', address, change)).body).toEqual({ ...added.body, ...change });
  expect((await send('GET', address)).body).toEqual({ ...added.body, ...change });
  expect((await send('GET', `/${name}`)).body).toEqual({
    items: [{ ...added.body, ...change }],
    total: 1,
    next: null,
  });
  expect((await send('DELETE', address)).status).toBe(204);
  expect((await send('GET', address)).status).toBe(404);
  expect((await send('DELETE', address)).status).toBe(404);
});

test.each(Object.entries(examples))('%s: what is not valid is refused, naming the place', async (name, example) => {
  const { send } = await reportApp();
  const refused = await send('POST', `/${name}`, { ...example.written, ...example.wrong });
  expect(refused.status).toBe(400);
  expect(refused.body.details[0].path).toBe(example.wrongAt);
  const { body } = await send('POST', `/${name}`, example.written);
  const change = await send('PATCH', `/${name}/${body.id}`, example.wrong);
  expect(change.status).toBe(400);
  expect(change.body.details[0].path).toBe(example.wrongAt);
  expect((await send('GET', `/${name}/${body.id}`)).body).toEqual(body);
});

test.each(Object.entries(examples))('%s: belong to one site only', async (name, { written, change }) => {
  const { send, asSite } = await reportApp();
  const { body } = await send('POST', `/${name}`, written);
  asSite(2);
  expect((await send('GET', `/${name}`)).body.items).toEqual([]);
  expect((await send('PATCH', `/${name}/${body.id}`, change)).status).toBe(404);
  expect((await send('DELETE', `/${name}/${body.id}`)).status).toBe(404);
});

test('goals: null takes the value away', async () => {
  const { send } = await reportApp();
  const { body } = await send('POST', '/goals', examples.goals.written);
  expect((await send('PATCH', `/goals/${body.id}`, { value: null })).body).not.toHaveProperty('value');
});

test('goals: a site has at most 50, because one question counts them all', async () => {
  const { send } = await reportApp();
  for (let number = 1; number <= 50; number += 1)
    await send('POST', '/goals', { name: `Goal ${number}`, match: { path: `/thanks/${number}` } });
  expect(await send('POST', '/goals', examples.goals.written)).toMatchObject({
    status: 422,
    body: { code: 'limit_reached', message: 'A site has at most 50 goals.' },
  });
});

test('goals: other parts read them with listGoals, oldest first', async () => {
  const { send, state, site } = await reportApp();
  await send('POST', '/goals', examples.goals.written);
  await send('POST', '/goals', { name: 'Contact', match: { path: '/contact/thanks' } });
  expect((await listGoals(state, site.id)).map(({ name }) => name)).toEqual(['Booked', 'Contact']);
});
