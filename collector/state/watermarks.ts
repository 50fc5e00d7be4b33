import type { Kysely } from 'kysely';
import type { StateSchema } from './schema.ts';

/** How far a repeated job has come, by the job's name; null before its first run. `db` may be a transaction. */
export async function readWatermark(db: Kysely<StateSchema>, name: string): Promise<string | null> {
  const row = await db.selectFrom('watermarks').select('value').where('name', '=', name).executeTakeFirst();
  return row?.value ?? null;
}

/** Write it in the transaction of the work it stands for, or a crash between the two loses or repeats work. */
export async function writeWatermark(db: Kysely<StateSchema>, name: string, value: string): Promise<void> {
  await db
    .insertInto('watermarks')
    .values({ name, value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}
