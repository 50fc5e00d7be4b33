import type { Kysely } from 'kysely';
import type { LeadStage, Temperature } from '../contract/leads.ts';
import { isTimeZone } from '../contract/time.ts';
import type { LeadRow } from './lead-ledger.ts';
import type { StateSchema } from './schema.ts';

export interface LeadSummary {
  id: string;
  name: string | null;
  email: string | null;
  phone: string | null;
  stage: LeadStage;
  score: number;
  temperature: Temperature;
}

/** The lead of each visitor that has one. */
export async function leadOfVisitors(
  state: { db: Kysely<StateSchema> },
  siteId: number,
  visitorIds: readonly string[],
): Promise<Map<string, LeadSummary>> {
  const found = new Map<string, LeadSummary>();
  for (const some of chunks(visitorIds)) {
    const rows = await state.db
      .selectFrom('lead_visitors')
      .innerJoin('leads', 'leads.id', 'lead_visitors.lead_id')
      .select(['lead_visitors.visitor_id', 'leads.id', 'leads.name', 'leads.email', 'leads.phone'])
      .select(['leads.stage', 'leads.score', 'leads.temperature'])
      .where('lead_visitors.site_id', '=', siteId)
      .where('lead_visitors.visitor_id', 'in', some)
      .execute();
    for (const { visitor_id, ...lead } of rows) found.set(visitor_id, lead);
  }
  return found;
}

/** For each visitor all visitors of the same person, itself included: those of its lead, or only itself. */
export async function visitorsOfSamePerson(
  state: { db: Kysely<StateSchema> },
  siteId: number,
  visitorIds: readonly string[],
): Promise<Map<string, string[]>> {
  const found = new Map(visitorIds.map((id) => [id, new Set([id])]));
  for (const some of chunks(visitorIds)) {
    const rows = await state.db
      .selectFrom('lead_visitors as mine')
      .innerJoin('lead_visitors as same', (join) =>
        join.onRef('same.lead_id', '=', 'mine.lead_id').onRef('same.site_id', '=', 'mine.site_id'),
      )
      .select(['mine.visitor_id as visitor', 'same.visitor_id as other'])
      .where('mine.site_id', '=', siteId)
      .where('mine.visitor_id', 'in', some)
      .execute();
    for (const { visitor, other } of rows) found.get(visitor)?.add(other);
  }
  return new Map([...found].map(([id, all]) => [id, [...all]]));
}

/** Visitors of the person that a lead is part of; empty where there is no such lead, or where no browser of it is known. */
export async function visitorsOfLead(
  state: { db: Kysely<StateSchema> },
  siteId: number,
  leadId: string,
): Promise<string[]> {
  const rows = await state.db
    .selectFrom('lead_visitors')
    .innerJoin('leads', 'leads.person_id', 'lead_visitors.lead_id')
    .select('visitor_id')
    .where('lead_visitors.site_id', '=', siteId)
    .where('leads.id', '=', leadId)
    .orderBy('since')
    .execute();
  return rows.map((row) => row.visitor_id);
}

/** The time zone that each lead has told in its trait `timezone`; leads without one are left out. */
export async function leadZones(
  state: { db: Kysely<StateSchema> },
  leadIds: readonly string[],
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const some of chunks([...new Set(leadIds)])) {
    const rows = await state.db.selectFrom('leads').select(['id', 'traits']).where('id', 'in', some).execute();
    for (const { id, traits } of rows) {
      const { timezone } = JSON.parse(traits) as { timezone?: unknown };
      if (typeof timezone === 'string' && isTimeZone(timezone)) found.set(id, timezone);
    }
  }
  return found;
}

/** The lead that a visitor is tied to. */
export function leadOfVisitor(
  db: Kysely<StateSchema>,
  { siteId, visitorId }: { siteId: number; visitorId: string },
): Promise<LeadRow | undefined> {
  return db
    .selectFrom('lead_visitors')
    .innerJoin('leads', 'leads.id', 'lead_visitors.said_lead_id')
    .selectAll('leads')
    .where('lead_visitors.site_id', '=', siteId)
    .where('lead_visitors.visitor_id', '=', visitorId)
    .executeTakeFirst();
}

/** Ties a visitor to a lead; from whichever it was tied to before. */
export async function tieVisitor(
  trx: Kysely<StateSchema>,
  { visitorId, lead, at }: { visitorId: string; lead: Pick<LeadRow, 'id' | 'person_id' | 'site_id'>; at: string },
): Promise<void> {
  const tie = { lead_id: lead.person_id, said_lead_id: lead.id, since: at };
  await trx
    .insertInto('lead_visitors')
    .values({ site_id: lead.site_id, visitor_id: visitorId, ...tie })
    .onConflict((conflict) => conflict.columns(['site_id', 'visitor_id']).doUpdateSet(tie))
    .execute();
  // What this browser did before is news of its person.
  await trx.updateTable('leads').set({ judge_at_ms: 0 }).where('id', '=', lead.person_id).execute();
}

/** SQLite takes at most 32,766 values in one statement. */
function* chunks(ids: readonly string[], size = 10_000): Generator<string[]> {
  for (let start = 0; start < ids.length; start += size) yield ids.slice(start, start + size);
}
