import type { Kysely } from 'kysely';
import { type Attempt, type DisabledBy, hiddenHeaderValue, type WebhookMessage } from '../contract/webhooks.ts';
import type { Metrics } from '../metrics.ts';
import { moveCase } from '../state/cases.ts';
import type { State } from '../state/database.ts';
import type { DeliveryRow } from '../state/deliveries.ts';
import { disableEndpoint, type EndpointRow } from '../state/endpoints.ts';
import type { Write } from '../state/grouped-writes.ts';
import type { StateSchema } from '../state/schema.ts';
import type { AddressGuard } from './address-guard.ts';
import { afterFailure, afterSuccess, isSame } from './breaker.ts';
import { guardedPost, type PostResult } from './guarded-post.ts';
import type { Mailer } from './mail.ts';
import { bodyFor, headersFor, problemSentence } from './prepare-request.ts';
import { retryDelay } from './retry-schedule.ts';
import type { PayloadTemplates } from './template.ts';

/** An endpoint without one success for this long is switched off. */
export const failingLimitMs = 120 * 60 * 60 * 1000;

export interface AttemptDependencies {
  state: State;
  guard: AddressGuard;
  templates: PayloadTemplates;
  now: () => number;
  /** 0–1, as Math.random. */
  random: () => number;
  metrics?: Pick<Metrics, 'deliveries' | 'deliveryAttempts'> | undefined;
  deadlineMs?: number | undefined;
  /** Absent: no mail is sent, so a message to a `mail` endpoint fails. */
  mailer?: Pick<Mailer, 'send'> | undefined;
  /** How results are stored; a transaction each where absent. */
  write?: Write | undefined;
}

/** The body of the next attempt at a message: what the first one sent, or what the endpoint's template makes of it now. */
export function prepareBody(
  templates: PayloadTemplates,
  { delivery, endpoint }: { delivery: DeliveryRow; endpoint: EndpointRow },
): ReturnType<typeof bodyFor> {
  return delivery.sent_body === null
    ? bodyFor(templates, { endpoint, message: delivery.body })
    : { body: delivery.sent_body };
}

/**
 * Makes one attempt at a leased message. `stored` ends when what came of it is on the disk. `retries: false`: a failure is final.
 */
export async function attemptDelivery(
  deps: AttemptDependencies,
  delivery: DeliveryRow,
  {
    endpoint,
    retries,
    prepared = prepareBody(deps.templates, { delivery, endpoint }),
  }: { endpoint: EndpointRow; retries: boolean; prepared?: ReturnType<typeof bodyFor> },
): Promise<{ attempt: Attempt; stored: Promise<void> }> {
  const { state, now, metrics } = deps;
  const startedMs = now();
  const { result, request } =
    'problem' in prepared
      ? { result: unsent(`The template could not be rendered. ${problemSentence(prepared.problem)}`), request: null }
      : await post(deps, { endpoint, id: delivery.id, body: prepared.body, nowMs: startedMs });
  const attempt: Attempt = {
    at: new Date(startedMs).toISOString(),
    status: result.status,
    error: result.error,
    ms: result.ms,
    response: result.response,
    request,
  };
  const outcome = decideOutcome({
    result,
    attempts: delivery.attempt_count + 1,
    // The same template would fail again; the message can be sent again once it is repaired.
    retries: retries && request !== null && !result.isHopeless,
    random: deps.random(),
    failingSinceMs: endpoint.failing_since === null ? null : Date.parse(endpoint.failing_since),
    nowMs: now(),
  });
  const sentBody = 'body' in prepared && prepared.body !== delivery.body ? prepared.body : null;
  const write = deps.write ?? ((change) => state.db.transaction().execute(change));
  const stored = write(async (trx) => {
    await trx
      .insertInto('attempts')
      .values({
        delivery_id: delivery.id,
        endpoint_id: endpoint.id,
        ...attempt,
        request: request === null ? null : JSON.stringify(request),
      })
      .execute();
    await recordDelivery(trx, { delivery, endpoint, outcome, sentBody, nowMs: now() });
    // A test says nothing about the messages, and a broken template nothing about the receiver.
    if (delivery.type === 'webhook.test' || request === null || result.isHopeless) return;
    await recordEndpoint(trx, { endpoint, outcome, result, nowMs: now() });
  });
  metrics?.deliveryAttempts.inc({ result: result.error === null ? 'ok' : result.timedOut ? 'timeout' : 'failed' });
  if (outcome.state !== 'pending') metrics?.deliveries.inc({ state: outcome.state });
  return { attempt, stored };
}

function unsent(error: string): PostResult {
  return { status: null, error, timedOut: false, ms: 0, response: '', retryAfterMs: undefined };
}

/** One signed request, or one mail, and what of it may be shown. */
export async function post(
  deps: Pick<AttemptDependencies, 'state' | 'guard' | 'deadlineMs' | 'mailer'>,
  { endpoint, id, body, nowMs }: { endpoint: EndpointRow; id: string; body: string; nowMs: number },
): Promise<{ result: PostResult; request: NonNullable<Attempt['request']> }> {
  if (endpoint.kind === 'mail') {
    const result = deps.mailer
      ? await deps.mailer.send(JSON.parse(body) as WebhookMessage<unknown>, id)
      : unsent('Mail is not set up here.');
    return { result, request: { url: endpoint.url, headers: {} } };
  }
  const headers = headersFor(deps.state.box, { endpoint, id, body, nowMs });
  const result = await guardedPost({
    url: endpoint.url,
    body,
    headers,
    guard: deps.guard,
    ...(deps.deadlineMs === undefined ? {} : { deadlineMs: deps.deadlineMs }),
  });
  const shown = Object.entries(headers).map(([name, value]) => [
    name,
    name.startsWith('webhook-') ? value : hiddenHeaderValue,
  ]);
  return {
    result,
    request: { url: endpoint.url, headers: { 'content-type': 'application/json', ...Object.fromEntries(shown) } },
  };
}

