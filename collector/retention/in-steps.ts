import type { Kysely } from 'kysely';
import type { StateSchema } from '../state/schema.ts';

/** What one transaction deletes: SQLite does nothing else meanwhile, and this takes it some milliseconds. */
export const rowsAtOnce = 1_000;

/** Again and again, each time in a transaction of its own, until a step finds fewer than `rowsAtOnce`: others write in between. Answers how many. */
export async function inSteps(
  db: Kysely<StateSchema>,
  step: (trx: Kysely<StateSchema>) => Promise<number>,
): Promise<number> {
  for (let total = 0; ; ) {
    const count = await db.transaction().execute(step);
    total += count;
    if (count < rowsAtOnce) return total;
  }
}
