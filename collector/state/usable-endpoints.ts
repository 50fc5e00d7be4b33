import type { Kysely } from 'kysely';
import { type EndpointRow, subscribesTo } from './endpoints.ts';
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

/** Endpoints to which messages may be sent: they exist, are on, and their site has not been deleted. */
export function endpointsInUse(db: Kysely<StateSchema>) {
  return db
    .selectFrom('endpoints')
    .innerJoin('sites', 'sites.id', 'endpoints.site_id')
    .where('endpoints.enabled', '=', 1)
    .where('endpoints.deleted_at', 'is', null)
    .where('sites.deleted_at', 'is', null);
}

export async function endpointInUse(db: Kysely<StateSchema>, id: string): Promise<EndpointRow | undefined> {
  return endpointsInUse(db).selectAll('endpoints').where('endpoints.id', '=', id).executeTakeFirst();
}
