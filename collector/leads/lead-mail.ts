import type { Kysely } from 'kysely';
import type { WebhookEvent } from '../contract/names.ts';
import type { LedgerChange } from '../state/lead-ledger.ts';
import { mailEndpointOf } from '../state/mail-endpoints.ts';
import { addressForNews } from '../state/owners.ts';
import type { StateSchema } from '../state/schema.ts';

/**
 * Where a change goes out by mail: to the one accountable person when a clock has run out, and to a new owner where the house wants
 * that. Null where nobody is to be written to.
 */
export async function mailEndpointFor(
  trx: Kysely<StateSchema>,
  { change, type }: { change: LedgerChange; type: WebhookEvent },
): Promise<string | null> {
  if (!isForMail(change, type)) return null;
  const { site_id: siteId, owner_id: ownerId } = change.after;
  const endpointId = await mailEndpointOf(trx, siteId);
  if (endpointId === null || type === 'lead.neglected') return endpointId;
  return ownerId !== null && (await addressForNews(trx, { siteId, ownerId })) !== null ? endpointId : null;
}

function isForMail({ after, written }: LedgerChange, type: WebhookEvent): boolean {
  if (type === 'lead.neglected') {
    return written.some((event) => event.kind === 'neglected' && event.data.escalatedTo !== null);
  }
  if (type !== 'lead.assigned') return false;
  const actor = written.findLast(({ kind }) => kind === 'owner')?.actor;
  // A list of leads, or those of somebody who left, would be as many mails; nobody waits for an answer there.
  if (actor === 'system') return after.clock !== null;
  return actor !== undefined && actor !== 'import' && actor !== `user:${after.owner_id}`;
}
