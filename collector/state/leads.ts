import type { Kysely, Selectable } from 'kysely';
import { nanoid } from 'nanoid';
import { isTimeZone } from '../contract/time.ts';
import type { Identity } from '../contract/wire.ts';
import type { StateSchema } from './schema.ts';

export type LeadRow = Selectable<StateSchema['leads']>;

export interface LeadSummary {
  id: string;
  name: string | null;
  email: string | null;
  phone: string | null;
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

/** Visitors tied to a lead of this site; empty where there is no such lead. */
export async function visitorsOfLead(
  state: { db: Kysely<StateSchema> },
  siteId: number,
  leadId: string,
): Promise<string[]> {
  const rows = await state.db
    .selectFrom('lead_visitors')
    .select('visitor_id')
    .where('site_id', '=', siteId)
    .where('lead_id', '=', leadId)
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

export interface LeadChange {
  lead: LeadRow;
  /** `unchanged`: everything said was known already. */
  change: 'created' | 'updated' | 'unchanged';
}

/**
 * Finds the lead an identity speaks of (by e-mail, then external id, then phone, then the visitor's own), or makes it, and ties
 * the visitor to it. Null where the identity names nobody. Call it inside a transaction.
 */
export async function upsertLead(
  db: Kysely<StateSchema>,
  options: { siteId: number; visitorId: string; identity: Identity; at: string },
): Promise<LeadChange | null> {
  const { siteId, visitorId, identity, at } = options;
  const said = normalise(identity);
  const linked = await leadOfVisitor(db, siteId, visitorId);
  const found = await findLead(db, siteId, said, linked);
  if (!found && !said.email && !said.externalId && !said.phone) return null;

  const change = found ? await updateLead(db, found, said, at) : await createLead(db, siteId, said, at);
  if (linked?.id !== change.lead.id) {
    await db
      .insertInto('lead_visitors')
      .values({ site_id: siteId, visitor_id: visitorId, lead_id: change.lead.id, since: at })
      .onConflict((conflict) =>
        conflict.columns(['site_id', 'visitor_id']).doUpdateSet({ lead_id: change.lead.id, since: at }),
      )
      .execute();
  }
  return change;
}

interface Said {
  email: string | undefined;
  phone: string | undefined;
  externalId: string | undefined;
  name: string | undefined;
  company: string | undefined;
  traits: Record<string, string | number | boolean>;
}

function normalise({ email, phone, id, name, company, ...traits }: Identity): Said {
  const address = email?.trim().toLowerCase();
  const digits = phone?.replace(/\D/g, '').replace(/^00/, '');
  return {
    email: address && /^[^\s@]+@[^\s@]+$/.test(address) ? address : undefined,
    // Shorter is an extension or a slip of the hand, and would tie strangers together.
    phone: digits && digits.length >= 6 ? digits : undefined,
    externalId: id?.trim() || undefined,
    name: name?.trim() || undefined,
    company: company?.trim() || undefined,
    traits: Object.fromEntries(Object.entries(traits).filter(([, value]) => value !== undefined)) as Said['traits'],
  };
}

async function findLead(
  db: Kysely<StateSchema>,
  siteId: number,
  { email, externalId, phone }: Said,
  linked: LeadRow | undefined,
): Promise<LeadRow | undefined> {
  const leads = db.selectFrom('leads').selectAll().where('site_id', '=', siteId);
  const byEmail = email ? await leads.where('email', '=', email).executeTakeFirst() : undefined;
  if (byEmail) return byEmail;
  const byExternalId = externalId ? await leads.where('external_id', '=', externalId).executeTakeFirst() : undefined;
  if (byExternalId) return byExternalId;
  const byPhone = phone ? await leads.where('phone', '=', phone).orderBy('created_at').execute() : [];
  // A phone is shared by a household or an office: it does not override another e-mail address.
  const samePhone = byPhone.find((lead) => isNobodyElse(lead, email, externalId));
  if (samePhone) return samePhone;
  return linked && isNobodyElse(linked, email, externalId) ? linked : undefined;
}

function isNobodyElse(lead: LeadRow, email: string | undefined, externalId: string | undefined): boolean {
  return (
    (!email || lead.email === null || lead.email === email) &&
    (!externalId || lead.external_id === null || lead.external_id === externalId)
  );
}

async function createLead(db: Kysely<StateSchema>, siteId: number, said: Said, at: string): Promise<LeadChange> {
  const lead = await db
    .insertInto('leads')
    .values({
      id: `led_${nanoid(16)}`,
      site_id: siteId,
      email: said.email ?? null,
      phone: said.phone ?? null,
      external_id: said.externalId ?? null,
      name: said.name ?? null,
      company: said.company ?? null,
      traits: JSON.stringify(said.traits),
      created_at: at,
      updated_at: at,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return { lead, change: 'created' };
}

async function updateLead(db: Kysely<StateSchema>, before: LeadRow, said: Said, at: string): Promise<LeadChange> {
  const traits = { ...(JSON.parse(before.traits) as Said['traits']), ...said.traits };
  const after = {
    email: said.email ?? before.email,
    phone: said.phone ?? before.phone,
    external_id: (await freeExternalId(db, before, said.externalId)) ?? before.external_id,
    name: said.name ?? before.name,
    company: said.company ?? before.company,
    traits: JSON.stringify(traits),
  };
  const changed = (Object.keys(after) as (keyof typeof after)[]).some((key) => after[key] !== before[key]);
  if (!changed) return { lead: before, change: 'unchanged' };
  const lead = await db
    .updateTable('leads')
    .set({ ...after, updated_at: at })
    .where('id', '=', before.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  return { lead, change: 'updated' };
}

/** The external id, unless another lead has it: the two are merged by a person, not by a form. */
async function freeExternalId(
  db: Kysely<StateSchema>,
  lead: LeadRow,
  externalId: string | undefined,
): Promise<string | undefined> {
  if (!externalId || externalId === lead.external_id) return externalId;
  const other = await db
    .selectFrom('leads')
    .select('id')
    .where('site_id', '=', lead.site_id)
    .where('external_id', '=', externalId)
    .executeTakeFirst();
  return other ? undefined : externalId;
}

async function leadOfVisitor(db: Kysely<StateSchema>, siteId: number, visitorId: string): Promise<LeadRow | undefined> {
  return db
    .selectFrom('lead_visitors')
    .innerJoin('leads', 'leads.id', 'lead_visitors.lead_id')
    .selectAll('leads')
    .where('lead_visitors.site_id', '=', siteId)
    .where('lead_visitors.visitor_id', '=', visitorId)
    .executeTakeFirst();
}

/** SQLite takes at most 32,766 values in one statement. */
function* chunks(ids: readonly string[], size = 10_000): Generator<string[]> {
  for (let start = 0; start < ids.length; start += size) yield ids.slice(start, start + size);
}
