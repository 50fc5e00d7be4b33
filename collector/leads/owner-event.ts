import type { Kysely } from 'kysely';
import type { LeadOwner } from '../contract/lead-answers.ts';
import { AppError } from '../errors.ts';
import type { LeadRow, NewLeadEvent } from '../state/lead-ledger.ts';
import { listOwners } from '../state/owners.ts';
import type { StateSchema } from '../state/schema.ts';

/** Whether a lead is theirs already, said by id or name. */
export async function isOwnedBy(
  trx: Kysely<StateSchema>,
  { lead, owner }: { lead: LeadRow | null; owner: string },
): Promise<boolean> {
  if (!lead || lead.owner_id === null) return false;
  return (await ownerNamed(trx, lead.site_id, owner))?.id === lead.owner_id;
}

/** Gives a lead to somebody, by id or name, or to nobody. Throws `invalid_request` where there is no such owner, or where that one has left. */
export async function ownerEvent(
  trx: Kysely<StateSchema>,
  { siteId, owner, atMs, actor }: { siteId: number; owner: string | null; atMs: number; actor: string },
): Promise<NewLeadEvent> {
  let to: string | null = null;
  if (owner !== null) {
    const found = await ownerNamed(trx, siteId, owner);
    const message = !found
      ? 'There is no such owner. Choose a user, or somebody whom the routing names.'
      : found.left
        ? `${found.name} has left. Choose somebody else.`
        : null;
    to = found?.id ?? null;
    if (message !== null) throw new AppError('invalid_request', { message, details: [{ path: 'owner', message }] });
  }
  return { kind: 'owner', data: { to, why: 'person' }, atMs, actor };
}

async function ownerNamed(trx: Kysely<StateSchema>, siteId: number, owner: string): Promise<LeadOwner | undefined> {
  const word = owner.toLowerCase();
  const owners = await listOwners(trx, siteId);
  return owners.find(({ id }) => id === owner) ?? owners.find(({ name }) => name.toLowerCase() === word);
}
