import type { Kysely } from 'kysely';
import type { StateSchema } from '../state/schema.ts';

type Db = Kysely<StateSchema>;

/** What one transaction deletes: SQLite does nothing else meanwhile, and this takes it some milliseconds. */
const rowsAtOnce = 1_000;

/**
 * Removes everything that `find` selects, some rows at a time, each time in a transaction of its own: others write in between. Answers how
 * many there were.
 */
export async function deleteInSteps(
  db: Db,
  find: (trx: Db) => { limit(count: number): { execute(): Promise<{ id: string }[]> } },
  remove: (trx: Db, ids: readonly string[]) => Promise<void>,
): Promise<number> {
  for (let total = 0; ; ) {
    const count = await db.transaction().execute(async (trx) => {
      const found = await find(trx).limit(rowsAtOnce).execute();
      await remove(
        trx,
        found.map(({ id }) => id),
      );
      return found.length;
    });
    total += count;
    if (count < rowsAtOnce) return total;
  }
}
