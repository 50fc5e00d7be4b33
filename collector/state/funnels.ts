import { sql } from 'kysely';
import { nanoid } from 'nanoid';
import type { SavedFunnel } from '../contract/manage.ts';
import { AppError } from '../errors.ts';
import type { State } from './database.ts';

/** Funnels that people have saved: the request without its range. */
export interface Funnels {
  /** Oldest first. */
  list(siteId: number): Promise<SavedFunnel[]>;
  create(siteId: number, input: Pick<SavedFunnel, 'name' | 'definition'>): Promise<SavedFunnel>;
  /** Throws `not_found`, also for a funnel of another site. */
  remove(siteId: number, id: string): Promise<void>;
}

export function createFunnels(state: State, now: () => number): Funnels {
  const { db } = state;
  return {
    async list(siteId) {
      const rows = await db
        .selectFrom('funnels')
        .selectAll()
        .where('site_id', '=', siteId)
        .orderBy('created_at')
        .orderBy(sql`rowid`)
        .execute();
      return rows.map((row) => ({
        id: row.id,
        name: row.name,
        definition: JSON.parse(row.definition) as SavedFunnel['definition'],
        createdAt: row.created_at,
      }));
    },

    async create(siteId, { name, definition }) {
      const funnel = { id: nanoid(), name, definition, createdAt: new Date(now()).toISOString() };
      await db
        .insertInto('funnels')
        .values({
          id: funnel.id,
          site_id: siteId,
          name,
          definition: JSON.stringify(definition),
          created_at: funnel.createdAt,
        })
        .execute();
      return funnel;
    },

    async remove(siteId, id) {
      const result = await db
        .deleteFrom('funnels')
        .where('site_id', '=', siteId)
        .where('id', '=', id)
        .executeTakeFirst();
      if (result.numDeletedRows === 0n) throw new AppError('not_found');
    },
  };
}
