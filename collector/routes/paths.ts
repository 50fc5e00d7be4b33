import { Hono } from 'hono';
import type { ClickHouse } from '../clickhouse/client.ts';
import { pathPeopleRequest, pathsRequest } from '../contract/paths.ts';
import { pathPeople } from '../queries/path-people.ts';
import { paths } from '../queries/paths.ts';
import type { State } from '../state/database.ts';
import { leadOfVisitors } from '../state/leads.ts';
import type { Env } from './env.ts';
import { describe, json } from './parse.ts';

export interface PathDependencies {
  state: State;
  clickhouse: ClickHouse;
}

/** Ways through a site. Mount under `/api/v1/sites/:site`. */
export function pathRoutes({ state, clickhouse }: PathDependencies): Hono<Env> {
  const app = new Hono<Env>();
  app.post(
    '/paths',
    describe(
      'questions',
      'Where people go, or come from',
      'Every column adds up; (exit), (entry) and (other) are nodes.',
    ),
    json(pathsRequest),
    async (c) => {
      const { id, timezone } = c.get('site');
      return c.json(await paths(clickhouse, { siteId: id, timezone, request: c.req.valid('json') }));
    },
  );
  app.post(
    '/paths/people',
    describe('questions', 'Who is behind a node or a link', '`total` equals its count.'),
    json(pathPeopleRequest),
    async (c) => {
      const { id, timezone } = c.get('site');
      const people = await pathPeople(clickhouse, { siteId: id, timezone, request: c.req.valid('json') });
      const leads = await leadOfVisitors(
        state,
        id,
        people.items.map(({ visitor }) => visitor),
      );
      return c.json({
        ...people,
        items: people.items.map((person) => {
          const lead = leads.get(person.visitor);
          return lead ? { ...person, lead: { id: lead.id, name: lead.name, email: lead.email } } : person;
        }),
      });
    },
  );
  return app;
}
