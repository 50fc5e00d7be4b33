import type { Kysely } from 'kysely';
import type { LeadFields, NewTouch, NotCounted } from '../contract/leads.ts';
import { AppError } from '../errors.ts';
import { cleanFields, findLead } from '../state/lead-identity.ts';
import { insertLead, type LeadRow, type NewLeadEvent, personOf } from '../state/lead-ledger.ts';
import { leadOfVisitor, tieVisitor } from '../state/leads.ts';
import type { StateSchema } from '../state/schema.ts';
import { countryOf, identifying } from './identify.ts';
import type { Ledger } from './ledger.ts';
import { type LedgerSite, recordOnLead } from './record.ts';
import { momentOf } from './step-time.ts';
import { toTouchData } from './touches.ts';

/** Whom a touch is about: a lead by its id, or whatever is known of the person. */
export type Touched = { leadId: string } | { fields: LeadFields };

export interface RecordedTouch {
  /** The person. */
  lead: LeadRow;
  /** Nobody was known by what was said of the person, so an incomplete lead was made: a touch is never dropped. */
  created: boolean;
}

/**
 * Writes a touch. The same `id` twice is one touch. Throws `not_found` for the id of a lead that is not there, and `invalid_request`
 * where nothing is said that could find a person.
 */
export async function recordTouch(
  ledger: Ledger,
  options: {
    site: LedgerSite;
    of: Touched;
    touch: NewTouch;
    actor: string;
    notCounted?: NotCounted | undefined;
    /** False: the event store has it already. */
    isTold?: boolean;
    /** A browser, or what stands for one, that is this person's from now on. */
    visitorId?: string;
  },
): Promise<RecordedTouch> {
  const { site, of, actor, notCounted, isTold = true, visitorId } = options;
  const { at, id, ...said } = options.touch;
  const nowMs = ledger.now();
  const atMs = at === undefined ? nowMs : Math.min(momentOf(at, site), nowMs);
  return ledger.state.db.transaction().execute(async (trx) => {
    const { lead, events, isNew } = await touched(trx, { site, of, atMs, nowMs, actor, visitorId });
    events.push({
      kind: 'touch',
      data: toTouchData(said, notCounted),
      atMs,
      actor,
      sourceId: id === undefined ? undefined : `touch:${id}`,
    });
    const { reactions } = ledger;
    const { after } = await recordOnLead(trx, { site, leadId: lead.id, events, nowMs, reactions, isNew, isTold });
    return { lead: after, created: isNew };
  });
}

/** The lead that is meant, made where it is new. */
export async function findOrMake(
  ledger: Ledger,
  { site, of, atMs, visitorId }: { site: LedgerSite; of: Touched; atMs: number; visitorId?: string },
): Promise<LeadRow> {
  const nowMs = ledger.now();
  return ledger.state.db.transaction().execute(async (trx) => {
    const { lead, events, isNew } = await touched(trx, { site, of, atMs, nowMs, actor: 'system', visitorId });
    const { reactions } = ledger;
    if (events.length > 0) await recordOnLead(trx, { site, leadId: lead.id, events, nowMs, reactions, isNew });
    return lead;
  });
}

async function touched(
  trx: Kysely<StateSchema>,
  options: {
    site: LedgerSite;
    of: Touched;
    atMs: number;
    nowMs: number;
    actor: string;
    visitorId?: string | undefined;
  },
): Promise<{ lead: LeadRow; events: NewLeadEvent[]; isNew: boolean }> {
  const { site, of, atMs, nowMs, actor, visitorId } = options;
  if ('leadId' in of) {
    const lead = await personOf(trx, { siteId: site.id, leadId: of.leadId });
    await tie(trx, { visitorId, lead, atMs });
    return { lead, events: [], isNew: false };
  }
  const clean = cleanFields(of.fields, countryOf(site));
  const found = await findLead(trx, { siteId: site.id, identities: clean.identities });
  const known = found ? await personOf(trx, { siteId: site.id, leadId: found.id }) : null;
  if (!found && Object.keys(clean.fields).length === 0) {
    throw new AppError('invalid_request', {
      message: 'Say whom it is about: an e-mail address, a telephone or an id.',
    });
  }
  const lead = found ?? (await insertLead(trx, { siteId: site.id, nowMs }));
  await tie(trx, { visitorId, lead, atMs });
  // A person who was only touched has not asked for anything: the lead stays incomplete until somebody looks at it.
  const more = { complete: false, how: 'touch' };
  const events = await identifying(trx, { lead, known, clean, atMs, actor, more });
  return { lead, events, isNew: !found };
}

async function tie(
  trx: Kysely<StateSchema>,
  { visitorId, lead, atMs }: { visitorId: string | undefined; lead: LeadRow; atMs: number },
): Promise<void> {
  if (visitorId === undefined) return;
  const linked = await leadOfVisitor(trx, { siteId: lead.site_id, visitorId });
  if (linked?.person_id === lead.person_id) return;
  await tieVisitor(trx, { visitorId, lead, at: new Date(atMs).toISOString() });
}
