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
    c.set('principal', { kind: 'local' });
    await next();
  });
  for (const route of routes) app.route('/', route);

  /** Status and body of a request. */
  async function send<Answer = unknown>(method: string, path: string, body?: unknown): Promise<[number, Answer]> {
    const response = await app.request(path, {
      method,
      ...(body === undefined ? {} : bodyOf(body)),
    });
    return [response.status, (response.status === 204 ? null : await response.json()) as Answer];
  }
  const text = async (path: string) => (await app.request(path)).text();
  return { send, text, get: async <Answer>(path: string) => (await send<Answer>('GET', path))[1] };
}

/** Bytes go as they are, all else as JSON. */
function bodyOf(body: unknown) {
  return body instanceof Uint8Array
    ? { body: new Uint8Array(body) }
    : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
}
