import { Hono } from 'hono';
import { requestId } from 'hono/request-id';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { siteSettings } from '../../collector/contract/manage.ts';
import type { LiveEvent } from '../../collector/contract/overview.ts';
import { AppError } from '../../collector/errors.ts';
import { createLiveFeed } from '../../collector/ingest/live-feed.ts';
import type { Env } from '../../collector/routes/env.ts';
import { questionRoutes } from '../../collector/routes/questions.ts';
import { openState, type State } from '../../collector/state/database.ts';
import type { SiteRecord } from '../../collector/state/sites.ts';
import { type TestDatabase, testDatabase } from '../support/engine.ts';

const live = createLiveFeed();
const site: SiteRecord = {
  id: 1,
  publicId: 'shop',
  name: 'Shop',
  domains: ['example.com'],
  timezone: 'UTC',
  settings: siteSettings.parse({}),
  createdAt: '2026-01-01T00:00:00.000Z',
  firstEventAt: null,
};

let database: TestDatabase;
let state: State;
let app: Hono<Env>;

beforeAll(async () => {
  database = await testDatabase();
  state = openState(':memory:');
  app = new Hono<Env>();
  app.use(requestId());
  app.use(async (c, next) => {
    c.set('site', site);
    await next();
  });
  app.onError((error, c) =>
    error instanceof AppError
      ? c.json({ code: error.code, details: error.details }, error.status)
      : c.text(String(error), 500),
  );
  const now = () => Date.UTC(2026, 8, 1, 12, 2);
  app.route('/', questionRoutes({ clickhouse: database.clickhouse, live, state, now }));
  await database.insert([
    { visitor_id: '7', ts: '2026-09-01 12:00:00.000', path: '/' },
    { visitor_id: '7', ts: '2026-09-01 12:01:00.000', path: '/pricing', page_id: '2' },
    { visitor_id: '8', ts: '2026-09-01 12:01:00.000', path: '/' },
  ]);
  const at = '2026-09-01T12:00:00.000Z';
  await state.db
    .insertInto('sites')
    .values({ id: 1, public_id: 'shop', name: 'Shop', domains: '[]', timezone: 'UTC', settings: '{}', created_at: at })
    .execute();
  await state.db
    .insertInto('leads')
    .values({
      id: 'lead-7',
      site_id: 1,
      person_id: 'lead-7',
      number: 1,
      phone: null,
      external_id: null,
      company: null,
      email: 'ana@example.org',
      name: 'Ana',
      traits: '{}',
      created_at: at,
      updated_at: at,
    })
    .execute();
  await state.db
    .insertInto('lead_visitors')
    .values({ site_id: 1, visitor_id: '7', lead_id: 'lead-7', since: at })
    .execute();
});
afterAll(async () => {
  await state.close();
  await database.drop();
});

const post = (path: string, body: object) =>
  app.request(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });

const funnel = {
  from: '2026-09-01',
  to: '2026-09-02',
  steps: [{ match: { path: '/' } }, { match: { path: '/pricing' } }],
};

describe('the question routes', () => {
  it('answer a funnel, its people with their leads, and what came next', async () => {
    expect(await (await post('/funnel', funnel)).json()).toMatchObject({
      steps: [{ count: 2, dropped: 1 }, { count: 1 }],
    });
    expect(await (await post('/funnel/people', { ...funnel, step: 2, outcome: 'reached' })).json()).toMatchObject({
      items: [{ id: '7', reached: 2, lead: { id: 'lead-7', name: 'Ana', email: 'ana@example.org' } }],
      total: 1,
      next: null,
    });
    expect(await (await post('/funnel/next', { ...funnel, step: 1 })).json()).toEqual({
      dropped: 1,
      items: [{ label: '(exit)', kind: 'exit', count: 1 }],
    });
  });

  it('answer overview, breakdown, realtime and seen', async () => {
    const range = { from: '2026-09-01', to: '2026-09-02' };
    expect(await (await post('/overview', range)).json()).toMatchObject({ totals: { visitors: 2, pageviews: 3 } });
    expect(await (await post('/breakdown', { ...range, dimension: 'path' })).json()).toMatchObject({ total: 2 });
    expect(await (await app.request('/realtime')).json()).toMatchObject({ visitors: 2 });
    expect(await (await app.request('/seen')).json()).toMatchObject({
      pages: [{ path: '/', count: 2 }, { path: '/pricing' }],
    });
  });

  it.each([
    [{ ...funnel, steps: [] }, 'steps'],
    [{ ...funnel, window: '91d' }, 'window'],
    [{ ...funnel, to: '2026-09-01' }, 'to'],
    [{ ...funnel, from: 'yesterday' }, 'from'],
  ])('refuse %j and name the place', async (body, path) => {
    const answer = await post('/funnel', body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'invalid_request', details: [{ path }] });
  });

  it('stream the latest events, then every new one, until the reader leaves', async () => {
    const event = (path: string): LiveEvent => ({
      at: '2026-09-01T12:00:00.000Z',
      name: 'pageview',
      path,
      host: 'example.com',
      country: 'DE',
      device: 'desktop',
      source: '',
    });
    live.publish(1, event('/before'));
    live.publish(2, event('/of-another-site'));
    const answer = await app.request('/live');
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const readUntil = async (part: string) => {
      while (!text.includes(part)) text += (await reader?.read())?.value ?? '';
    };
    await readUntil('/before');
    live.publish(1, { ...event('/after'), dropped: { reason: 'bot' } });
    await readUntil('/after');
    expect(text).toContain('"dropped":{"reason":"bot"}');
    expect(text).not.toContain('/of-another-site');
    await reader?.cancel();
  });
});
