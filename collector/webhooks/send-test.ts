import { nanoid } from 'nanoid';
import type { Attempt } from '../contract/webhooks.ts';
import type { EndpointRow } from '../state/endpoints.ts';
import { type AttemptDependencies, attemptDelivery } from './attempt.ts';
import { addToOutbox } from './outbox.ts';
import { sampleAbandonment } from './test-message.ts';

/** Longer than one attempt can take, so that the dispatcher leaves the message alone. */
const leaseMs = 60_000;

/** Sends `webhook.test` to an endpoint, once, at this moment, and answers what came back. Also where the endpoint is off. */
export async function sendTest(
  deps: AttemptDependencies,
  { endpoint, site }: { endpoint: EndpointRow; site: string },
): Promise<Attempt> {
  const { state, now } = deps;
  const nowMs = now();
  const at = new Date(nowMs).toISOString();
  const once = nanoid();
  const delivery = await state.db.transaction().execute(async (trx) => {
    await addToOutbox(trx, {
      siteId: endpoint.site_id,
      endpointId: endpoint.id,
      message: { type: 'webhook.test', timestamp: at, data: sampleAbandonment(site, at) },
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
  return attemptDelivery(deps, delivery, { endpoint, retries: false });
}
