import type { Kysely } from 'kysely';
import { AppError } from '../errors.ts';
import type { NewLeadEvent } from '../state/lead-ledger.ts';
import type { StateSchema } from '../state/schema.ts';

/** Gives a lead to a user, or to nobody. Throws `invalid_request` where there is no such user. */
export async function ownerEvent(
  trx: Kysely<StateSchema>,
  { owner, atMs, actor }: { owner: string | null; atMs: number; actor: string },
): Promise<NewLeadEvent> {
  if (owner !== null) {
    const user = await trx.selectFrom('users').select('id').where('id', '=', owner).executeTakeFirst();
    if (!user) {
      throw new AppError('invalid_request', {
        details: [{ path: 'owner', message: 'There is no such user. Choose one of those under Settings, Users.' }],
      });
    }
  }
  return { kind: 'owner', data: { to: owner, why: 'person' }, atMs, actor };
}
