import { getConnInfo } from '@hono/node-server/conninfo';
import { type Context, Hono } from 'hono';
import type { Registry } from 'prom-client';
import { AppError } from '../errors.ts';
import { isLoopback } from '../ingest/client-address.ts';

export interface HealthDependencies {
  /** What is wrong, in words, by part; empty when everything answers. */
  problems: () => Promise<{ database?: string; spool?: string }>;
  registry: Registry;
  /** Whether the request carries a key that may read. */
  mayRead: (context: Context) => Promise<boolean>;
}

/** `/healthz`: the process runs. `/readyz`: database and spool do too. `/metrics`: Prometheus, for loopback or with a key. */
export function healthRoutes({ problems, registry, mayRead }: HealthDependencies): Hono {
  const app = new Hono();
  app.get('/healthz', (c) => c.json({ status: 'ok' }));
  app.get('/readyz', async (c) => {
    const wrong = await problems();
    const ready = Object.keys(wrong).length === 0;
    return c.json(
      { status: ready ? 'ready' : 'not ready', database: wrong.database ?? 'ok', spool: wrong.spool ?? 'ok' },
      ready ? 200 : 503,
    );
  });
  app.get('/metrics', async (c) => {
    if (!isLocal(c) && !(await mayRead(c))) throw new AppError('unauthorized');
    return c.body(await registry.metrics(), 200, { 'content-type': registry.contentType });
  });
  return app;
}

/** Whether the request comes from this machine itself; a proxy on this machine does not count. */
export function isLocal(context: Context): boolean {
  const proxied = context.req.header('x-forwarded-for') ?? context.req.header('forwarded');
  return !proxied && isLoopback(getConnInfo(context).remote.address ?? '');
}
