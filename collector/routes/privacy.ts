import { Hono } from 'hono';
import * as z from 'zod';
import type { Erasures } from '../backup/erase.ts';
import { limits } from '../contract/limits.ts';
import { createNamedVisitors } from '../ingest/visitor-id.ts';
import type { Env } from './env.ts';
import { describe, json } from './parse.ts';

const eraseRequest = z.strictObject({
  /** The number that answers name a visitor by, or the id that the page sends. */
  visitor: z.string().min(1).max(limits.idLength),
});

/** What a visitor may ask for. Mount under `/sites/:site`. */
export function privacyRoutes({ erasures }: { erasures: Pick<Erasures, 'erase'> }): Hono<Env> {
  const visitorNamed = createNamedVisitors();
  const app = new Hono<Env>();
  app.post('/privacy/erase', describe('privacy', 'Erase the events of a visitor'), json(eraseRequest), async (c) => {
    const { visitor } = c.req.valid('json');
    const site = c.get('site');
    const { done } = await erasures.erase(site.id, [visitorNamed(site.id, visitor).id]);
    return c.json({ done }, done ? 200 : 202);
  });
  return app;
}
