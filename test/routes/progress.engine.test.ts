import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { param, sql } from '../../collector/clickhouse/sql.ts';
import { siteSettings } from '../../collector/contract/manage.ts';
import type { ProgressAnswer } from '../../collector/contract/overview.ts';
import { AppError } from '../../collector/errors.ts';
import { createLog } from '../../collector/log.ts';
import type { Env } from '../../collector/routes/env.ts';
import { progressRoutes } from '../../collector/routes/progress.ts';
import type { SiteRecord } from '../../collector/state/sites.ts';
import { type TestDatabase, testDatabase } from '../support/engine.ts';

const siteOf = (id: number): SiteRecord => ({
  id,
  publicId: `site-${id}`,
  name: 'Shop',
  domains: [],
  timezone: 'UTC',
  settings: siteSettings.parse({}),
  createdAt: '2026-01-01T00:00:00.000Z',
  firstEventAt: null,
});

let database: TestDatabase;
let server: ReturnType<typeof serve>;
let url: string;
let begun = 0;

beforeAll(async () => {
  database = await testDatabase();
  const { clickhouse } = database;
  const app = new Hono<Env>();
  app.onError((error, c) =>
    error instanceof AppError ? c.json({ code: error.code }, error.status) : c.text(String(error), 500),
  );
  const site = new Hono<Env>();
  site.route('/', progressRoutes({ clickhouse, log: createLog('silent') }));
  // 0.05 seconds for each of 180 rows: 9 seconds, if nobody ends it.
  const slow = () => {
    begun += 1;
    return clickhouse.query(
      sql`SELECT sum(sleepEachRow(0.05)) AS slept FROM numbers(${param.uint32(180)}) SETTINGS max_block_size = 1`,
      { name: 'slow' },
    );
  };
  site.post('/slow', async (c) => c.json((await slow()).rows));
  site.post('/slow-twice', async (c) => {
    await slow().catch(() => undefined);
    return c.json((await slow()).rows);
  });
  site.post('/quick', async (c) => c.json((await clickhouse.query(sql`SELECT 1 AS one`, { name: 'quick' })).rows));
  app.use('/sites/:site/*', async (c, next) => {
    c.set('site', siteOf(Number(c.req.param('site'))));
    await next();
  });
  app.route('/sites/:site', site);
  server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await database.drop();
});

const ask = (site: number, path: string, id: string, signal?: AbortSignal) =>
  fetch(`${url}/sites/${site}/${path}`, {
    method: 'POST',
    headers: { 'x-query-id': id },
    ...(signal ? { signal } : {}),
  });

async function progress(site: number, id: string): Promise<ProgressAnswer> {
  return (await (await fetch(`${url}/sites/${site}/progress/${id}`)).json()) as ProgressAnswer;
}

async function until(isSo: (now: ProgressAnswer) => boolean, id: string): Promise<ProgressAnswer> {
  const deadline = Date.now() + 8_000;
  for (;;) {
    const now = await progress(1, id);
    if (isSo(now)) return now;
    if (Date.now() > deadline) throw new Error(`it stayed at ${JSON.stringify(now)}`);
    await new Promise((go) => setTimeout(go, 30));
  }
}

describe('a slow question', () => {
  it('tells how many rows it has read of how many, and ends at once when it is cancelled', async () => {
    const id = randomUUID();
    const startedAt = Date.now();
    const answer = ask(1, 'slow', id);
    const now = await until(({ rowsRead }) => rowsRead > 0, id);
    expect(now).toMatchObject({ rowsTotal: 180, queries: 1 });
    expect(now.rowsRead).toBeLessThan(180);
    expect(now.elapsedMs).toBeGreaterThan(0);
    expect((await fetch(`${url}/sites/1/progress/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await answer).status).toBe(409);
    expect(await (await answer).json()).toEqual({ code: 'cancelled' });
    await until(({ queries }) => queries === 0, id);
    expect(Date.now() - startedAt).toBeLessThan(7_000);
  });

  it('of several statements does not start the next one after it was cancelled', async () => {
    const id = randomUUID();
    const before = begun;
    const answer = ask(1, 'slow-twice', id);
    await until(({ queries }) => queries === 1, id);
    await fetch(`${url}/sites/1/progress/${id}`, { method: 'DELETE' });
    expect((await answer).status).toBe(409);
    expect(begun - before).toBe(2);
    // The first one takes a moment to notice that it was ended.
    await until(({ queries }) => queries === 0, id);
  });

  it('can neither be seen nor cancelled from another site', async () => {
    const id = randomUUID();
    const answer = ask(1, 'slow', id);
    await until(({ queries }) => queries === 1, id);
    expect(await progress(2, id)).toEqual({ rowsRead: 0, rowsTotal: 0, elapsedMs: 0, queries: 0 });
    await fetch(`${url}/sites/2/progress/${id}`, { method: 'DELETE' });
    expect(await progress(1, id)).toMatchObject({ queries: 1 });
    await fetch(`${url}/sites/1/progress/${id}`, { method: 'DELETE' });
    expect((await answer).status).toBe(409);
  });

  it('is ended in the database when whoever asked hangs up', async () => {
    const id = randomUUID();
    const hangUp = new AbortController();
    const answer = ask(1, 'slow', id, hangUp.signal);
    await until(({ queries }) => queries === 1, id);
    const hungUpAt = Date.now();
    hangUp.abort();
    await expect(answer).rejects.toThrow();
    await until(({ queries }) => queries === 0, id);
    expect(Date.now() - hungUpAt).toBeLessThan(5_000);
  });

  it('has an id of its own', async () => {
    const id = randomUUID();
    const answer = ask(1, 'slow', id);
    await until(({ queries }) => queries === 1, id);
    expect(await (await ask(1, 'quick', id)).json()).toEqual({ code: 'conflict' });
    await fetch(`${url}/sites/1/progress/${id}`, { method: 'DELETE' });
    await answer;
    expect((await ask(1, 'quick', id)).status).toBe(200);
  });
});

it.each(['1', "'; DROP TABLE events; --", '%27%20OR%201', '../../x'])('refuses %j as an id', async (id) => {
  const answer = await fetch(`${url}/sites/1/quick`, { method: 'POST', headers: { 'x-query-id': id } });
  expect(answer.status).toBe(400);
  const path = await fetch(`${url}/sites/1/progress/${encodeURIComponent(id)}`, { method: 'DELETE' });
  expect([400, 404]).toContain(path.status);
});
