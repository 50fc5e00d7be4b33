import type { Kysely, Selectable } from 'kysely';
import { nanoid } from 'nanoid';
import type { SourceCost, StoredCost } from '../contract/roi.ts';
import { AppError } from '../errors.ts';
import type { StateSchema } from './schema.ts';

type Db = Kysely<StateSchema>;

/** Stores costs; all or none. `currency`: the site's, where a cost names none. */
export async function addCosts(
  db: Db,
  { siteId, costs, currency, nowMs }: { siteId: number; costs: readonly SourceCost[]; currency: string; nowMs: number },
): Promise<StoredCost[]> {
  return db.transaction().execute(async (trx) => {
    const stored: StoredCost[] = [];
    for (const cost of costs) {
      const row = await trx
        .insertInto('source_costs')
        .values({
          id: `cst_${nanoid(16)}`,
          site_id: siteId,
          source: cost.source,
          campaign: cost.campaign,
          from_on: cost.from,
          to_on: cost.to,
          amount: cost.amount,
          currency: cost.currency ?? currency,
          note: cost.note,
          created_at: new Date(nowMs).toISOString(),
        })
        .returningAll()
        .executeTakeFirstOrThrow();
      stored.push(toStoredCost(row));
    }
    return stored;
  });
}

/** All costs of a site, the latest period first. */
export async function listCosts(db: Db, siteId: number): Promise<StoredCost[]> {
  const rows = await db
    .selectFrom('source_costs')
    .selectAll()
    .where('site_id', '=', siteId)
    .orderBy('from_on', 'desc')
    .orderBy('id')
    .execute();
  return rows.map(toStoredCost);
}

/** Throws `not_found`. */
export async function removeCost(db: Db, { siteId, id }: { siteId: number; id: string }): Promise<void> {
  const { numDeletedRows } = await db
    .deleteFrom('source_costs')
    .where('site_id', '=', siteId)
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  if (numDeletedRows === 0n) throw new AppError('not_found');
}

function toStoredCost(row: Selectable<StateSchema['source_costs']>): StoredCost {
  const { id, source, campaign, amount, currency, note } = row;
  return { id, source, campaign, from: row.from_on, to: row.to_on, amount, currency, note, createdAt: row.created_at };
}
