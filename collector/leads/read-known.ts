import type { Kysely } from 'kysely';
import { undoneEvents } from '../state/lead-fold.ts';
import type { StoredHits } from '../state/lead-hits.ts';
import { eventsOfPersons } from '../state/lead-ledger.ts';
import type { StateSchema } from '../state/schema.ts';
import type { KnownLead } from './judge-lead.ts';
import type { Hit } from './lead-facts.ts';

/** What is known of these people now, by lead; who has become part of another one meanwhile is left out. */
export async function readKnown(
  db: Kysely<StateSchema>,
  leadIds: readonly string[],
  seen: ReadonlyMap<string, Pick<StoredHits, 'hits' | 'country' | 'region'>>,
): Promise<Map<string, KnownLead>> {
  if (leadIds.length === 0) return new Map();
  const leads = await db
    .selectFrom('leads')
    .selectAll()
    .where('id', 'in', leadIds)
    .where('merged_into', 'is', null)
    .execute();
  const events = await eventsOfPersons(db, leadIds);
  return new Map(
    leads.map((lead) => {
      const all = events.get(lead.id) ?? [];
      const undone = undoneEvents(all);
      const { hits = {}, country = '', region = '' } = seen.get(lead.id) ?? {};
      const webHits = Object.entries(hits).map(([key, list]): [string, Hit[]] => [
        key,
        list.map(([atMs, id]) => ({ atMs, id })),
      ]);
      const own = undone.size === 0 ? all : all.filter(({ id }) => !undone.has(id));
      return [lead.id, { lead, events: own, webHits: new Map(webHits), country, region }];
    }),
  );
}
