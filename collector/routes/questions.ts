import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import type { ClickHouse } from '../clickhouse/client.ts';
import { breakdownRequest, type LiveEvent, overviewRequest } from '../contract/overview.ts';
import type { LiveFeed } from '../ingest/live-feed.ts';
import { breakdown } from '../queries/breakdown.ts';
import { overview } from '../queries/overview.ts';
import { toSpan } from '../queries/range.ts';
import { realtime } from '../queries/realtime.ts';
import { seen } from '../queries/seen.ts';
import type { State } from '../state/database.ts';
import { listDropped } from '../state/dropped-events.ts';
import type { SiteRecord } from '../state/sites.ts';
import type { Env } from './env.ts';
import { funnelRoutes } from './funnel.ts';
import { describe, json } from './parse.ts';

export interface QuestionDependencies {
  clickhouse: ClickHouse;
  live: LiveFeed;
  state: State;
  now: () => number;
}

/** Proxies close a connection that is silent for a minute. */
const heartbeatMs = 20_000;
/** A browser that does not read falls this far behind at most. */
const mostWaiting = 1_000;

/** Everything that only reads events. Mount under `/api/v1/sites/:site`. */
export function questionRoutes({ clickhouse, live, state, now }: QuestionDependencies): Hono<Env> {
  const app = new Hono<Env>();
  const of = ({ id, timezone }: SiteRecord) => ({ siteId: id, timezone });

  app.post(
    '/overview',
    describe('questions', 'Totals and their course over time', 'And what was not kept in that time, by reason.'),
    json(overviewRequest),
    async (c) => {
      const question = { ...of(c.get('site')), request: c.req.valid('json') };
      const answer = await overview(clickhouse, question);
      const span = toSpan(question.request, question.timezone);
      return c.json({ ...answer, dropped: await listDropped(state, { siteId: question.siteId, ...span }) });
    },
  );
  app.post('/breakdown', describe('questions', 'One dimension, ranked'), json(breakdownRequest), async (c) =>
    c.json(await breakdown(clickhouse, { ...of(c.get('site')), request: c.req.valid('json') })),
  );
  app.route('/', funnelRoutes({ clickhouse, state, now }));
  app.get('/realtime', describe('questions', 'Who is on the site now'), async (c) =>
    c.json(await realtime(clickhouse, { siteId: c.get('site').id, nowMs: now() })),
  );
  app.get('/seen', describe('questions', 'Pages and events of the last 30 days'), async (c) =>
    c.json(await seen(clickhouse, { siteId: c.get('site').id, nowMs: now() })),
  );
  app.get(
    '/live',
    describe(
      'questions',
      'Events as they arrive',
      'Server-sent events: the latest 100, then every new one, kept or dropped.',
    ),
    (c) => {
      const siteId = c.get('site').id;
      // nginx would otherwise collect the stream until its buffer is full.
      c.header('x-accel-buffering', 'no');
      return streamSSE(c, async (stream) => {
        const waiting: LiveEvent[] = live.recent(siteId);
        let wake: () => void = () => undefined;
        const unsubscribe = live.subscribe(siteId, (event) => {
          if (waiting.length < mostWaiting) waiting.push(event);
          wake();
        });
        stream.onAbort(() => wake());
        try {
          while (!stream.aborted) {
            for (const event of waiting.splice(0))
              await stream.writeSSE({ event: 'event', data: JSON.stringify(event) });
            if (stream.aborted || waiting.length > 0) continue;
            if (!(await wokenWithin(heartbeatMs, (callback) => (wake = callback))))
              await stream.write(': still here\n\n');
          }
        } finally {
          unsubscribe();
        }
      });
    },
  );
  return app;
}

/** Whether the callback given to `listen` was called within the time. */
function wokenWithin(ms: number, listen: (callback: () => void) => void): Promise<boolean> {
  return new Promise((done) => {
    const timer = setTimeout(() => done(false), ms);
    listen(() => {
      clearTimeout(timer);
      done(true);
    });
  });
}
