import { Hono } from 'hono';
import { nanoid } from 'nanoid';
import { AppError } from '../errors.ts';
import type { HistoryLine } from '../import/history-event.ts';
import type { ImportRun, Imports } from '../import/imports.ts';
import type { Env } from './env.ts';

/** Answer of `POST …/import`. */
export interface ImportStarted {
  id: string;
  /** Scheme and host of the site, for files that name only paths. */
  origin: string;
}

/** One request: many more events than the public routes take, because only a command on this machine may come here. */
const maxBytes = 16 * 1024 * 1024;

/**
 * `POST /api/v1/sites/SITE/import`, for `telltale import` while a server runs on the folder. An import is begun, given lines
 * (`NUMBER<tab>JSON`) in the order of the file, one request after the other, and ended.
 */
export function importRoutes({ imports }: { imports: Imports }): Hono<Env> {
  const runs = new Map<string, ImportRun & { siteId: number }>();
  const app = new Hono<Env>();

  app.use(async (c, next) => {
    if (c.get('principal').kind !== 'local') throw new AppError('forbidden');
    await next();
  });

  app.post('/', async (c) => {
    const site = c.get('site');
    const run = await imports.start(site);
    // What an import that was killed left behind goes with the next one.
    for (const [id, { siteId }] of runs) if (siteId === site.id) runs.delete(id);
    const id = nanoid();
    runs.set(id, { ...run, siteId: site.id });
    return c.json({ id, origin: `https://${site.domains[0] ?? 'localhost'}` } satisfies ImportStarted);
  });

  app.post('/:run', async (c) => {
    const body = Buffer.from(await c.req.arrayBuffer());
    if (body.length > maxBytes) throw new AppError('too_large');
    await runOf(c.req.param('run'), c.get('site').id).take(toLines(body.toString()));
    return c.json({});
  });

  app.post('/:run/end', async (c) => {
    const id = c.req.param('run');
    const summary = await runOf(id, c.get('site').id).end();
    runs.delete(id);
    return c.json(summary);
  });

  function runOf(id: string, siteId: number): ImportRun {
    const run = runs.get(id);
    if (run?.siteId === siteId) return run;
    throw new AppError('not_found', {
      message: 'The server was started again meanwhile. Run the import again: it goes on where it stopped.',
    });
  }

  return app;
}

function toLines(body: string): HistoryLine[] {
  const lines: HistoryLine[] = [];
  for (const line of body.split('\n')) {
    if (line === '') continue;
    const tab = line.indexOf('\t');
    lines.push({ number: Number(line.slice(0, tab)), text: line.slice(tab + 1) });
  }
  return lines;
}
