import type { Kysely } from 'kysely';
import type { LeadPatch } from '../contract/leads.ts';
import { AppError, type ErrorDetail } from '../errors.ts';
import { cleanFields, type IdentityField, takeIdentities } from '../state/lead-identity.ts';
import { type LeadRow, type NewLeadEvent, personOf } from '../state/lead-ledger.ts';
import type { StateSchema } from '../state/schema.ts';
import { countryOf } from './identify.ts';
import type { Ledger } from './ledger.ts';
import { ownerEvent } from './owner-event.ts';
import { type LedgerSite, recordOnLead } from './record.ts';
import { whyNotMove } from './stage-moves.ts';
import { endOfStep, momentOf } from './step-time.ts';

interface Patch {
  trx: Kysely<StateSchema>;
  site: LedgerSite;
  lead: LeadRow;
  patch: LeadPatch;
  atMs: number;
  actor: string;
}

/** The parts of a change, in the order in which they are written. */
const parts: ((change: Patch) => Promise<NewLeadEvent[]> | NewLeadEvent[])[] = [
  fieldsPart,
  ownerPart,
  stagePart,
  nextStepPart,
  smallParts,
];

/** Changes a lead; each part is an event that can be taken back. Throws `not_found`, `invalid_request`, or `conflict`. */
export async function patchLead(
  ledger: Ledger,
  { site, leadId, patch, actor }: { site: LedgerSite; leadId: string; patch: LeadPatch; actor: string },
): Promise<LeadRow> {
  const nowMs = ledger.now();
  return ledger.state.db.transaction().execute(async (trx) => {
    const lead = await personOf(trx, { siteId: site.id, leadId });
    const events: NewLeadEvent[] = [];
    for (const part of parts) events.push(...(await part({ trx, site, lead, patch, atMs: nowMs, actor })));
    if (events.length === 0) return lead;
    const { reactions } = ledger;
    return (await recordOnLead(trx, { site, leadId: lead.id, events, nowMs, reactions })).after;
  });
}

async function fieldsPart({ trx, site, lead, patch, atMs, actor }: Patch): Promise<NewLeadEvent[]> {
  const named = ['email', 'phone', 'externalId', 'name', 'company'] as const;
  const cleared = Object.fromEntries(named.flatMap((field) => (patch[field] === null ? [[field, null]] : [])));
  const said = Object.fromEntries(named.flatMap((field) => (patch[field] ? [[field, patch[field]]] : [])));
  const clean = cleanFields({ ...said, traits: patch.traits } as Parameters<typeof cleanFields>[0], countryOf(site));
  if (clean.problems.email) throw invalid({ path: 'email', message: clean.problems.email });
  const at = new Date(atMs).toISOString();
  const [taken] = await takeIdentities(trx, { lead, identities: clean.identities, at });
  if (taken) throw await takenByAnother(trx, site, taken);
  await forget(trx, lead, cleared);
  const data = { ...cleared, ...clean.fields, ...(patch.kind === undefined ? {} : { kind: patch.kind }) };
  if (Object.keys(data).length === 0) return [];
  const reachable = clean.identities.email !== undefined || clean.identities.phone !== undefined;
  return [{ kind: 'identified', data: { ...data, complete: reachable, how: 'by hand' }, atMs, actor }];
}

async function takenByAnother(
  trx: Kysely<StateSchema>,
  site: LedgerSite,
  taken: { field: IdentityField; value: string; lead: string },
): Promise<AppError> {
  const other = await personOf(trx, { siteId: site.id, leadId: taken.lead });
  const name = other.name ?? other.email ?? other.phone ?? `number ${other.number}`;
  const message = `${name} (${other.id}) has ${taken.value} already. Merge the two if they are one person.`;
  return new AppError('conflict', { message, details: [{ path: taken.field, message }] });
}

/** Whoever says that an address is wrong does not want to be found by it. */
async function forget(trx: Kysely<StateSchema>, lead: LeadRow, cleared: Record<string, null>): Promise<void> {
  const kinds = (['email', 'phone', 'externalId'] as const)
    .filter((field) => field in cleared)
    .map((field) => (field === 'externalId' ? ('external' as const) : field));
  if (kinds.length === 0) return;
  await trx.deleteFrom('lead_identities').where('lead_id', '=', lead.id).where('kind', 'in', kinds).execute();
}

async function ownerPart({ trx, site, lead, patch, atMs, actor }: Patch): Promise<NewLeadEvent[]> {
  if (patch.owner === undefined || patch.owner === lead.owner_id) return [];
  return [await ownerEvent(trx, { siteId: site.id, owner: patch.owner, atMs, actor })];
}

function stagePart({ site, lead, patch, atMs, actor }: Patch): NewLeadEvent[] {
  const { stage = lead.stage, reason, note, value, currency, wakeAt, wakeOn } = patch;
  const isSame = stage === lead.stage;
  const more = { reason, value, currency, wakeAt, wakeOn };
  if (isSame && Object.values(more).every((part) => part === undefined)) {
    return note === undefined ? [] : [{ kind: 'note', data: { text: note }, atMs, actor }];
  }
  const known = lead.stage === 'lost' ? lead.lost_reason : lead.nurture_reason;
  const why = reason ?? (isSame ? (known ?? undefined) : undefined);
  const wrong = whyNotMove(lead.stage, stage, why);
  if (wrong) throw invalid({ path: wrong.startsWith('Say why') ? 'reason' : 'stage', message: wrong });
  return [
    {
      kind: 'stage',
      data: {
        to: stage,
        ...(why === undefined ? {} : { reason: why }),
        ...(note === undefined ? {} : { note }),
        ...(value === undefined ? {} : { value, currency: currency ?? site.settings.currency }),
        ...(wakeAt === undefined ? {} : { wakeAtMs: momentOf(wakeAt, site) }),
        ...(wakeOn === undefined ? {} : { wakeOn }),
      },
      atMs,
      actor,
    },
  ];
}

function nextStepPart({ site, patch, atMs, actor }: Patch): NewLeadEvent[] {
  if (patch.nextStep === undefined) return [];
  const { nextStep } = patch;
  const data = nextStep === null ? { text: null } : { text: nextStep.text, atMs: endOfStep(nextStep.at, site) };
  return [{ kind: 'next_step', data, atMs, actor }];
}

function smallParts({ lead, patch, atMs, actor }: Patch): NewLeadEvent[] {
  const { consent, accept, reject } = patch;
  return [
    ...(consent === undefined || consent === lead.consent
      ? []
      : [{ kind: 'consent' as const, data: { to: consent, how: 'by hand' }, atMs, actor }]),
    ...(accept ? [{ kind: 'accepted' as const, data: {}, atMs, actor }] : []),
    ...(reject
      ? [
          {
            kind: 'rejected' as const,
            data: { reason: reject.reason, ...(reject.condition ? { condition: reject.condition } : {}) },
            atMs,
            actor,
          },
        ]
      : []),
  ];
}

function invalid(detail: ErrorDetail): AppError {
  return new AppError('invalid_request', { message: detail.message, details: [detail] });
}
