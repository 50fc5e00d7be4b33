import { randomUUID } from 'node:crypto';
import { Hono } from 'hono';
import * as z from 'zod';
import type { ClickHouse } from '../clickhouse/client.ts';
import { killQueries, progressOf } from '../clickhouse/progress.ts';
import { inScope } from '../clickhouse/question-scope.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Env } from './env.ts';
import { describe } from './parse.ts';

const queryId = z.uuid();

/**
 * Progress and end of slow questions. Mount it before all other routes of a site: it also gives every request its scope, so that
 * what is asked of ClickHouse can be found by the header `x-query-id`, and ends when the caller hangs up.
 */
export function progressRoutes({ clickhouse, log }: { clickhouse: ClickHouse; log: Logger }): Hono<Env> {
  const app = new Hono<Env>();
  /** The questions under way here, by the start of their query ids. */
  const running = new Map<string, AbortController>();

  app.use('*', async (c, next) => {
    const id = toId(c.req.header('x-query-id') ?? randomUUID());
    const prefix = prefixOf(c.get('site').id, id);
    if (running.has(prefix)) {
      throw new AppError('conflict', { message: 'A question with this x-query-id is under way. Send a new id.' });
    }
    const cancel = new AbortController();
    const caller = c.req.raw.signal;
    const onHangUp = () => {
      cancel.abort();
      // The connection to ClickHouse is closed too, but it looks after its connections only now and then.
      killQueries(clickhouse, prefix).catch((error: unknown) => {
        log.warn({ err: error }, 'a question that nobody waits for could not be ended');
      });
    };
    running.set(prefix, cancel);
    caller.addEventListener('abort', onHangUp, { once: true });
    try {
      await inScope({ prefix, signal: cancel.signal }, next);
    } finally {
      caller.removeEventListener('abort', onHangUp);
      running.delete(prefix);
    }
  });

  app.get(
    '/progress/:id',
    describe('questions', 'How far a question is', 'The id is the `x-query-id` that the question was sent with.'),
    async (c) => c.json(await progressOf(clickhouse, prefixOf(c.get('site').id, toId(c.req.param('id'))))),
  );
  app.delete(
    '/progress/:id',
    describe('questions', 'End a question', 'It then answers with the error `cancelled`.'),
    async (c) => {
      const prefix = prefixOf(c.get('site').id, toId(c.req.param('id')));
      running.get(prefix)?.abort();
      await killQueries(clickhouse, prefix);
      return c.body(null, 204);
    },
  );
  return app;
}

/** The site is part of it, so nobody sees or ends the questions of another site. */
function prefixOf(siteId: number, id: string): string {
  return `${siteId}-${id}-`;
}

function toId(text: string): string {
  const id = queryId.safeParse(text);
  if (id.success) return id.data.toLowerCase();
  throw new AppError('invalid_request', { details: [{ path: 'x-query-id', message: 'Send a UUID.' }] });
}
