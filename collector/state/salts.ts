import { randomBytes } from 'node:crypto';
import type { State } from './database.ts';

/**
 * The secret that goes into the ids of visitors without consent, new every UTC day. Yesterday's is kept for the sessions that run
 * over midnight; older ones are deleted, and with them the last way to tell who an id was.
 */
export interface Salts {
  /** Salt of the day that this instant (ms) is in. */
  today(now: number): string;
  /** Salt of the day before. */
  yesterday(now: number): string;
}

const dayMs = 24 * 60 * 60 * 1000;

/** Tomorrow's salt is made today, so that at midnight no event has to wait for the store. */
export async function loadSalts(state: State, now: () => number): Promise<Salts> {
  let salts = new Map<string, string>();
  let preparedFor = '';

  async function prepare(at: number): Promise<void> {
    preparedFor = dayOf(at);
    const wanted = [dayOf(at - dayMs), dayOf(at), dayOf(at + dayMs)];
    const fresh = wanted.map((day) => ({ day, salt: salts.get(day) ?? randomBytes(32).toString('hex') }));
    await state.db
      .insertInto('salts')
      .values(fresh)
      .onConflict((conflict) => conflict.column('day').doNothing())
      .execute();
    await state.db
      .deleteFrom('salts')
      .where('day', '<', dayOf(at - dayMs))
      .execute();
    const rows = await state.db.selectFrom('salts').selectAll().where('day', 'in', wanted).execute();
    salts = new Map(rows.map((row) => [row.day, row.salt]));
  }

  function saltOf(day: string, at: number): string {
    // Missing only where the process slept through a whole day; what is made here is what `prepare` stores.
    const salt = salts.get(day) ?? randomBytes(32).toString('hex');
    salts.set(day, salt);
    if (preparedFor !== dayOf(at)) {
      prepare(at).catch(() => {
        // The next event tries again; until then the salts in memory serve.
        preparedFor = '';
      });
    }
    return salt;
  }

  await prepare(now());
  return {
    today: (at) => saltOf(dayOf(at), at),
    yesterday: (at) => saltOf(dayOf(at - dayMs), at),
  };
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
