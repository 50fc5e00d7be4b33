import type { Kysely } from 'kysely';
import type { LeadOwner } from '../contract/lead-answers.ts';
import { routing } from '../contract/routing.ts';
import type { StateSchema } from './schema.ts';

/** Everybody whom leads of a site may belong to: those that routing names, then the users. */
export async function listOwners(db: Kysely<StateSchema>, siteId: number): Promise<LeadOwner[]> {
  const saved = await db
    .selectFrom('house_rules')
    .select('rules')
    .where('site_id', '=', siteId)
    .where('part', '=', 'routing')
    .orderBy('version', 'desc')
    .executeTakeFirst();
  const named = saved ? routing.parse(JSON.parse(saved.rules)).owners : [];
  const users = await db.selectFrom('users').select(['id', 'email']).orderBy('created_at').execute();
  const known = new Set(named.map(({ id }) => id));
  return [
    ...named.map(({ id, name, left }) => ({ id, name, left })),
    ...users.filter(({ id }) => !known.has(id)).map(({ id, email }) => ({ id, name: email, left: false })),
  ];
}
