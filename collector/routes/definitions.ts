import { Hono } from 'hono';
import * as z from 'zod';
import type { List } from '../contract/answers.ts';
import type { SiteDefinitions } from '../state/site-definitions.ts';
import type { Env } from './env.ts';
import { describe, json } from './parse.ts';

/** Things of one kind that people set up for a site: list, add, and one of them. `name` is also the address. */
export function definitionRoutes<Definition extends object>(
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
