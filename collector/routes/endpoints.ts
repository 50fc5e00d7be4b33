import { Hono } from 'hono';
import * as z from 'zod';
import type { List } from '../contract/answers.ts';
import { limits } from '../contract/limits.ts';
import { deliveryStates, type WebhookEvent, webhookEvents } from '../contract/names.ts';
import { instantOrDate } from '../contract/time.ts';
import {
  endpoint,
  endpointPatch,
  type Preview,
  previewRequest,
  type ReplayResult,
  replayRequest,
  type StoredEndpoint,
  type TemplatePreset,
  testRequest,
} from '../contract/webhooks.ts';
import { AppError, type ErrorDetail } from '../errors.ts';
import type { Metrics } from '../metrics.ts';
import { toInstantText, toSpan } from '../queries/range.ts';
import { getDelivery, listDeliveries } from '../state/deliveries.ts';
import {
  changedEndpoint,
  createEndpoint,
  draftEndpoint,
  type EndpointRow,
  getEndpoint,
  listEndpoints,
  patchEndpoint,
  refuseTooManyEndpoints,
  removeEndpoint,
  rotateSecret,
  toStored,
} from '../state/endpoints.ts';
import type { RuleBook } from '../state/rules.ts';
import { createAddressGuard } from '../webhooks/address-guard.ts';
import type { AttemptDependencies } from '../webhooks/attempt.ts';
import { sampleMessage } from '../webhooks/events.ts';
import { refuseBlockedUrl } from '../webhooks/guarded-request.ts';
import { replayDelivery, replayRange } from '../webhooks/outbox.ts';
import { templatePresetsForApi } from '../webhooks/presets.ts';
import { sendTest } from '../webhooks/send-test.ts';
import { createPayloadTemplates } from '../webhooks/template.ts';
import type { Env } from './env.ts';
import { describe, json, query } from './parse.ts';
import { type PastMessageDependencies, pastMessage } from './past-message.ts';
import {
  changesRequest,
  notePassedTest,
  refuseBadTemplate,
  refuseUnlessItWorks,
  typesToCheck,
} from './save-endpoint.ts';

export interface EndpointDependencies extends PastMessageDependencies {
  rules: Pick<RuleBook, 'version' | 'list'>;
  /** CIDRs that webhooks may reach although they are private. */
  allow: readonly string[];
  random: () => number;
  metrics?: Pick<Metrics, 'deliveries' | 'deliveryAttempts'>;
  /** Of one attempt; 15 s where absent. */
  deadlineMs?: number;
  mailer?: AttemptDependencies['mailer'];
}

/** `test=false` saves without sending a test message first. */
const saveQuery = z.object({ test: z.enum(['true', 'false']).default('true') });
/** `confirm=true` deletes an endpoint that is in use. */
const deleteQuery = z.object({ confirm: z.enum(['true', 'false']).default('false') });

const deliveryQuery = z.object({
  endpoint: z.string().max(limits.idLength).optional(),
  state: z.enum([...deliveryStates, 'dead']).optional(),
  type: z.enum(webhookEvents).optional(),
  case: z.string().max(limits.idLength).optional(),
  from: instantOrDate.optional(),
  to: instantOrDate.optional(),
  limit: z.coerce.number().int().min(1).max(limits.listLimit).default(50),
  cursor: z.string().max(200).optional(),
});

