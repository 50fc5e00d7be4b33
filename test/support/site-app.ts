import { Hono } from 'hono';
import { AppError } from '../../collector/errors.ts';
import type { Env } from '../../collector/routes/env.ts';
import type { SiteRecord } from '../../collector/state/sites.ts';

/** Routes of one site as somebody calls them who may do everything. */
export function siteApp(site: SiteRecord, ...routes: Hono<Env>[]) {
  const app = new Hono<Env>();
  app.onError((error, c) => {
    if (!(error instanceof AppError)) throw error;
    return c.json({ error: { code: error.code, message: error.message, details: error.details } }, error.status);
  });
  app.use(async (c, next) => {
    c.set('site', site);
    await next();
  });
  for (const route of routes) app.route('/', route);

  /** Status and body of a request. */
  async function send<Answer = unknown>(method: string, path: string, body?: unknown): Promise<[number, Answer]> {
    const response = await app.request(path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    return [response.status, (response.status === 204 ? null : await response.json()) as Answer];
  }
  return { send, get: async <Answer>(path: string) => (await send<Answer>('GET', path))[1] };
}
