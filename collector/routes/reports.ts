import { Hono } from 'hono';
import * as z from 'zod';
import type { ClickHouse } from '../clickhouse/client.ts';
import type { List } from '../contract/answers.ts';
import { goalReportRequest } from '../contract/goals.ts';
import { limits } from '../contract/limits.ts';
import { annotation, goal, segment } from '../contract/manage.ts';
import { goalReport } from '../queries/goal-report.ts';
import { seenProps } from '../queries/seen-props.ts';
import { createAnnotations } from '../state/annotations.ts';
import type { State } from '../state/database.ts';
import { createGoals } from '../state/goals.ts';
import { createSegments } from '../state/segments.ts';
import type { SiteDefinitions } from '../state/site-definitions.ts';
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

function definitionRoutes<Definition extends object>(
  name: string,
  one: string,
  stored: SiteDefinitions<Definition>,
  schema: z.ZodType<Definition>,
): Hono<Env> {
  const app = new Hono<Env>();
  app.get(`/${name}`, describe(name, `All ${name} of a site`), async (c) => {
    const items = await stored.list(c.get('site').id);
    return c.json({ items, total: items.length, next: null } satisfies List<Definition>);
  });
  app.post(`/${name}`, describe(name, `Add a ${one}`), json(schema), async (c) =>
    c.json(await stored.create(c.get('site').id, c.req.valid('json')), 201),
  );
  app.get(`/${name}/:id`, describe(name, `One ${one}`), async (c) =>
    c.json(await stored.get(c.get('site').id, c.req.param('id'))),
  );
  app.patch(
    `/${name}/:id`,
    describe(name, `Change a ${one}`, 'Fields that are left out stay; null removes an optional one.'),
    // The whole is checked after the change, so any field may be alone here.
    json(z.record(z.string(), z.unknown())),
    async (c) => c.json(await stored.patch(c.get('site').id, c.req.param('id'), c.req.valid('json'))),
  );
  app.delete(`/${name}/:id`, describe(name, `Delete a ${one}`), async (c) => {
    await stored.remove(c.get('site').id, c.req.param('id'));
    return c.body(null, 204);
  });
  return app;
}