/** Webhook receivers and what was sent to them. Mount under `/api/v1/sites/:site`. */
export function endpointRoutes(deps: EndpointDependencies): Hono<Env> {
  const { state, rules, now } = deps;
  const guard = createAddressGuard(deps.allow);
  const templates = createPayloadTemplates();
  const attempts = { ...deps, guard, templates };
  const app = new Hono<Env>();

  app.get('/endpoints', describe('webhooks', 'All endpoints of a site'), async (c) => {
    const items = await listEndpoints(state.db, c.get('site').id, now());
    return c.json({ items, total: items.length, next: null } satisfies List<StoredEndpoint>);
  });
  app.post(
    '/endpoints',
    describe(
      'webhooks',
      'Add an endpoint',
      'The answer holds the signing secret, which is not shown again. An endpoint that is on gets a test message first and is refused where that fails; `?test=false` leaves the test out.',
    ),
    query(saveQuery),
    json(endpoint),
    async (c) => {
      const body = c.req.valid('json');
      const site = c.get('site');
      refuseBadTemplate(templates, body);
      await refuseTooManyEndpoints(state.db, site.id);
      const options = { siteId: site.id, endpoint: body, nowMs: now() };
      const tested = await refuseUnlessItWorks(attempts, {
        row: draftEndpoint(state.box, options).row,
        message: sampleMessage('webhook.test', { site: site.publicId, at: new Date(now()).toISOString() }),
        isTested: c.req.valid('query').test === 'true',
      });
      const { secret, id } = await createEndpoint(state, options);
      await notePassedTest(deps, { id, at: tested });
      return c.json({ ...(await toStored(state.db, await getEndpoint(state.db, site.id, id), now())), secret }, 201);
    },
  );
  app.get('/endpoints/presets', describe('webhooks', 'Ready payload templates'), (c) => {
    const items = templatePresetsForApi();
    return c.json({ items, total: items.length, next: null } satisfies List<TemplatePreset>);
  });
  app.post(
    '/endpoints/preview',
    describe(
      'webhooks',
      'What a template makes of a message',
      'On a real case or the sample. A template that cannot be saved is no error here: `problems` says what is wrong, and where.',
    ),
    json(previewRequest),
    async (c) => {
      const { template, event = 'abandonment.created', case: wanted } = c.req.valid('json');
      const { message, caseId } = await pastMessage(deps, { site: c.get('site'), type: event, wanted });
      return c.json({ ...preview(template, event, message), message, caseId } satisfies Preview);
    },
  );
  app.get('/endpoints/:id', describe('webhooks', 'One endpoint'), async (c) => {
    const row = await getEndpoint(state.db, c.get('site').id, c.req.param('id'));
    return c.json(await toStored(state.db, row, now()));
  });
  app.patch(
    '/endpoints/:id',
    describe(
      'webhooks',
      'Change an endpoint',
      'Switching one off takes back the messages that wait for it. A change of what is sent is tested first, as when it is added.',
    ),
    query(saveQuery),
    json(endpointPatch),
    async (c) => {
      const patch = c.req.valid('json');
      const site = c.get('site');
      const id = c.req.param('id');
      const before = await getEndpoint(state.db, site.id, id);
      refuseMailChange(before, patch);
      const row = changedEndpoint(state.box, { row: before, patch, nowMs: now() });
      refuseBadTemplate(templates, { template: row.template, events: JSON.parse(row.events) as WebhookEvent[] });
      const tested =
        row.kind !== 'mail' && changesRequest(before, patch)
          ? await refuseUnlessItWorks(attempts, {
              row,
              message: sampleMessage('webhook.test', { site: site.publicId, at: new Date(now()).toISOString() }),
              // A no-code tool would take the test for a real message.
              isTested: c.req.valid('query').test === 'true' && row.kind === 'webhook',
            })
          : null;
      await patchEndpoint(state, { siteId: site.id, id, patch, nowMs: now() });
      await notePassedTest(deps, { id, at: tested });
      return c.json(await toStored(state.db, await getEndpoint(state.db, site.id, id), now()));
    },
  );
  app.delete(
    '/endpoints/:id',
    describe(
      'webhooks',
      'Delete an endpoint',
      'One that is in use is refused with what would stop; `?confirm=true` deletes it all the same.',
    ),
    query(deleteQuery),
    async (c) => {
      const siteId = c.get('site').id;
      const row = await getEndpoint(state.db, siteId, c.req.param('id'));
      if (row.kind === 'mail') {
        throw new AppError('conflict', { message: 'Mail belongs to this installation. Switch it off instead.' });
      }
      const uses = await usesOf(row);
      if (uses.length > 0 && c.req.valid('query').confirm !== 'true') {
        throw new AppError('conflict', {
          message: 'This endpoint is in use. See what would stop, and delete it with confirm=true.',
          details: uses,
        });
      }
      await removeEndpoint(state.db, { siteId, id: row.id, nowMs: now() });
      return c.body(null, 204);
    },
  );
  app.post(
    '/endpoints/:id/test',
    describe(
      'webhooks',
      'Send a test message',
      'One attempt at `webhook.test`, at this moment, with the data of a past case or the sample. Answers what came back.',
    ),
    async (c) => {
      const site = c.get('site');
      const parsed = testRequest.safeParse(bodyOr({}, await c.req.text()));
      if (!parsed.success) throw new AppError('invalid_request');
      const row = await getEndpoint(state.db, site.id, c.req.param('id'));
      if (row.kind !== 'mail') await refuseBlockedUrl(row.url, { guard });
      const past = await pastMessage(deps, { site, type: 'webhook.test', wanted: parsed.data.case });
      return c.json(await sendTest(attempts, { endpoint: row, ...past }));
    },
  );
  app.post(
    '/endpoints/:id/rotate',
    describe('webhooks', 'Change the signing secret', 'For a day messages carry a signature of the old one too.'),
    async (c) => c.json(await rotateSecret(state, { siteId: c.get('site').id, id: c.req.param('id'), nowMs: now() })),
  );
  app.post(
    '/endpoints/:id/replay',
    describe(
      'webhooks',
      'Send messages of a time range again',
      'With the same ids. `status` is the state they are in now: `dead` (given up, the default), `failed`, `delivered` or `cancelled`.',
    ),
    json(replayRequest),
    async (c) => {
      const site = c.get('site');
      const { from, to, status } = c.req.valid('json');
      const row = await getEndpoint(state.db, site.id, c.req.param('id'));
      if (row.enabled === 0) {
        throw new AppError('conflict', { message: 'This endpoint is off. Switch it on first.' });
      }
      const replayed = await replayRange(state.db, {
        endpointId: row.id,
        ...toSpan({ from, to }, site.timezone),
        state: status === 'dead' ? 'failed' : status,
        nowMs: now(),
      });
      return c.json({ replayed } satisfies ReplayResult);
    },
  );

  app.get(
    '/deliveries',
    describe(
      'webhooks',
      'Messages with their attempts',
      'Newest first. `state=dead` are those that were given up. `from` and `to` are about when a message was made, half-open.',
    ),
    query(deliveryQuery),
    async (c) => {
      const { endpoint: endpointId, case: caseId, limit, cursor, from, to, ...filter } = c.req.valid('query');
      const site = c.get('site');
      return c.json(
        await listDeliveries(
          state.db,
          {
            siteId: site.id,
            endpointId,
            caseId,
            from: toInstantText(from, site.timezone),
            to: toInstantText(to, site.timezone),
            ...filter,
          },
          { limit, cursor },
        ),
      );
    },
  );
  app.get('/deliveries/:id', describe('webhooks', 'One message'), async (c) =>
    c.json(await getDelivery(state.db, c.get('site').id, c.req.param('id'))),
  );
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

  function preview(template: string | null, event: WebhookEvent, message: Preview['message']) {
    if (template === null) return { body: JSON.stringify(message), problems: [] };
    const problems = templates.check(template, typesToCheck([event]));
    const rendered = templates.render(template, message);
    return { body: rendered.body, problems: rendered.problem && problems.length === 0 ? [rendered.problem] : problems };
  }

  /** What stops when the endpoint is gone, a sentence each. */
  async function usesOf(row: EndpointRow): Promise<ErrorDetail[]> {
    const users = rules
      .list(row.site_id)
      .map((rule) => ({ rule, count: rule.followUps.filter((one) => one.endpoint === row.id).length }))
      .filter(({ count }) => count > 0)
      .map(({ rule, count }) => ({
        path: `rules.${rule.id}`,
        message:
          count === rule.followUps.length
            ? `The rule "${rule.name}" will send nothing any more.`
            : `The rule "${rule.name}" will leave out ${count} of its ${rule.followUps.length} messages.`,
      }));
    const { count } = await state.db
      .selectFrom('deliveries')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('endpoint_id', '=', row.id)
      .where('state', '=', 'pending')
      .executeTakeFirstOrThrow();
    const waiting = count === 1 ? '1 message waits for it and is' : `${count} messages wait for it and are`;
    return [...users, ...(count > 0 ? [{ path: 'deliveries', message: `${waiting} not sent.` }] : [])];
  }
}

/** Address, payload and headers of mail are not a site's to choose. */
function refuseMailChange(row: EndpointRow, patch: z.infer<typeof endpointPatch>): void {
  if (row.kind !== 'mail') return;
  const fixed = (['name', 'url', 'template', 'headers'] as const).filter((field) => patch[field] !== undefined);
  if (fixed.length === 0) return;
  throw new AppError('invalid_request', {
    details: fixed.map((path) => ({ path, message: 'Mail is set up by the operator of this installation.' })),
  });
}

/** TRICKY: a browser's POST without a body has an empty one here, which is no JSON. */
function bodyOr(absent: unknown, text: string): unknown {
  if (text.trim() === '') return absent;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AppError('invalid_json', { cause });
  }
}
