import { Hono } from 'hono';
import type { ClickHouse } from '../../collector/clickhouse/client.ts';
import { siteSettings } from '../../collector/contract/manage.ts';
import { AppError } from '../../collector/errors.ts';
import { createLiveFeed } from '../../collector/ingest/live-feed.ts';
import type { Env } from '../../collector/routes/env.ts';
import { leakRoutes } from '../../collector/routes/leaks.ts';
import { pathRoutes } from '../../collector/routes/paths.ts';
import { questionRoutes } from '../../collector/routes/questions.ts';
import type { State } from '../../collector/state/database.ts';
import type { SiteRecord } from '../../collector/state/sites.ts';

/** The questions of one site over HTTP, without anybody signing in. `ask` answers status and body. */
export function questionApp({
  clickhouse,
  state,
  now,
  site,
}: {
  clickhouse: ClickHouse;
  state: State;
  now: () => number;
  site?: Partial<SiteRecord>;
}) {
  const record: SiteRecord = {
    id: 1,
    publicId: 'site1',
    name: 'Example',
    domains: ['example.com'],
    timezone: 'UTC',
    createdAt: '2026-01-01T00:00:00.000Z',
    firstEventAt: null,
    settings: siteSettings.parse({}),
    ...site,
  };
  const app = new Hono<Env>();
  app.onError((error, c) => {
    if (!(error instanceof AppError)) throw error;
    const { code, message, details } = error;
    return c.json({ error: { code, message, details } }, error.status);
  });
  app.use(async (c, next) => {
    c.set('site', record);
    await next();
  });
  app.route('/', questionRoutes({ clickhouse, state, now, live: createLiveFeed() }));
  app.route('/', pathRoutes({ clickhouse, state }));
  app.route('/', leakRoutes({ clickhouse, state, now }));
  return {
    async ask<Answer>(path: string, body: unknown): Promise<{ status: number; body: Answer }> {
      const answer = await app.request(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      return { status: answer.status, body: (await answer.json()) as Answer };
    },
  };
}
