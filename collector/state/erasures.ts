import type { State } from './database.ts';

/** A visitor of whom nothing up to that moment may be stored. */
export interface Erasure {
  siteId: number;
  /** Decimal UInt64, as in every event row. */
  visitorId: string;
  atMs: number;
}

/** SQLite takes 32,766 values in a statement, four for each row. */
const rowsAtOnce = 5_000;

/** Notes erasures that are still to be done. One of the same visitor again takes the later moment. */
export async function addErasures({ db }: State, erasures: readonly Erasure[]): Promise<void> {
  await db.transaction().execute(async (trx) => {
    for (let start = 0; start < erasures.length; start += rowsAtOnce) {
      await trx
        .insertInto('erasures')
        .values(
          erasures
            .slice(start, start + rowsAtOnce)
            .map(({ siteId, visitorId, atMs }) => ({ site_id: siteId, visitor_id: visitorId, at_ms: atMs, done: 0 })),
        )
        .onConflict((conflict) =>
          conflict.columns(['site_id', 'visitor_id']).doUpdateSet(({ fn, ref, val }) => ({
            at_ms: fn<number>('max', [ref('erasures.at_ms'), ref('excluded.at_ms')]),
            done: val(0),
          })),
        )
        .execute();
    }
  });
}

/** `all`: also those that are done. */
export async function listErasures({ db }: State, which: 'waiting' | 'all'): Promise<Erasure[]> {
  let query = db.selectFrom('erasures').select(['site_id', 'visitor_id', 'at_ms']);
  if (which === 'waiting') query = query.where('done', '=', 0);
  const rows = await query.execute();
  return rows.map((row) => ({ siteId: row.site_id, visitorId: row.visitor_id, atMs: row.at_ms }));
}

/** One that was asked for again meanwhile stays to be done. */
export async function markErased({ db }: State, erasures: readonly Erasure[]): Promise<void> {
  await db.transaction().execute(async (trx) => {
    for (const { siteId, visitorId, atMs } of erasures) {
      await trx
        .updateTable('erasures')
        .set({ done: 1 })
        .where('site_id', '=', siteId)
        .where('visitor_id', '=', visitorId)
        .where('at_ms', '=', atMs)
        .execute();
    }
  });
}

export async function addBackup({ db }: State, folder: string, madeAt: string): Promise<void> {
  await db
    .insertInto('backups')
    .values({ folder, made_at: madeAt })
    .onConflict((conflict) => conflict.column('folder').doUpdateSet({ made_at: madeAt }))
    .execute();
}

export async function listBackups({ db }: State): Promise<string[]> {
  const rows = await db.selectFrom('backups').select('folder').execute();
  return rows.map(({ folder }) => folder);
}
