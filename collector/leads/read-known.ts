import type { Kysely } from 'kysely';
import { undoneEvents } from '../state/lead-fold.ts';
import type { StoredHits } from '../state/lead-hits.ts';
import { eventsOfPerson } from '../state/lead-ledger.ts';
import type { StateSchema } from '../state/schema.ts';
import type { KnownLead } from './judge-lead.ts';
import type { Hit } from './lead-facts.ts';

/** What is known of a person now; undefined where it has become part of another one meanwhile. */
export async function readKnown(
  db: Kysely<StateSchema>,
  leadId: string,
  seen: Pick<StoredHits, 'hits' | 'country' | 'region'> | undefined,
): Promise<KnownLead | undefined> {
  const lead = await db
    .selectFrom('leads')
    .selectAll()
    .where('id', '=', leadId)
    .where('merged_into', 'is', null)
    .executeTakeFirst();
  if (!lead) return undefined;
  const all = await eventsOfPerson(db, leadId);
  const undone = undoneEvents(all);
  const hits = Object.entries(seen?.hits ?? {}).map(([key, list]): [string, Hit[]] => [
    key,
    list.map(([atMs, id]) => ({ atMs, id })),
  ]);
  return {
    lead,
    events: all.filter(({ id }) => !undone.has(id)),
    webHits: new Map(hits),
    country: seen?.country ?? '',
    region: seen?.region ?? '',
  };
}
