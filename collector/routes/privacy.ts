import { Hono } from 'hono';
import type * as z from 'zod';
import { privacyRequest } from '../contract/privacy.ts';
import { createNamedVisitors } from '../ingest/visitor-id.ts';
import { erase, exportPerson, type Named, type PrivacyDependencies } from '../leads/privacy.ts';
import type { Env } from './env.ts';
import { describe, json } from './parse.ts';

/** What a person may ask for: everything that is known of it, and that nothing is. Mount under `/api/v1/sites/:site`. */
export function privacyRoutes(deps: PrivacyDependencies): Hono<Env> {
  const app = new Hono<Env>();
  const visitorNamed = createNamedVisitors();
  const toNamed = (siteId: number, { visitor, lead, email }: z.infer<typeof privacyRequest>): Named => ({
    ...(visitor === undefined ? {} : { visitor: visitorNamed(siteId, visitor).id }),
    ...(lead === undefined ? {} : { lead }),
    ...(email === undefined ? {} : { email }),
  });

  app.post(
    '/privacy/export',
    describe('privacy', 'Everything that is stored of one person'),
    json(privacyRequest),
    async (c) => {
      const site = c.get('site');
      c.header('content-disposition', 'attachment; filename="person.json"');
      return c.json(await exportPerson(deps, { site, named: toNamed(site.id, c.req.valid('json')) }));
    },
  );
  app.post(
    '/privacy/erase',
    describe('privacy', 'Delete one person everywhere', 'It cannot be taken back.'),
    json(privacyRequest),
    async (c) => {
      const site = c.get('site');
      const erased = await erase(deps, { site, named: toNamed(site.id, c.req.valid('json')) });
      return c.json(erased, erased.done ? 200 : 202);
    },
  );
  return app;
}
