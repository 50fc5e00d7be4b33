import type { ClickHouse } from '../clickhouse/client.ts';
import { deleteRows } from '../clickhouse/delete-rows.ts';
import { deleteCases, deleteLeads, deleteMessages } from '../state/delete-records.ts';
import type { StateSchema } from '../state/schema.ts';
import { erasedUpTo } from '../state/sites.ts';
import { deleteInSteps } from './delete-in-steps.ts';
import type { OldDataDependencies } from './old-data.ts';

/**
 * Erases everything that is known of sites which were deleted long enough ago: their events, and every record of the state store
 * but the bare number of the site. The number comes last, so whatever is broken off is tried again.
 */
export async function eraseDeletedSites({
  state: { db },
  clickhouse,
  now,
  log,
}: Pick<OldDataDependencies, 'state' | 'now' | 'log'> & { clickhouse: Pick<ClickHouse, 'command'> }): Promise<void> {
  const sites = await db
    .selectFrom('sites')
    .select(['id', 'public_id'])
    .where('deleted_at', '<=', erasedUpTo(now()))
    .where('erased_at', 'is', null)
    .execute();
  for (const { id, public_id } of sites) {
    try {
      await deleteRows(clickhouse, () => `site_id = ${id}`);
      await eraseRecords(db, id, new Date(now()).toISOString());
      log.info({ site: public_id }, 'erased the data of a site that was deleted');
    } catch (error) {
      log.warn(
        { err: error, site: public_id },
        'the data of a deleted site could not be erased; it will be tried again',
      );
    }
  }
}

type Db = OldDataDependencies['state']['db'];

async function eraseRecords(db: Db, siteId: number, erasedAt: string): Promise<void> {
  for (const [table, remove] of [
    ['deliveries', deleteMessages],
    ['cases', deleteCases],
    ['leads', deleteLeads],
  ] as const)
    await deleteInSteps(db, (trx) => trx.selectFrom(table).select('id').where('site_id', '=', siteId), remove);
  await db.transaction().execute(async (trx) => {
    await trx
      .deleteFrom('rule_versions')
      .where('rule_id', 'in', (of) => of.selectFrom('rules').select('id').where('site_id', '=', siteId))
      .execute();
    for (const table of smallTables) await trx.deleteFrom(table).where('site_id', '=', siteId).execute();
    await trx
      .updateTable('sites')
      .set({ name: '', domains: '[]', settings: '{}', erased_at: erasedAt })
      .where('id', '=', siteId)
      .execute();
  });
}

/** What else belongs to a site, a few hundred rows each; a test holds this against the tables there are. */
const smallTables = [
  'annotations',
  'api_keys',
  'dropped_events',
  'endpoints',
  'erasures',
  'funnels',
  'goals',
  'house_rules',
  'inbound_hooks',
  'lead_outbox',
  'lead_views',
  'owner_turns',
  'rules',
  'segments',
  'source_costs',
] as const satisfies (keyof StateSchema)[];