type Disable = { reason: string; by: DisabledBy };

type Outcome =
  | { state: 'delivered' }
  | { state: 'failed'; note: string; disable?: Disable }
  | { state: 'pending'; nextAtMs: number; disable?: Disable };

/** What follows from an attempt. Pure. */
export function decideOutcome(options: {
  result: PostResult;
  attempts: number;
  retries: boolean;
  random: number;
  failingSinceMs: number | null;
  nowMs: number;
}): Outcome {
  const { result, attempts, retries, random, failingSinceMs, nowMs } = options;
  if (result.error === null) return { state: 'delivered' };
  if (!retries) return { state: 'failed', note: result.error };
  if (result.status === 410) {
    return {
      state: 'failed',
      note: result.error,
      disable: { reason: 'The receiver answered 410: it is gone.', by: 'gone' },
    };
  }
  const disable =
    failingSinceMs !== null && nowMs - failingSinceMs >= failingLimitMs
      ? { disable: { reason: 'No message has got through for five days.', by: 'failing' as const } }
      : {};
  const delay = retryDelay({
    attempts,
    status: result.status,
    timedOut: result.timedOut,
    retryAfterMs: result.retryAfterMs,
    random,
  });
  return delay === null
    ? { state: 'failed', note: `Given up after ${attempts} attempts. ${result.error}`, ...disable }
    : { state: 'pending', nextAtMs: nowMs + delay, ...disable };
}

async function recordDelivery(
  db: Kysely<StateSchema>,
  options: { delivery: DeliveryRow; endpoint: EndpointRow; outcome: Outcome; sentBody: string | null; nowMs: number },
): Promise<void> {
  const { delivery, endpoint, outcome, sentBody, nowMs } = options;
  const at = new Date(nowMs).toISOString();
  const update = db
    .updateTable('deliveries')
    .set((eb) => ({ attempt_count: eb('attempt_count', '+', 1), lease_until_ms: 0, sent_body: sentBody }))
    .where('id', '=', delivery.id);
  if (outcome.state === 'delivered') {
    // Also where it was taken back meanwhile: it has arrived, and saying otherwise would be wrong.
    await update.set({ state: 'delivered', state_note: null, delivered_at: at }).execute();
    if (delivery.type === 'abandonment.created' && delivery.case_id) {
      await moveCase(db, { id: delivery.case_id, to: 'notified', at, note: `Sent to ${endpoint.name}.` });
    }
    return;
  }
  await update.execute();
  await db
    .updateTable('deliveries')
    .set(
      outcome.state === 'failed'
        ? { state: 'failed', state_note: outcome.note }
        : { next_at_ms: outcome.nextAtMs, state_note: null },
    )
    .where('id', '=', delivery.id)
    .where('state', '=', 'pending')
    .execute();
}

async function recordEndpoint(
  db: Kysely<StateSchema>,
  options: { endpoint: EndpointRow; outcome: Outcome; result: PostResult; nowMs: number },
): Promise<void> {
  const { endpoint, outcome, result, nowMs } = options;
  const breaker =
    outcome.state === 'delivered'
      ? afterSuccess(endpoint, { hasMore: await hasDueMessages(db, endpoint, nowMs), nowMs })
      : afterFailure(endpoint, { ...result, nowMs });
  const failingSince = outcome.state === 'delivered' ? null : (endpoint.failing_since ?? new Date(nowMs).toISOString());
  if (!isSame(breaker, endpoint) || failingSince !== endpoint.failing_since) {
    await db
      .updateTable('endpoints')
      .set({ ...breaker, failing_since: failingSince })
      .where('id', '=', endpoint.id)
      .execute();
  }
  if (outcome.state !== 'delivered' && outcome.disable) {
    await disableEndpoint(db, { id: endpoint.id, ...outcome.disable, nowMs });
    // The no-code tool has forgotten this subscription; it makes a new one when the automation is switched on again.
    if (endpoint.kind === 'hook' && outcome.disable.by === 'gone') {
      await db
        .updateTable('endpoints')
        .set({ deleted_at: new Date(nowMs).toISOString() })
        .where('id', '=', endpoint.id)
        .execute();
    }
  }
}

/** Asked only of a receiver that was down: the others need no pace. */
async function hasDueMessages(db: Kysely<StateSchema>, endpoint: EndpointRow, nowMs: number): Promise<boolean> {
  if (endpoint.failures === 0) return false;
  const waiting = await db
    .selectFrom('deliveries')
    .select('id')
    .where('endpoint_id', '=', endpoint.id)
    .where('state', '=', 'pending')
    .where('next_at_ms', '<=', nowMs)
    .limit(1)
    .executeTakeFirst();
  return waiting !== undefined;
}
