import { type Kysely, sql } from 'kysely';
import type { StateSchema } from './schema.ts';

/*
 * Records with what hangs on them. Call these inside a transaction, with at most some thousand ids.
 */

type Db = Kysely<StateSchema>;

/** Messages and the attempts to send them. */
export async function deleteMessages(trx: Db, ids: readonly string[]): Promise<void> {
  await deleteWhere(trx, ['attempts'], 'delivery_id', ids);
  await deleteWhere(trx, ['deliveries'], 'id', ids);
}

/** Cases without their messages, which must be gone before. */
export async function deleteCases(trx: Db, ids: readonly string[]): Promise<void> {
  await deleteWhere(trx, ['case_history', 'case_events'], 'case_id', ids);
  await deleteWhere(trx, ['cases'], 'id', ids);
}

export async function deleteLeads(trx: Db, ids: readonly string[]): Promise<void> {
  await deleteWhere(trx, tablesOfLeads, 'lead_id', ids);
  await deleteWhere(trx, ['leads'], 'id', ids);
}

/** Tables whose rows belong to a lead and do not go with it by themselves; a test holds this against the tables there are. */
export const tablesOfLeads = [
  'lead_events',
  'lead_identities',
  'lead_spans',
  'lead_photos',
  'lead_visitors',
] as const satisfies (keyof StateSchema)[];

async function deleteWhere(
  trx: Db,
  tables: readonly (keyof StateSchema)[],
  column: string,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  for (const table of tables)
    await sql`DELETE FROM ${sql.table(table)} WHERE ${sql.ref(column)} IN (${sql.join(ids)})`.execute(trx);
}
