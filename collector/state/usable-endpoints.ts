import type { Kysely } from 'kysely';
import { subscribesTo } from './endpoints.ts';
import type { StateSchema } from './schema.ts';

/** Endpoints of a site that exist, are on and take messages about abandonments. */
export async function usableEndpointsOf(db: Kysely<StateSchema>, siteId: number): Promise<Set<string>> {
  const rows = await db
    .selectFrom('endpoints')
    .select(['id', 'events'])
    .where('site_id', '=', siteId)
    .where('enabled', '=', 1)
    .where('deleted_at', 'is', null)
    .execute();
  return new Set(rows.filter((row) => subscribesTo(row, 'abandonment.created')).map((row) => row.id));
}
