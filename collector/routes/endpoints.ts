import { Hono } from 'hono';
import * as z from 'zod';
import type { List } from '../contract/answers.ts';
import { limits } from '../contract/limits.ts';
import { deliveryStates } from '../contract/names.ts';
import { endpoint, type StoredEndpoint } from '../contract/webhooks.ts';
import type { Metrics } from '../metrics.ts';
import type { State } from '../state/database.ts';
import { getDelivery, listDeliveries } from '../state/deliveries.ts';
import {
  createEndpoint,
  getEndpoint,
  listEndpoints,
  patchEndpoint,
  removeEndpoint,
  rotateSecret,
  toStored,
} from '../state/endpoints.ts';
import { createAddressGuard } from '../webhooks/address-guard.ts';
import { refuseBlockedUrl } from '../webhooks/guarded-post.ts';
import { replayDelivery } from '../webhooks/outbox.ts';
import { sendTest } from '../webhooks/send-test.ts';
import type { Env } from './env.ts';
import { describe, json, query } from './parse.ts';

export interface EndpointDependencies {
  state: State;
  now: () => number;
  /** CIDRs that webhooks may reach although they are private. */
  allow: readonly string[];
  random: () => number;
  metrics?: Pick<Metrics, 'deliveries' | 'deliveryAttempts'>;
}

const endpointPatch = z.strictObject({
  name: endpoint.shape.name.optional(),
  url: endpoint.shape.url.optional(),
  // Without the defaults: a field that is left out stays as it is.
  events: endpoint.shape.events.unwrap().optional(),
  enabled: endpoint.shape.enabled.unwrap().optional(),
});

const deliveryQuery = z.object({
  endpoint: z.string().max(limits.idLength).optional(),
  state: z.enum(deliveryStates).optional(),
  limit: z.coerce.number().int().min(1).max(limits.listLimit).default(50),
  cursor: z.string().max(200).optional(),
});

/** Webhook receivers and what was sent to them. Mount under `/api/v1/sites/:site`. */
export function endpointRoutes(deps: EndpointDependencies): Hono<Env> {
  const { state, now } = deps;
  const guard = createAddressGuard(deps.allow);
  const app = new Hono<Env>();

  app.get('/endpoints', describe('webhooks', 'All endpoints of a site'), async (c) => {
    const items = await listEndpoints(state.db, c.get('site').id, now());
    return c.json({ items, total: items.length, next: null } satisfies List<StoredEndpoint>);
  });
  app.post(
    '/endpoints',
    describe('webhooks', 'Add an endpoint', 'The answer holds the signing secret, which is not shown again.'),
    json(endpoint),
    async (c) => {
      const body = c.req.valid('json');
      await refuseBlockedUrl(body.url, { guard });
      const siteId = c.get('site').id;
      return c.json(await createEndpoint(state.db, { siteId, endpoint: body, nowMs: now() }), 201);
    },
  );
  app.get('/endpoints/:id', describe('webhooks', 'One endpoint'), async (c) => {
    const row = await getEndpoint(state.db, c.get('site').id, c.req.param('id'));
    return c.json(await toStored(state.db, row, now()));
  });
  app.patch(
    '/endpoints/:id',
    describe('webhooks', 'Change an endpoint', 'Switching one off takes back the messages that wait for it.'),
    json(endpointPatch),
    async (c) => {
      const patch = c.req.valid('json');
      if (patch.url !== undefined) await refuseBlockedUrl(patch.url, { guard });
      const siteId = c.get('site').id;
      return c.json(await patchEndpoint(state.db, { siteId, id: c.req.param('id'), patch, nowMs: now() }));
    },
  );
  app.delete('/endpoints/:id', describe('webhooks', 'Delete an endpoint'), async (c) => {
    await removeEndpoint(state.db, { siteId: c.get('site').id, id: c.req.param('id'), nowMs: now() });
    return c.body(null, 204);
  });
  app.post(
    '/endpoints/:id/test',
    describe(
      'webhooks',
      'Send a test message',
      'One attempt at `webhook.test`, at this moment. Answers what came back.',
    ),
    async (c) => {
      const site = c.get('site');
      const row = await getEndpoint(state.db, site.id, c.req.param('id'));
      await refuseBlockedUrl(row.url, { guard });
      return c.json(await sendTest({ ...deps, guard }, { endpoint: row, site: site.publicId }));
    },
  );
  app.post(
    '/endpoints/:id/rotate',
    describe('webhooks', 'Change the signing secret', 'For a day messages carry a signature of the old one too.'),
    async (c) =>
      c.json(await rotateSecret(state.db, { siteId: c.get('site').id, id: c.req.param('id'), nowMs: now() })),
  );

  app.get('/deliveries', describe('webhooks', 'Messages with their attempts'), query(deliveryQuery), async (c) => {
    const { endpoint: endpointId, state: deliveryState, limit, cursor } = c.req.valid('query');
    const filter = { siteId: c.get('site').id, endpointId, state: deliveryState };
    return c.json(await listDeliveries(state.db, filter, { limit, cursor }));
  });
  app.post(
    '/deliveries/:id/replay',
    describe('webhooks', 'Send a message again', 'With the same id, from the start of the retry schedule.'),
    async (c) => {
      const siteId = c.get('site').id;
      const id = c.req.param('id');
      await replayDelivery(state.db, { siteId, id, nowMs: now() });
      return c.json(await getDelivery(state.db, siteId, id));
    },
  );
  return app;
}
