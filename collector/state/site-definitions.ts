import { type Kysely, sql } from 'kysely';
import { nanoid } from 'nanoid';
import type * as z from 'zod';
import { issueDetails } from '../contract/issue-words.ts';
import { AppError } from '../errors.ts';
import type { State } from './database.ts';
import type { StateSchema } from './schema.ts';

/** What a stored definition has besides what people wrote. */
interface Stored {
  id: string;
  createdAt: string;
}

/** Things of one kind that people set up for a site: goals, segments, annotations, views of the leads. */
export interface SiteDefinitions<Definition extends object> {
  /** Oldest first. */
  list(siteId: number): Promise<(Definition & Stored)[]>;
  /** Throws `not_found`, also for one of another site; so do `patch` and `remove`. */
  get(siteId: number, id: string): Promise<Definition & Stored>;
  /** Throws `limit_reached`. */
  create(siteId: number, definition: Definition): Promise<Definition & Stored>;
  /** Fields that are not named stay; null takes an optional one away. Throws `invalid_request` where the result is not valid. */
  patch(siteId: number, id: string, changes: Record<string, unknown>): Promise<Definition & Stored>;
  remove(siteId: number, id: string): Promise<void>;
}

interface Kind<Definition extends object> {
  table: 'goals' | 'segments' | 'annotations' | 'lead_views';
  schema: z.ZodType<Definition>;
  /** How many one site may have. */
  most: number;
}

export function createSiteDefinitions<Definition extends object>(
  state: State,
  now: () => number,
  { table, schema, most }: Kind<Definition>,
): SiteDefinitions<Definition> {
  // The tables have the same columns, so the type of one speaks for all.
  const db = state.db as unknown as Kysely<Record<Kind<Definition>['table'], StateSchema['goals']>>;
  const toStored = (row: StateSchema['goals']) => ({
    ...schema.parse(JSON.parse(row.definition)),
    id: row.id,
    createdAt: row.created_at,
  });

  const rowOf = async (siteId: number, id: string) => {
    const row = await db
      .selectFrom(table)
      .selectAll()
      .where('site_id', '=', siteId)
      .where('id', '=', id)
      .executeTakeFirst();
    if (!row) throw new AppError('not_found');
    return row;
  };

  return {
    async list(siteId) {
      const rows = await db
        .selectFrom(table)
        .selectAll()
        .where('site_id', '=', siteId)
        .orderBy('created_at')
        .orderBy(sql`rowid`)
        .execute();
      return rows.map(toStored);
    },

    get: async (siteId, id) => toStored(await rowOf(siteId, id)),

    async create(siteId, definition) {
      const { count } = await db
        .selectFrom(table)
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('site_id', '=', siteId)
        .executeTakeFirstOrThrow();
      if (count >= most)
        throw new AppError('limit_reached', { message: `A site has at most ${most} ${table.replace('_', ' ')}.` });
      const row = {
        id: nanoid(),
        site_id: siteId,
        definition: JSON.stringify(definition),
        created_at: new Date(now()).toISOString(),
      };
      await db.insertInto(table).values(row).execute();
      return toStored(row);
    },

    async patch(siteId, id, changes) {
      const row = await rowOf(siteId, id);
      const merged = { ...(JSON.parse(row.definition) as Record<string, unknown>), ...changes };
      const parsed = schema.safeParse(Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null)));
      if (!parsed.success) {
        throw new AppError('invalid_request', { details: issueDetails(parsed.error.issues) });
      }
      const changed = { ...row, definition: JSON.stringify(parsed.data) };
      await db
        .updateTable(table)
        .set({ definition: changed.definition })
        .where('site_id', '=', siteId)
        .where('id', '=', id)
        .execute();
      return toStored(changed);
    },

    async remove(siteId, id) {
      const result = await db.deleteFrom(table).where('site_id', '=', siteId).where('id', '=', id).executeTakeFirst();
      if (result.numDeletedRows === 0n) throw new AppError('not_found');
    },
  };
}
