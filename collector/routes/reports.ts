import { Hono } from 'hono';
import * as z from 'zod';
import type { ClickHouse } from '../clickhouse/client.ts';
import { goalReportRequest } from '../contract/goals.ts';
import { limits } from '../contract/limits.ts';
import { annotation, goal, segment } from '../contract/manage.ts';
import { goalReport } from '../queries/goal-report.ts';
import { seenProps } from '../queries/seen-props.ts';
import { createAnnotations } from '../state/annotations.ts';
import type { State } from '../state/database.ts';
import { createGoals } from '../state/goals.ts';
import { createSegments } from '../state/segments.ts';
import { definitionRoutes } from './definitions.ts';
import type { Env } from './env.ts';
import { describe, json, query } from './parse.ts';

const seenPropsQuery = z.object({ event: z.string().min(1).max(limits.nameLength) });

export interface ReportDependencies {
  state: State;
  clickhouse: ClickHouse;
  now: () => number;
}

/** Goals with their report, segments and annotations. Mount under `/api/v1/sites/:site`. */
export function reportRoutes({ state, clickhouse, now }: ReportDependencies): Hono<Env> {
  const app = new Hono<Env>();
  const goals = createGoals(state, now);

  app.post(
    '/goals/report',
    describe('goals', 'How often each goal was reached', 'Rates are of all visitors of the range.'),
    json(goalReportRequest),
    async (c) => {
      const { id, timezone } = c.get('site');
      const request = c.req.valid('json');
      return c.json(await goalReport(clickhouse, { siteId: id, timezone, goals: await goals.list(id), request }));
    },
  );
  app.get(
    '/seen/props',
    describe('questions', 'Properties of an event in the last 30 days'),
    query(seenPropsQuery),
    async (c) =>
      c.json(
        await seenProps(clickhouse, { siteId: c.get('site').id, nowMs: now(), event: c.req.valid('query').event }),
      ),
  );
  app.route('/', definitionRoutes('goals', 'goal', goals, goal));
  app.route('/', definitionRoutes('segments', 'segment', createSegments(state, now), segment));
  app.route('/', definitionRoutes('annotations', 'annotation', createAnnotations(state, now), annotation));
  return app;
}
