import { Hono } from 'hono';
import type { ClickHouse } from '../clickhouse/client.ts';
import { leaksRequest } from '../contract/leaks.ts';
import { leaksReport } from '../leaks/leaks-report.ts';
import type { State } from '../state/database.ts';
import type { Env } from './env.ts';
import { describe, json } from './parse.ts';

export interface LeakDependencies {
  clickhouse: ClickHouse;
  state: State;
  now: () => number;
}

/** Mount under `/api/v1/sites/:site`. */
export function leakRoutes({ clickhouse, state, now }: LeakDependencies): Hono<Env> {
  const app = new Hono<Env>();
  app.post(
    '/leaks',
    describe('questions', 'Where people are lost, ranked', 'Found without set-up; docs/leaks.md says how.'),
    json(leaksRequest),
    async (c) => {
      const { id, timezone } = c.get('site');
      const question = { siteId: id, timezone, request: c.req.valid('json'), nowMs: now() };
      return c.json(await leaksReport({ clickhouse, state }, question));
    },
  );
  return app;
}
