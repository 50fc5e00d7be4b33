import type { Kysely } from 'kysely';
import type { LeadFields } from '../contract/leads.ts';
import type { LeadRow } from './lead-ledger.ts';
import { toPhone } from './phone.ts';
import type { StateSchema } from './schema.ts';

type Db = Kysely<StateSchema>;
export type IdentityField = 'email' | 'phone' | 'externalId';

/** Fields as they are stored, and what could not be taken as it was. */
export interface CleanFields {
  fields: LeadFields;
  problems: Partial<Record<IdentityField, string>>;
  /** Those that find a lead: a telephone that is none is kept, but finds nobody. */
  identities: Partial<Record<IdentityField, string>>;
}

/** Trims what was said, and brings addresses and numbers into the one form that finds them. Empty texts are left out. */
export function cleanFields(said: LeadFields, country: string | null): CleanFields {
  const problems: CleanFields['problems'] = {};
  const email = said.email?.trim().toLowerCase() || undefined;
  const isEmail = email !== undefined && /^[^\s@]+@[^\s@]+$/.test(email);
  if (email !== undefined && !isEmail) problems.email = `“${email}” is not an e-mail address, so it was left out.`;
  const written = said.phone?.trim() || undefined;
  const phone = written === undefined ? undefined : toPhone(written, country);
  if (phone === null) problems.phone = `“${written}” is not a telephone number, so it was kept as it is written.`;
  const externalId = said.externalId?.trim() || undefined;
  const fields = {
    email: isEmail ? email : undefined,
    phone: phone ?? written,
    externalId,
    name: said.name?.trim() || undefined,
    company: said.company?.trim() || undefined,
    traits: said.traits && Object.keys(said.traits).length > 0 ? said.traits : undefined,
  };
  return {
    fields: withoutUndefined(fields),
    problems,
    identities: withoutUndefined({ email: fields.email, phone: phone ?? undefined, externalId }),
  };
}

/** What may be taken over of a person who is known: a number that is none does not replace one that is. */
export function besideKnown(clean: CleanFields, known: Pick<LeadRow, 'phone'> | null): CleanFields {
  if (clean.problems.phone === undefined || !/^\+\d+$/.test(known?.phone ?? '')) return clean;
  const { phone, ...fields } = clean.fields;
  const message = `“${phone}” is not a telephone number, so the one that is known stays.`;
  return { ...clean, fields, problems: { ...clean.problems, phone: message } };
}

/** The one lead that these identities speak of: by e-mail, then external id, then phone, then `linked`. */
export async function findLead(
  db: Db,
  {
    siteId,
    identities,
    linked,
  }: { siteId: number; identities: CleanFields['identities']; linked?: LeadRow | undefined },
): Promise<LeadRow | undefined> {
  const { email, externalId, phone } = identities;
  const byEmail = email ? await leadsNamed(db, siteId, 'email', email) : [];
  if (byEmail[0]) return byEmail[0];
  const byExternalId = externalId ? await leadsNamed(db, siteId, 'external', externalId) : [];
  if (byExternalId[0]) return byExternalId[0];
  // A phone is shared by a household or an office: it does not override another e-mail address.
  const byPhone = phone ? await leadsNamed(db, siteId, 'phone', phone) : [];
  for (const lead of linked ? [...byPhone, linked] : byPhone) {
    if (await isNobodyElse(db, lead, identities)) return lead;
  }
  return undefined;
}

/**
 * Writes down that a lead is found by these. An address or id that another person has stays there: the two are merged by somebody
 * who knows, not by a form. Answers those, with the lead that has them.
 */
export async function takeIdentities(
  trx: Db,
  { lead, identities, at }: { lead: LeadRow; identities: CleanFields['identities']; at: string },
): Promise<{ field: IdentityField; value: string; lead: string }[]> {
  const taken: { field: IdentityField; value: string; lead: string }[] = [];
  for (const [field, value] of Object.entries(identities) as [IdentityField, string][]) {
    const kind = field === 'externalId' ? 'external' : field;
    const others = kind === 'phone' ? [] : await leadsNamed(trx, lead.site_id, kind, value);
    const other = others.find(({ person_id }) => person_id !== lead.person_id);
    if (other) taken.push({ field, value, lead: other.person_id });
    else if (others.length === 0) {
      await trx
        .insertInto('lead_identities')
        .values({ site_id: lead.site_id, kind, value, lead_id: lead.id, since: at })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
  }
  return taken;
}

/** Leads that have said this of themselves, the first one first. A merged one is among them by itself. */
function leadsNamed(db: Db, siteId: number, kind: 'email' | 'phone' | 'external', value: string): Promise<LeadRow[]> {
  return db
    .selectFrom('lead_identities')
    .innerJoin('leads', 'leads.id', 'lead_identities.lead_id')
    .selectAll('leads')
    .where('lead_identities.site_id', '=', siteId)
    .where('lead_identities.kind', '=', kind)
    .where('lead_identities.value', '=', value)
    .orderBy('leads.number')
    .execute();
}

async function isNobodyElse(db: Db, lead: LeadRow, said: CleanFields['identities']): Promise<boolean> {
  const known = await db
    .selectFrom('lead_identities')
    .select(['kind', 'value'])
    .where('lead_id', 'in', db.selectFrom('leads').select('id').where('person_id', '=', lead.person_id))
    .execute();
  const has = (kind: string, value: string | undefined) => {
    const values = known.filter((identity) => identity.kind === kind);
    return value === undefined || values.length === 0 || values.some((identity) => identity.value === value);
  };
  return has('email', said.email) && has('external', said.externalId);
}

function withoutUndefined<Value extends object>(
  value: Value,
): { [Key in keyof Value]?: Exclude<Value[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as never;
}
