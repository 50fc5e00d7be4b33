import { nanoid } from 'nanoid';
import type { Attempt, TestResult, WebhookMessage } from '../contract/webhooks.ts';
import { type EndpointRow, noteTest } from '../state/endpoints.ts';
import { type AttemptDependencies, attemptDelivery, post } from './attempt.ts';
import { addToOutbox } from './outbox.ts';
import { bodyFor, problemSentence } from './prepare-request.ts';

/** Longer than one attempt can take, so that the dispatcher leaves the message alone. */
const leaseMs = 60_000;

/** Sends `webhook.test` to an endpoint, once, at this moment, and answers what came back. Also where the endpoint is off. */
export async function sendTest(
  deps: AttemptDependencies,
  { endpoint, message, caseId }: { endpoint: EndpointRow; message: WebhookMessage<unknown>; caseId: string | null },
): Promise<TestResult> {
  const { state, now } = deps;
  const nowMs = now();
  const once = nanoid();
  const delivery = await state.db.transaction().execute(async (trx) => {
    await addToOutbox(trx, {
      siteId: endpoint.site_id,
      endpointId: endpoint.id,
      message: { ...message, type: 'webhook.test' },
      nextAtMs: nowMs,
      once: [once],
      nowMs,
    });
    return trx
      .updateTable('deliveries')
      .set({ lease_until_ms: nowMs + leaseMs })
      .where('endpoint_id', '=', endpoint.id)
      .where('type', '=', 'webhook.test')
      .where('state', '=', 'pending')
      .where('lease_until_ms', '=', 0)
      .returningAll()
      .executeTakeFirstOrThrow();
  });
  const { attempt, stored } = await attemptDelivery(deps, delivery, { endpoint, retries: false });
  await stored;
  await noteTest(state.db, { id: endpoint.id, at: attempt.at, error: attempt.error });
  return { ...attempt, id: delivery.id, caseId };
}

/** The same for an endpoint that is not stored: one request, and nothing is kept. */
export async function tryOut(
  deps: Pick<AttemptDependencies, 'state' | 'guard' | 'templates' | 'now' | 'deadlineMs'>,
  { endpoint, message }: { endpoint: EndpointRow; message: WebhookMessage<unknown> },
): Promise<Pick<Attempt, 'error'>> {
  const prepared = bodyFor(deps.templates, {
    endpoint,
    message: JSON.stringify({ ...message, type: 'webhook.test' }),
  });
  if ('problem' in prepared) return { error: problemSentence(prepared.problem) };
  const { result } = await post(deps, {
    endpoint,
    id: `msg_${nanoid(21)}`,
    body: prepared.body,
    nowMs: deps.now(),
  });
  return { error: result.error };
}
