import type { Kysely } from 'kysely';
import type { WebhookEvent } from '../contract/names.ts';
import type { LeadData } from '../contract/webhooks.ts';
import type { LeadRow, LedgerChange } from '../state/lead-ledger.ts';
import { addressOfOwner } from '../state/owners.ts';
import type { StateSchema } from '../state/schema.ts';
import { addToOutbox, announce, isHeard } from '../webhooks/outbox.ts';
import { mailEndpointFor } from './lead-mail.ts';

type LeadMessage = Extract<WebhookEvent, `lead.${string}`>;

/** What a change is worth telling, most telling first; empty where only clocks moved. */
export function leadMessages({ before, after, written }: LedgerChange, isNew: boolean): LeadMessage[] {
  const told: LeadMessage[] = [];
  if (isNew) told.push('lead.created');
  if (after.stage === 'won' && before.stage !== 'won') told.push('lead.won');
  if (after.stage === 'lost' && before.stage !== 'lost') told.push('lead.lost');
  if (after.temperature === 'hot' && before.temperature !== 'hot') told.push('lead.hot');
  if (after.owner_id !== null && after.owner_id !== before.owner_id) told.push('lead.assigned');
  if (written.some(({ kind }) => kind === 'neglected')) told.push('lead.neglected');
  if (written.some(({ kind }) => kind === 'recycled')) told.push('lead.recycled');
  if (!isNew && changing.some((column) => after[column] !== before[column])) told.push('lead.updated');
  return told;
}

/** A change of one of these is a change of the lead. */
const changing = [
  'email',
  'phone',
  'external_id',
  'name',
  'company',
  'traits',
  'stage',
  'owner_id',
  'next_step',
  'next_step_at_ms',
  'consent',
] as const satisfies (keyof LeadRow)[];

/** Tells the endpoints that have named what became of a lead, and by mail whoever has to act on it. Call it inside the transaction of the change. */
export async function announceLead(
  trx: Kysely<StateSchema>,
  {
    site,
    change,
    isNew,
    nowMs,
    visitorId,
  }: {
    site: { id: number; publicId: string };
    change: LedgerChange;
    isNew: boolean;
    nowMs: number;
    visitorId: string | undefined;
  },
): Promise<void> {
  const last = change.written.at(-1);
  for (const type of leadMessages(change, isNew)) {
    const isAsked = await isHeard(trx, { siteId: site.id, type });
    const mailId = await mailEndpointFor(trx, { change, type });
    if (!isAsked && mailId === null) continue;
    const message = {
      type,
      timestamp: new Date(nowMs).toISOString(),
      data: await leadData(trx, change, { type, site: site.publicId, visitorId: visitorId ?? '' }),
    };
    const outgoing = { siteId: site.id, message, once: [change.after.id, type, last?.id ?? ''], nowMs };
    if (isAsked) await announce(trx, outgoing);
    if (mailId !== null) await addToOutbox(trx, { ...outgoing, endpointId: mailId, nextAtMs: nowMs });
  }
}

async function leadData(
  trx: Kysely<StateSchema>,
  { after: lead, written }: LedgerChange,
  { type, site, visitorId }: { type: LeadMessage; site: string; visitorId: string },
): Promise<LeadData> {
  const { site_id: siteId, owner_id: ownerId } = lead;
  return {
    id: lead.id,
    site,
    email: lead.email,
    phone: lead.phone,
    name: lead.name,
    company: lead.company,
    externalId: lead.external_id,
    visitor: visitorId,
    createdAt: lead.created_at,
    stage: lead.stage,
    kind: lead.kind,
    owner: ownerId === null ? null : await addressOfOwner(trx, { siteId, ownerId }),
    nextStep: lead.next_step,
    nextStepAt: lead.next_step_at_ms === null ? null : new Date(lead.next_step_at_ms).toISOString(),
    answerBy: lead.clock_due_ms === null ? null : new Date(lead.clock_due_ms).toISOString(),
    score: lead.score,
    temperature: lead.temperature,
    qualified: lead.qualified,
    lostReason: lead.lost_reason,
    value: lead.value === 0 ? null : lead.value,
    currency: lead.value === 0 ? null : lead.currency,
    source: lead.first_source,
    medium: lead.first_medium,
    campaign: lead.first_campaign,
    channel: lead.first_channel,
    consent: lead.consent,
    recycleCount: lead.recycle_count,
    neglected: type === 'lead.neglected' ? neglectOf(written) : null,
    traits: JSON.parse(lead.traits) as unknown,
  };
}

function neglectOf(written: LedgerChange['written']): LeadData['neglected'] {
  const event = written.findLast(({ kind }) => kind === 'neglected');
  if (event?.kind !== 'neglected') return null;
  const { clock, sinceMs, dueMs, escalatedTo } = event.data;
  const [since, dueAt] = [new Date(sinceMs).toISOString(), new Date(dueMs).toISOString()];
  return { clock, since, dueAt, accountable: escalatedTo };
}
