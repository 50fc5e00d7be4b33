import type { Kysely } from 'kysely';
import type { LeadEventData, NewLead } from '../contract/leads.ts';
import { AppError } from '../errors.ts';
import { besideKnown, cleanFields, findLead } from '../state/lead-identity.ts';
import { insertLead, type LeadRow, type NewLeadEvent, personOf } from '../state/lead-ledger.ts';
import { tieVisitor } from '../state/leads.ts';
import type { StateSchema } from '../state/schema.ts';
import { countryOf, identifying } from './identify.ts';
import type { Ledger } from './ledger.ts';
import { isOwnedBy, ownerEvent } from './owner-event.ts';
import { type LedgerSite, recordOnLead } from './record.ts';
import { endOfStep, momentOf } from './step-time.ts';

export interface CreatedLead {
  lead: LeadRow;
  /** False: somebody with this e-mail address, id or telephone was known, and now more is known of them. */
  created: boolean;
  /** What could not be taken as it was, in sentences. */
  problems: string[];
}

/** Makes a lead of whatever is known, or adds it to the lead it is about. Throws `invalid_request` where nothing is said. */
export async function createLead(
  ledger: Ledger,
  options: {
    site: LedgerSite;
    said: NewLead;
    actor: string;
    /** The person it is about, where that is known; else whoever is found by what is said. */
    about?: LeadRow | undefined;
    /** How it came in: `api`, `import`. */
    how: string;
    /** Decimal UInt64 of `said.visitor`. */
    visitorId?: string | undefined;
    /** What its sender calls it: the same twice is one. */
    sourceId?: string | undefined;
  },
): Promise<CreatedLead> {
  const { site, said, about, actor, how, visitorId, sourceId } = options;
  const nowMs = ledger.now();
  const atMs = Math.min(said.at === undefined ? nowMs : momentOf(said.at, site), nowMs);
  const clean = cleanFields(said, countryOf(site));
  if (Object.keys(clean.fields).length === 0) {
    throw new AppError('invalid_request', {
      message:
        Object.values(clean.problems)[0] ??
        'Say one thing that is known: a name, a company, a telephone, an e-mail address.',
    });
  }
  const { channel, source, medium, campaign, kind } = said;
  const isReachable = clean.identities.email !== undefined || clean.identities.phone !== undefined;
  return ledger.state.db.transaction().execute(async (trx) => {
    const before = sourceId === undefined ? undefined : await leadOfSource(trx, site.id, `${sourceId}:identified`);
    if (before) return { lead: before, created: false, problems: [] };
    const found = about ?? (await findLead(trx, { siteId: site.id, identities: clean.identities }));
    const lead = found ?? (await insertLead(trx, { siteId: site.id, nowMs }));
    if (visitorId !== undefined) await tieVisitor(trx, { visitorId, lead, at: new Date(nowMs).toISOString() });
    const more: Omit<LeadEventData['identified'], keyof typeof clean.fields> = {
      ...withoutUndefined({ channel, source, medium, campaign, kind }),
      complete: isReachable && !said.incomplete,
      how,
      ...(visitorId === undefined ? {} : { visitor: visitorId }),
    };
    const known = found ? await personOf(trx, { siteId: site.id, leadId: lead.id }) : null;
    const events: NewLeadEvent[] = await identifying(trx, {
      lead,
      known,
      clean,
      atMs,
      actor,
      more,
      sourceId: sourceId && `${sourceId}:identified`,
    });
    events.push(...(await workEvents(trx, { site, said, known, atMs, actor, how, sourceId })));
    const { after } = await recordOnLead(trx, {
      site,
      leadId: lead.id,
      events,
      nowMs,
      reactions: ledger.reactions,
      isNew: !found,
      visitorId,
    });
    const problems = [...Object.values(besideKnown(clean, known).problems), ...claimSentences(events)];
    return { lead: after, created: !found, problems };
  });
}

/** What is said of a lead besides who it is and where it came from. What is so already is no event. */
async function workEvents(
  trx: Kysely<StateSchema>,
  options: {
    site: LedgerSite;
    said: NewLead;
    known: LeadRow | null;
    atMs: number;
    actor: string;
    how: string;
    sourceId: string | undefined;
  },
): Promise<NewLeadEvent[]> {
  const { site, said, known, atMs, actor, how, sourceId } = options;
  const { consent, owner, nextStep, note } = said;
  const events: NewLeadEvent[] = [];
  const add = (event: Pick<NewLeadEvent, 'kind' | 'data'>) =>
    events.push({ ...event, atMs, actor, sourceId: sourceId && `${sourceId}:${event.kind}` } as NewLeadEvent);
  if (consent !== undefined && consent !== known?.consent) add({ kind: 'consent', data: { to: consent, how } });
  if (owner !== undefined && !(await isOwnedBy(trx, { lead: known, owner })))
    events.push(await ownerEvent(trx, { siteId: site.id, owner, atMs, actor }));
  if (nextStep !== undefined) {
    const step = { text: nextStep.text, atMs: endOfStep(nextStep.at, site) };
    const isSame = known?.next_step === step.text && known.next_step_at_ms === step.atMs;
    if (!isSame) add({ kind: 'next_step', data: step });
  }
  if (note !== undefined) add({ kind: 'note', data: { text: note } });
  return events;
}

async function leadOfSource(trx: Kysely<StateSchema>, siteId: number, sourceId: string): Promise<LeadRow | undefined> {
  return trx
    .selectFrom('lead_events')
    .innerJoin('leads as said', 'said.id', 'lead_events.lead_id')
    .innerJoin('leads', 'leads.id', 'said.person_id')
    .selectAll('leads')
    .where('lead_events.site_id', '=', siteId)
    .where('lead_events.source_id', '=', sourceId)
    .executeTakeFirst();
}

/** Two leads that both say the same of themselves, in words. */
function claimSentences(events: readonly NewLeadEvent[]): string[] {
  return events.flatMap((event) =>
    event.kind === 'claim'
      ? [`“${event.data.value}” belongs to another lead (${event.data.lead}). Merge the two if they are one person.`]
      : [],
  );
}

function withoutUndefined<Value extends object>(
  value: Value,
): { [Key in keyof Value]?: Exclude<Value[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as never;
}
