import type { Kysely } from 'kysely';
import type { LeadDetail } from '../contract/lead-answers.ts';
import type { LeadEvent } from '../contract/leads.ts';
import { undoneEvents } from '../state/lead-fold.ts';
import { eventsOfPerson, type LeadRow, personOf } from '../state/lead-ledger.ts';
import { visitorsOfLead } from '../state/leads.ts';
import type { StateSchema } from '../state/schema.ts';
import { readNames, toHistoryEntry, toLead, toLeadName } from './lead-view.ts';
import type { Ledger } from './ledger.ts';
import { type LedgerSite, ledgerSettings } from './record.ts';

const mostHistory = 500;

/** One lead with all that the ledger knows; a merged one answers as the person it is part of. Throws `not_found`. */
export async function readLeadDetail(
  { state, now }: Pick<Ledger, 'state' | 'now'>,
  { site, leadId }: { site: LedgerSite; leadId: string },
): Promise<LeadDetail> {
  const { db } = state;
  const person = await personOf(db, { siteId: site.id, leadId });
  const events = await eventsOfPerson(db, person.id);
  const names = await readNames(db, site.id);
  const undone = undoneEvents(events);
  const members = await db
    .selectFrom('leads')
    .selectAll()
    .where('person_id', '=', person.id)
    .where('id', '!=', person.id)
    .orderBy('number')
    .execute();
  return {
    ...toLead(person, { names, ...ledgerSettings(site, now()) }),
    visitors: await visitorsOfLead(state, site.id, person.id),
    merged: members.map(toLeadName),
    claims: await openClaims(db, person, events),
    photos: await photosOf(db, person.id),
    history: events
      .filter(({ kind }) => kind !== 'judged')
      .sort((a, b) => b.atMs - a.atMs || b.seq - a.seq)
      .slice(0, mostHistory)
      .map((event) => toHistoryEntry(event, names, undone)),
  };
}

/** What another lead has, too, as long as the two are not one person. */
async function openClaims(
  db: Kysely<StateSchema>,
  person: LeadRow,
  events: readonly LeadEvent[],
): Promise<LeadDetail['claims']> {
  const claims: LeadDetail['claims'] = [];
  for (const event of events) {
    if (event.kind !== 'claim') continue;
    const { field, value, lead: leadId } = event.data;
    const other = await personOf(db, { siteId: person.site_id, leadId }).catch(() => null);
    if (other && other.id !== person.id) claims.push({ field, value, lead: toLeadName(other) });
  }
  const { phone } = person;
  if (phone === null) return claims;
  const sharing = await db
    .selectFrom('lead_identities')
    .innerJoin('leads as said', 'said.id', 'lead_identities.lead_id')
    .innerJoin('leads', 'leads.id', 'said.person_id')
    .selectAll('leads')
    .distinct()
    .where('lead_identities.site_id', '=', person.site_id)
    .where('lead_identities.kind', '=', 'phone')
    .where('lead_identities.value', '=', phone)
    .where('leads.id', '!=', person.id)
    .limit(20)
    .execute();
  return [...claims, ...sharing.map((other) => ({ field: 'phone' as const, value: phone, lead: toLeadName(other) }))];
}

async function photosOf(db: Kysely<StateSchema>, personId: string): Promise<LeadDetail['photos']> {
  const rows = await db
    .selectFrom('lead_photos')
    .select(['id', 'type', 'bytes', 'created_at'])
    .where('lead_id', 'in', db.selectFrom('leads').select('id').where('person_id', '=', personId))
    .orderBy('created_at')
    .execute();
  return rows.map(({ id, type, bytes, created_at }) => ({ id, type, bytes, at: created_at }));
}
