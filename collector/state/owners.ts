import type { Kysely } from 'kysely';
import type { LeadOwner } from '../contract/lead-answers.ts';
import { type Owner, type Routing, routing } from '../contract/routing.ts';
import type { StateSchema } from './schema.ts';

/** Everybody whom leads of a site may belong to: those that routing names, then the users. */
export async function listOwners(db: Kysely<StateSchema>, siteId: number): Promise<LeadOwner[]> {
  const named = await routedOwners(db, siteId);
  const users = await db.selectFrom('users').select(['id', 'email']).orderBy('created_at').execute();
  const known = new Set(named.map(({ id }) => id));
  return [
    ...named.map(({ id, name, left }) => ({ id, name, left })),
    ...users.filter(({ id }) => !known.has(id)).map(({ id, email }) => ({ id, name: email, left: false })),
  ];
}

/** The e-mail address of an owner, or the name where routing has no address; null for one whom nobody knows any more. */
export async function addressOfOwner(
  db: Kysely<StateSchema>,
  { siteId, ownerId }: { siteId: number; ownerId: string },
): Promise<string | null> {
  const named = (await routedOwners(db, siteId)).find(({ id }) => id === ownerId);
  return named ? (named.email ?? named.name) : addressOfUser(db, ownerId);
}

/** The e-mail address at which an owner is told of a new lead; null where the house does not write to owners, or nobody knows one. */
export async function addressForNews(
  db: Kysely<StateSchema>,
  { siteId, ownerId }: { siteId: number; ownerId: string },
): Promise<string | null> {
  const rules = await savedRouting(db, siteId);
  if (!rules?.tellOwners) return null;
  const named = rules.owners.find(({ id }) => id === ownerId);
  return named ? (named.email ?? null) : addressOfUser(db, ownerId);
}

async function addressOfUser(db: Kysely<StateSchema>, id: string): Promise<string | null> {
  const user = await db.selectFrom('users').select('email').where('id', '=', id).executeTakeFirst();
  return user?.email ?? null;
}

async function routedOwners(db: Kysely<StateSchema>, siteId: number): Promise<Owner[]> {
  return (await savedRouting(db, siteId))?.owners ?? [];
}

async function savedRouting(db: Kysely<StateSchema>, siteId: number): Promise<Routing | null> {
  const saved = await db
    .selectFrom('house_rules')
    .select('rules')
    .where('site_id', '=', siteId)
    .where('part', '=', 'routing')
    .orderBy('version', 'desc')
    .executeTakeFirst();
  return saved ? routing.parse(JSON.parse(saved.rules)) : null;
}
