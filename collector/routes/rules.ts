import { Hono } from 'hono';
import * as z from 'zod';
import type { List } from '../contract/answers.ts';
import { rule, type StoredRule } from '../contract/rule.ts';
import type { RuleBook } from '../state/rules.ts';
import type { Env } from './env.ts';
import { describe, json } from './parse.ts';

export interface RuleDependencies {
  rules: RuleBook;
}

/** Abandonment rules. Mount under `/api/v1/sites/:site`. */
export function ruleRoutes({ rules }: RuleDependencies): Hono<Env> {
  const app = new Hono<Env>();

  app.get('/rules', describe('rules', 'All rules of a site'), (c) => {
    const items = rules.list(c.get('site').id);
    return c.json({ items, total: items.length, next: null } satisfies List<StoredRule>);
  });
  app.post(
    '/rules',
    describe('rules', 'Add a rule', 'Refused where it could never fire, or names an endpoint that does not exist.'),
    json(rule),
    async (c) => c.json(await rules.create(c.get('site').id, c.req.valid('json')), 201),
  );
  app.get('/rules/:id', describe('rules', 'One rule'), (c) => c.json(rules.get(c.get('site').id, c.req.param('id'))));
  app.patch(
    '/rules/:id',
    describe(
      'rules',
      'Change a rule',
      'Makes a new version. Fields that are left out stay; null removes an optional one.',
    ),
    // The whole rule is checked after the change, so any field may be alone here.
    json(z.record(z.string(), z.unknown())),
    async (c) => c.json(await rules.patch(c.get('site').id, c.req.param('id'), c.req.valid('json'))),
  );
  app.delete(
    '/rules/:id',
    describe('rules', 'Delete a rule', 'Its waiting cases end without a message.'),
    async (c) => {
      await rules.remove(c.get('site').id, c.req.param('id'));
      return c.body(null, 204);
    },
  );
  return app;
}
