import { sql } from 'kysely';
import { type DropReason, dropReasons } from '../contract/names.ts';
import type { DroppedCount } from '../contract/overview.ts';
import type { State } from './database.ts';

/** Events of one site that were not kept for one reason, in the quarter of an hour that begins at `quarterMs`. */
export interface QuarterDrops {
  siteId: number;
  quarterMs: number;
  reason: DropReason;
  count: number;
}

/** SQLite takes 32,766 values in a statement, four for each row. */
const rowsAtOnce = 5_000;

/** Adds to what is counted already. All or nothing, so that a caller may keep what could not be written. */
export async function addDropped({ db }: State, drops: readonly QuarterDrops[]): Promise<void> {
  await db.transaction().execute(async (trx) => {
    for (let start = 0; start < drops.length; start += rowsAtOnce) {
      await trx
        .insertInto('dropped_events')
        .values(
          drops.slice(start, start + rowsAtOnce).map(({ siteId, quarterMs, reason, count }) => ({
            site_id: siteId,
            quarter_ms: quarterMs,
            reason,
            count,
          })),
        )
        .onConflict((conflict) =>
          conflict
            .columns(['site_id', 'quarter_ms', 'reason'])
            .doUpdateSet({ count: sql<number>`dropped_events.count + excluded.count` }),
        )
        .execute();
    }
  });
}

/** What was not kept in a time, by quarters of an hour that begin in it; the most frequent reason first. */
export async function listDropped(
  { db }: State,
  { siteId, fromMs, toMs }: { siteId: number; fromMs: number; toMs: number },
): Promise<DroppedCount[]> {
  const rows = await db
    .selectFrom('dropped_events')
    .select(({ fn }) => ['reason', fn.sum<number>('count').as('count')])
    .where('site_id', '=', siteId)
    .where('quarter_ms', '>=', fromMs)
    .where('quarter_ms', '<', toMs)
    .groupBy('reason')
    .orderBy('count', 'desc')
    .orderBy('reason')
    .execute();
  return rows.flatMap(({ reason, count }) => {
    const known = dropReasons.find((name) => name === reason);
    return known ? [{ reason: known, count: Number(count) }] : [];
  });
}
