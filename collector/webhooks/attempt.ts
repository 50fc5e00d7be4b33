import type { Kysely } from 'kysely';
import type { Attempt } from '../contract/webhooks.ts';
import type { Metrics } from '../metrics.ts';
import { moveCase } from '../state/cases.ts';
import type { State } from '../state/database.ts';
import type { DeliveryRow } from '../state/deliveries.ts';
import { disableEndpoint, type EndpointRow, signingSecrets } from '../state/endpoints.ts';
import type { StateSchema } from '../state/schema.ts';
import type { AddressGuard } from './address-guard.ts';
import { guardedPost, type PostResult } from './guarded-post.ts';
import { retryDelay } from './retry-schedule.ts';
import { signedHeaders } from './signature.ts';

/** An endpoint without one success for this long is switched off. */
export const failingLimitMs = 120 * 60 * 60 * 1000;

export interface AttemptDependencies {
  state: State;
  guard: AddressGuard;
  now: () => number;
  /** 0–1, as Math.random. */
  random: () => number;
  metrics?: Pick<Metrics, 'deliveries' | 'deliveryAttempts'> | undefined;
  deadlineMs?: number | undefined;
}

/** Makes one attempt at a leased message and stores what came of it. `retries: false`: a failure is final. */
export async function attemptDelivery(
  deps: AttemptDependencies,
  delivery: DeliveryRow,
  { endpoint, retries }: { endpoint: EndpointRow; retries: boolean },
): Promise<Attempt> {
  const { state, guard, now, metrics } = deps;
  const startedMs = now();
  const result = await guardedPost({
    url: endpoint.url,
    body: delivery.body,
    headers: signedHeaders({
      id: delivery.id,
      body: delivery.body,
      secrets: signingSecrets(endpoint, startedMs),
      nowMs: startedMs,
    }),
    guard,
    ...(deps.deadlineMs === undefined ? {} : { deadlineMs: deps.deadlineMs }),
  });
  const attempt: Attempt = {
    at: new Date(startedMs).toISOString(),
    status: result.status,
    error: result.error,
    ms: result.ms,
    response: result.response,
  };
  const outcome = decideOutcome({
    result,
    attempts: delivery.attempt_count + 1,
    retries,
    random: deps.random(),
    failingSinceMs: endpoint.failing_since === null ? null : Date.parse(endpoint.failing_since),
    nowMs: now(),
  });
  await state.db.transaction().execute(async (trx) => {
    await trx
      .insertInto('attempts')
      .values({ delivery_id: delivery.id, ...attempt })
      .execute();
    await record(trx, { delivery, endpoint, outcome, nowMs: now() });
  });
  metrics?.deliveryAttempts.inc({ result: result.error === null ? 'ok' : result.timedOut ? 'timeout' : 'failed' });
  if (outcome.state !== 'pending') metrics?.deliveries.inc({ state: outcome.state });
  return attempt;
}

type Outcome =
  | { state: 'delivered' }
  | { state: 'failed'; note: string; disableEndpoint?: string }
  | { state: 'pending'; nextAtMs: number; disableEndpoint?: string };

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
    return { state: 'failed', note: result.error, disableEndpoint: 'The receiver answered 410: it is gone.' };
  }
  const disable =
    failingSinceMs !== null && nowMs - failingSinceMs >= failingLimitMs
      ? { disableEndpoint: 'No message has got through for five days.' }
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

async function record(
  db: Kysely<StateSchema>,
  options: { delivery: DeliveryRow; endpoint: EndpointRow; outcome: Outcome; nowMs: number },
): Promise<void> {
  const { delivery, endpoint, outcome, nowMs } = options;
  const at = new Date(nowMs).toISOString();
  const update = db
    .updateTable('deliveries')
    .set((eb) => ({ attempt_count: eb('attempt_count', '+', 1), lease_until_ms: 0 }))
    .where('id', '=', delivery.id);
  if (outcome.state === 'delivered') {
    // Also where it was taken back meanwhile: it has arrived, and saying otherwise would be wrong.
    await update.set({ state: 'delivered', state_note: null, delivered_at: at }).execute();
    await db.updateTable('endpoints').set({ failing_since: null }).where('id', '=', endpoint.id).execute();
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
  if (delivery.type === 'webhook.test') return;
  await db
    .updateTable('endpoints')
    .set({ failing_since: at })
    .where('id', '=', endpoint.id)
    .where('failing_since', 'is', null)
    .execute();
  if (outcome.disableEndpoint) await disableEndpoint(db, endpoint.id, outcome.disableEndpoint);
}
