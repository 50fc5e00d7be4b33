import type { Kysely } from 'kysely';
import { AppError } from '../errors.ts';
import type { NewLeadEvent } from '../state/lead-ledger.ts';
import { listOwners } from '../state/owners.ts';
import type { StateSchema } from '../state/schema.ts';

/** Gives a lead to somebody, by id or name, or to nobody. Throws `invalid_request` where there is no such owner, or where that one has left. */
export async function ownerEvent(
  trx: Kysely<StateSchema>,
  { siteId, owner, atMs, actor }: { siteId: number; owner: string | null; atMs: number; actor: string },
): Promise<NewLeadEvent> {
  let to: string | null = null;
  if (owner !== null) {
    const word = owner.toLowerCase();
    const owners = await listOwners(trx, siteId);
    const found = owners.find(({ id }) => id === owner) ?? owners.find(({ name }) => name.toLowerCase() === word);
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
