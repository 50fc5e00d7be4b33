import type { Kysely } from 'kysely';
import type { LeadFields, LeadSource } from '../contract/leads.ts';
import type { Identity } from '../contract/wire.ts';
import { besideKnown, type CleanFields, cleanFields, findLead, takeIdentities } from '../state/lead-identity.ts';
import { insertLead, type LeadRow, type NewLeadEvent, personOf } from '../state/lead-ledger.ts';
import { leadOfVisitor, tieVisitor } from '../state/leads.ts';
import { countryOfZone } from '../state/phone.ts';
import type { StateSchema } from '../state/schema.ts';
import type { Ledger } from './ledger.ts';
import { type LedgerSite, recordOnLead } from './record.ts';

/**
 * Ties a visitor to the lead that the identity names, making it where it is new. The same e-mail address is the same lead; a
 * visitor who gives another one is tied to that one's lead from then on. Endpoints that have named `lead.created` or `lead.updated`
 * are told. Null where the identity names nobody: neither e-mail address, nor id, nor phone number.
 */
export async function identifyLead(
  { state, reactions }: Pick<Ledger, 'state' | 'reactions'>,
  said: {
    site: LedgerSite;
    visitorId: string;
    identity: Identity;
    now: number;
    /** Where it came from, and on which page it was said. */
    from?: LeadSource & { path?: string };
  },
): Promise<{ leadId: string; created: boolean } | null> {
  const { site, visitorId, now, from = {} } = said;
  const { fields, incomplete } = toFields(said.identity);
  const clean = cleanFields(fields, countryOf(site));
  return state.db.transaction().execute(async (trx) => {
    const linked = await leadOfVisitor(trx, { siteId: site.id, visitorId });
    const found = await findLead(trx, { siteId: site.id, identities: clean.identities, linked });
    if (!found && Object.keys(clean.identities).length === 0) return null;
    const lead = found ?? (await insertLead(trx, { siteId: site.id, nowMs: now }));
    if (linked?.id !== lead.id) await tieVisitor(trx, { visitorId, lead, at: new Date(now).toISOString() });
    const events = await identifying(trx, {
      lead,
      clean,
      known: found ? await personOf(trx, { siteId: site.id, leadId: lead.id }) : null,
      atMs: now,
      actor: 'visitor',
      more: { ...from, complete: !incomplete, how: incomplete ? 'partial form' : 'form', visitor: visitorId },
    });
    const { after } = await recordOnLead(trx, {
      site,
      leadId: lead.id,
      events,
      nowMs: now,
      reactions,
      isNew: !found,
      visitorId,
    });
    return { leadId: after.id, created: !found };
  });
}

/** The country whose telephone numbers are written without a code. */
export function countryOf(site: LedgerSite): string | null {
  return site.settings.country ?? countryOfZone(site.timezone);
}

/**
 * The events of something that became known of a lead; none where all of it was known (`known` is the person as it is, null for a
 * new one). What another lead has already is not taken from it, and told.
 */
export async function identifying(
  trx: Kysely<StateSchema>,
  options: {
    lead: LeadRow;
    known: LeadRow | null;
    clean: CleanFields;
    atMs: number;
    actor: string;
    more: Omit<Extract<NewLeadEvent, { kind: 'identified' }>['data'], keyof LeadFields>;
    sourceId?: string | undefined;
  },
): Promise<NewLeadEvent[]> {
  const { lead, known, atMs, actor, more, sourceId } = options;
  const clean = besideKnown(options.clean, known);
  const at = new Date(atMs).toISOString();
  const taken = await takeIdentities(trx, { lead, identities: clean.identities, at });
  const fields = { ...clean.fields };
  for (const { field } of taken) delete fields[field];
  const claims = taken.map(
    ({ field, value, lead: other }): NewLeadEvent => ({
      kind: 'claim',
      data: { field, value, lead: other },
      atMs,
      actor,
      sourceId: `claim:${lead.id}:${field}:${value}`,
    }),
  );
  if (known && isKnown(known, fields, more)) return claims;
  const { problems } = clean;
  return [
    {
      kind: 'identified',
      data: { ...fields, ...more, ...(Object.keys(problems).length > 0 ? { problems } : {}) },
      atMs,
      actor,
      sourceId,
    },
    ...claims,
  ];
}

function isKnown(
  known: LeadRow,
  { email, phone, externalId, name, company, traits }: LeadFields,
  { complete, kind }: { complete: boolean; kind?: string },
): boolean {
  const has = (said: string | undefined, now: string | null) => said === undefined || said === now;
  const before = JSON.parse(known.traits) as Record<string, unknown>;
  return (
    has(email, known.email) &&
    has(phone, known.phone) &&
    has(externalId, known.external_id) &&
    has(name, known.name) &&
    has(company, known.company) &&
    has(kind, known.kind) &&
    Object.entries(traits ?? {}).every(([key, value]) => before[key] === value) &&
    !(complete && known.stage === 'incomplete')
  );
}

function toFields({ email, phone, id, name, company, ...rest }: Identity): { fields: LeadFields; incomplete: boolean } {
  const { incomplete, ...traits } = rest;
  return {
    fields: {
      email,
      phone,
      externalId: id,
      name,
      company,
      traits: Object.fromEntries(Object.entries(traits).filter(([, value]) => value !== undefined)),
    } as LeadFields,
    incomplete: incomplete === true,
  };
}
