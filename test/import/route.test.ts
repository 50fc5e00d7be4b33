import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { AppError } from '../../collector/errors.ts';
import type { HistoryLine } from '../../collector/import/history-event.ts';
import { newSummary } from '../../collector/import/summary.ts';
import type { Env, Principal } from '../../collector/routes/env.ts';
import { importRoutes } from '../../collector/routes/import.ts';
import type { SiteRecord } from '../../collector/state/sites.ts';

function appFor(principal: Principal) {
  const taken: HistoryLine[] = [];
  const run = {
    take: async (lines: readonly HistoryLine[]) => void taken.push(...lines),
    end: async () => newSummary(),
    stop: async () => {},
  };
  const app = new Hono<Env>();
  app.onError((error, c) => c.text(error.message, error instanceof AppError ? error.status : 500));
  app.use(async (c, next) => {
    c.set('principal', principal);
    c.set('site', { id: 1, domains: ['example.com'] } as SiteRecord);
    await next();
  });
  app.route('/import', importRoutes({ imports: { start: async () => run } }));
  return { taken, post: (path: string, body = '') => app.request(path, { method: 'POST', body }) };
}

test('the import route is for commands on this machine alone: a key, whatever it may do, is refused', async () => {
  const { post } = appFor({ kind: 'key', keyId: 'k', scope: 'admin', siteId: null });
  expect((await post('/import')).status).toBe(403);
});

test('the import route takes numbered lines until it is ended', async () => {
  const { post, taken } = appFor({ kind: 'local' });
  const { id, origin } = (await (await post('/import')).json()) as { id: string; origin: string };
  expect(origin).toBe('https://example.com');
  expect((await post(`/import/${id}`, '1\t{"name":"a"}\n7\t{"name":"b\\t"}\n')).status).toBe(200);
  expect(taken).toEqual([
    { number: 1, text: '{"name":"a"}' },
    { number: 7, text: '{"name":"b\\t"}' },
  ]);
  expect((await post(`/import/${id}/end`)).status).toBe(200);
  expect((await post(`/import/${id}`, '')).status).toBe(404);
});
