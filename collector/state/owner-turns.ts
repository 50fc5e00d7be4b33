import { type Kysely, sql } from 'kysely';
import type { StateSchema } from './schema.ts';

export interface OwnerTurns {
  /** Given on the day. */
  today: number;
  /** Number of the last turn ever; 0: never. */
  lastTurn: number;
}

/** What routing has given to each owner of a site; who has had nothing is left out. `on`: the day, in the site's zone. */
export async function readTurns(
  db: Kysely<StateSchema>,
  { siteId, on }: { siteId: number; on: string },
): Promise<Map<string, OwnerTurns>> {
  const rows = await db
    .selectFrom('owner_turns')
    .select(({ fn }) => [
      'owner_id',
      fn.max<number>('last_turn').as('lastTurn'),
      sql<number>`sum(CASE WHEN given_on = ${on} THEN given ELSE 0 END)`.as('today'),
    ])
    .where('site_id', '=', siteId)
    .groupBy('owner_id')
    .execute();
  return new Map(rows.map(({ owner_id, ...turns }) => [owner_id, turns]));
}

/** Writes that an owner got one more. Call it in the transaction that gives the lead. */
export async function takeTurn(
  db: Kysely<StateSchema>,
  { siteId, ownerId, on }: { siteId: number; ownerId: string; on: string },
): Promise<void> {
  const turn = sql<number>`(SELECT coalesce(max(last_turn), 0) + 1 FROM owner_turns WHERE site_id = ${siteId})`;
  await db
    .insertInto('owner_turns')
    .values({ site_id: siteId, owner_id: ownerId, given_on: on, given: 1, last_turn: turn })
    .onConflict((conflict) =>
      conflict.columns(['site_id', 'owner_id', 'given_on']).doUpdateSet({ given: sql`given + 1`, last_turn: turn }),
    )
    .execute();
}
