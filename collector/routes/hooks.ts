import { Hono } from 'hono';
import * as z from 'zod';
import type { List } from '../contract/answers.ts';
import { limits } from '../contract/limits.ts';
import { type WebhookEvent, webhookEvents } from '../contract/names.ts';
import { type Hook, hookRequest } from '../contract/webhooks.ts';
import { AppError } from '../errors.ts';
import type { State } from '../state/database.ts';
import { createEndpoint, type EndpointRow, removeEndpoint } from '../state/endpoints.ts';
import type { SiteDirectory, SiteRecord } from '../state/sites.ts';
import { createAddressGuard } from '../webhooks/address-guard.ts';
import { sampleMessage, webhookCatalogue } from '../webhooks/events.ts';
import { refuseBlockedUrl } from '../webhooks/guarded-request.ts';
import { maySee } from './authorize.ts';
import type { Env, Principal } from './env.ts';
import { describe, json, query } from './parse.ts';

export interface HookDependencies {
  state: State;
  sites: Pick<SiteDirectory, 'list' | 'byPublicId' | 'byId'>;
  now: () => number;
  /** CIDRs that webhooks may reach although they are private. */
  allow: readonly string[];
}

const sampleQuery = z.object({ site: z.string().max(limits.idLength).optional() });

/**
 * REST hooks: how no-code tools subscribe when an automation is switched on, and unsubscribe when it is switched off. A hook is an
 * endpoint that gets every message of its type, whatever the rule. Mount under `/api/v1`.
 */
export function hookRoutes({ state, sites, now, allow }: HookDependencies): Hono<Env> {
  const guard = createAddressGuard(allow);
  const app = new Hono<Env>();

  app.get('/hooks', describe('hooks', 'All hooks'), async (c) => {
    const rows = await state.db
      .selectFrom('endpoints')
      .selectAll()
      .where('kind', '=', 'hook')
      .where('deleted_at', 'is', null)
      .orderBy('created_at')
      .execute();
    const items = rows.filter((row) => maySee(c.get('principal'), row.site_id)).map(toHook);
    return c.json({ items, total: items.length, next: null } satisfies List<Hook>);
  });
  app.post(
    '/hooks',
    describe(
      'hooks',
      'Subscribe to a message type',
      'The same subscription twice is one. The answer holds the signing secret of a new one, which is not shown again.',
    ),
    json(hookRequest),
    async (c) => {
      const { targetUrl, event, site: publicId } = c.req.valid('json');
      const site = siteFor(c.get('principal'), publicId);
      await refuseBlockedUrl(targetUrl, { guard });
      const known = await find(site.id, targetUrl, event);
      if (known) return c.json(toHook(known));
      const made = await createEndpoint(state, {
        siteId: site.id,
        kind: 'hook',
        endpoint: {
          name: `${new URL(targetUrl).hostname}, ${event}`.slice(0, limits.nameLength),
          url: targetUrl,
          events: [event],
        },
        nowMs: now(),
      });
      const hook: Hook = { id: made.id, targetUrl, event, site: site.publicId, createdAt: made.createdAt };
      return c.json({ ...hook, secret: made.secret }, 201);
    },
  );
  app.delete('/hooks', describe('hooks', 'Unsubscribe by address and type'), json(hookRequest), async (c) => {
    const { targetUrl, event, site: publicId } = c.req.valid('json');
    const site = siteFor(c.get('principal'), publicId);
    const row = await find(site.id, targetUrl, event);
    if (!row) throw new AppError('not_found');
    await removeEndpoint(state.db, { siteId: row.site_id, id: row.id, nowMs: now() });
    return c.body(null, 204);
  });
  app.delete('/hooks/:id', describe('hooks', 'Unsubscribe by id'), async (c) => {
    const row = await state.db
      .selectFrom('endpoints')
      .selectAll()
      .where('id', '=', c.req.param('id'))
      .where('kind', '=', 'hook')
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
    if (!row || !maySee(c.get('principal'), row.site_id)) throw new AppError('not_found');
    await removeEndpoint(state.db, { siteId: row.site_id, id: row.id, nowMs: now() });
    return c.body(null, 204);
  });
  app.get('/hooks/events', describe('hooks', 'Message types, in words'), (c) => {
    const items = webhookEvents.map((event) => ({ event, description: webhookCatalogue[event].description }));
    return c.json({ items, total: items.length, next: null });
  });
  app.get(
    '/hooks/samples/:event',
    describe('hooks', 'A sample of a message type', 'A list of one, as no-code tools expect it.'),
    query(sampleQuery),
    (c) => {
      const event = webhookEvents.find((known) => known === c.req.param('event'));
      if (!event) throw new AppError('not_found', { message: `Known types: ${webhookEvents.join(', ')}.` });
      const { site } = c.req.valid('query');
      return c.json([sampleMessage(event, { site: site ?? 'SITE', at: new Date(now()).toISOString() })]);
    },
  );
  return app;

  function find(siteId: number, targetUrl: string, event: WebhookEvent): Promise<EndpointRow | undefined> {
    return state.db
      .selectFrom('endpoints')
      .selectAll()
      .where('site_id', '=', siteId)
      .where('kind', '=', 'hook')
      .where('url', '=', targetUrl)
      .where('events', '=', JSON.stringify([event]))
      .where('deleted_at', 'is', null)
      .executeTakeFirst();
  }

  /** The site that is named, or the only one that this principal can mean. */
  function siteFor(principal: Principal, publicId: string | undefined): SiteRecord {
    const seen = sites.list().filter((site) => maySee(principal, site.id));
    if (publicId !== undefined) {
      const named = seen.find((site) => site.publicId === publicId);
      if (!named) throw new AppError('unknown_site');
      return named;
    }
    const [only, ...others] = seen;
    if (only && others.length === 0) return only;
    throw new AppError('invalid_request', { details: [{ path: 'site', message: 'Name the site this is about.' }] });
  }

  function toHook(row: EndpointRow): Hook {
    const [event = 'webhook.test'] = JSON.parse(row.events) as WebhookEvent[];
    return {
      id: row.id,
      targetUrl: row.url,
      event,
      site: sites.byId(row.site_id)?.publicId ?? '',
      createdAt: row.created_at,
    };
  }
}
