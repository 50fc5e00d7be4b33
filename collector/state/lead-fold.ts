import type { Selectable } from 'kysely';
import type { LeadConsent, LeadEvent, LeadSource, LeadStage, TouchData } from '../contract/leads.ts';
import { leaksAt } from './lead-leak.ts';
import type { StateSchema } from './schema.ts';

type Row = Selectable<StateSchema['leads']>;
export type LeadSpan = Omit<StateSchema['lead_spans'], 'site_id' | 'lead_id'>;

/** The columns of a lead that follow from its events. Its score does not: points fade by the hour. */
export type FoldedLead = Omit<
  Row,
  'id' | 'site_id' | 'person_id' | 'merged_into' | 'number' | 'score' | 'judge_at_ms' | 'created_at' | 'updated_at'
>;

/** Still so. The largest whole number that JavaScript writes exactly. */
export const openEnd = Number.MAX_SAFE_INTEGER;

/**
 * What a lead is after these events, which must be in order of time, then of arrival; and what it was from one moment to the next.
 * Of a merged lead they are the events of all that it was merged from, so it is what one person would be who had said it all.
 */
export function foldLead(
  events: readonly LeadEvent[],
  settings: { staleMs: number },
): { lead: FoldedLead; spans: LeadSpan[] } {
  const lead = blankLead(events[0]?.atMs ?? 0);
  const spans: LeadSpan[] = [];
  const undone = undoneEvents(events);
  const reachedBy = new Set<string>();
  for (const event of events) {
    if (undone.has(event.id)) continue;
    apply(lead, event);
    lead.leaks_at_ms = leaksAt(lead, settings);
    addSpan(spans, lead, event.atMs);
    if (event.kind !== 'identified') continue;
    const { email, phone, externalId } = event.data;
    for (const said of [email, phone, externalId]) if (said) reachedBy.add(said);
  }
  const texts = [lead.name, lead.company, ...reachedBy].filter((text) => text !== null);
  return { lead: { ...lead, search_text: texts.join(' ').toLowerCase() }, spans };
}

/** Ids of the events that were taken back. Taking back can be taken back, too. */
export function undoneEvents(events: readonly LeadEvent[]): Set<string> {
  const undone = new Set<string>();
  // In the order in which they were said: whoever takes something back speaks later than it.
  for (const event of events.filter(({ kind }) => kind === 'undone').sort((a, b) => b.seq - a.seq)) {
    if (event.kind === 'undone' && !undone.has(event.id)) undone.add(event.data.event);
  }
  return undone;
}

function apply(lead: FoldedLead, event: LeadEvent): void {
  const { atMs } = event;
  switch (event.kind) {
    case 'identified': {
      const { email, phone, externalId, name, company, traits, kind, complete } = event.data;
      if (email !== undefined) lead.email = email;
      if (phone !== undefined) lead.phone = phone;
      if (externalId !== undefined) lead.external_id = externalId;
      if (name !== undefined) lead.name = name;
      if (company !== undefined) lead.company = company;
      if (traits) lead.traits = JSON.stringify({ ...(JSON.parse(lead.traits) as object), ...traits });
      lead.kind = kind ?? lead.kind;
      if (complete && lead.stage === 'incomplete') enterStage(lead, 'new', atMs);
      addSource(lead, event.data);
      lead.active_at_ms = atMs;
      return;
    }
    case 'touch':
      applyTouch(lead, event.data, atMs);
      return;
    case 'stage': {
      const { to, reason, value, currency, wakeAtMs, wakeOn } = event.data;
      enterStage(lead, to, atMs);
      lead.lost_reason = to === 'lost' ? (reason ?? null) : null;
      lead.nurture_reason = to === 'nurture' ? (reason ?? null) : null;
      lead.wake_at_ms = to === 'nurture' ? (wakeAtMs ?? null) : null;
      lead.wake_on = to === 'nurture' && wakeOn ? JSON.stringify(wakeOn) : null;
      lead.value = value ?? lead.value;
      lead.currency = currency ?? lead.currency;
      if (to === 'won' || to === 'lost' || to === 'nurture') {
        lead.next_step = null;
        lead.next_step_at_ms = null;
        lead.clock = null;
        lead.clock_due_ms = null;
      }
      lead.neglected_at_ms = null;
      lead.active_at_ms = atMs;
      return;
    }
    case 'owner':
      if (event.data.to !== lead.owner_id) {
        lead.owner_id = event.data.to;
        lead.owner_at_ms = event.data.to === null ? null : atMs;
        lead.accepted_at_ms = null;
        lead.neglected_at_ms = null;
      }
      return;
    case 'accepted':
      lead.accepted_at_ms ??= atMs;
      lead.active_at_ms = atMs;
      return;
    case 'next_step': {
      const step = event.data;
      lead.next_step = step.text;
      lead.next_step_at_ms = step.text === null ? null : step.atMs;
      lead.active_at_ms = atMs;
      return;
    }
    case 'consent':
      lead.consent = event.data.to satisfies LeadConsent;
      lead.consent_at_ms = atMs;
      return;
    case 'clock':
      lead.clock = event.data.clock;
      lead.clock_due_ms = event.data.dueMs;
      return;
    case 'neglected':
      lead.neglected_at_ms = atMs;
      return;
    case 'recycled':
      lead.recycle_count += 1;
      return;
    case 'judged':
      lead.temperature = event.data.temperature;
      lead.qualified = event.data.qualified;
      lead.definition_version = event.data.definitionVersion;
      return;
    case 'note':
    case 'photo':
    case 'rejected':
      lead.active_at_ms = atMs;
      return;
    case 'claim':
    case 'merged':
    case 'unmerged':
    case 'undone':
    case 'woken':
      return;
    default:
      event satisfies never;
  }
}

function applyTouch(lead: FoldedLead, touch: TouchData, atMs: number): void {
  if (touch.notCounted === 'scanner') return;
  lead.last_touch_at_ms = atMs;
  lead.last_touch_channel = touch.channel;
  lead.last_touch_kind = touch.touch;
  lead.touch_count += 1;
  if (touch.notCounted) return;
  lead.active_at_ms = atMs;
  if (isReached(touch)) lead.reached_at_ms ??= atMs;
  if (isReply(touch)) {
    lead.first_reply_at_ms ??= atMs;
    lead.neglected_at_ms = null;
  }
  if (touch.direction === 'in') addSource(lead, { ...touch, ...(touch.source ? {} : { channel: undefined }) });
}

/** Whether both sides spoke. */
export function isReached({ touch, outcome, seconds, notCounted }: TouchData): boolean {
  if (notCounted || (outcome !== undefined && outcome !== 'answered')) return false;
  if (touch === 'call') return outcome === 'answered' || seconds === undefined || seconds > 0;
  return touch === 'email_replied' || touch === 'chat' || touch === 'meeting' || touch === 'trade_show';
}

/** Whether somebody of the house turned to the lead; a call that nobody answered is an attempt, and counts. */
export function isReply(touch: TouchData): boolean {
  if (touch.notCounted || touch.touch === 'email_bounced' || touch.outcome === 'wrong_number') return false;
  return touch.direction === 'out' || isReached(touch);
}

function enterStage(lead: FoldedLead, stage: LeadStage, atMs: number): void {
  if (stage === lead.stage) return;
  lead.stage = stage;
  lead.stage_at_ms = atMs;
}

function addSource(
  lead: FoldedLead,
  { channel, source, medium, campaign }: { [Key in keyof LeadSource]: LeadSource[Key] | undefined },
): void {
  if (channel === undefined && source === undefined) return;
  const said = { channel: channel ?? '', source: source ?? '', medium: medium ?? '', campaign: campaign ?? '' };
  if (lead.first_channel === '' && lead.first_source === '') {
    lead.first_channel = said.channel;
    lead.first_source = said.source;
    lead.first_medium = said.medium;
    lead.first_campaign = said.campaign;
  }
  lead.last_channel = said.channel;
  lead.last_source = said.source;
  lead.last_medium = said.medium;
  lead.last_campaign = said.campaign;
}

function addSpan(spans: LeadSpan[], lead: FoldedLead, atMs: number): void {
  const last = spans.at(-1);
  const same =
    last?.stage === lead.stage &&
    last.owner_id === lead.owner_id &&
    last.next_step_at_ms === lead.next_step_at_ms &&
    last.leaks_at_ms === lead.leaks_at_ms &&
    last.clock_due_ms === lead.clock_due_ms;
  if (same) return;
  if (last) last.to_ms = atMs;
  spans.push({
    n: spans.length,
    from_ms: atMs,
    to_ms: openEnd,
    stage: lead.stage,
    entered: last?.stage === lead.stage ? 0 : 1,
    open: lead.stage === 'won' || lead.stage === 'lost' ? 0 : 1,
    owner_id: lead.owner_id,
    next_step_at_ms: lead.next_step_at_ms,
    clock_due_ms: lead.clock_due_ms,
    leaks_at_ms: lead.leaks_at_ms,
  });
}

function blankLead(atMs: number): FoldedLead {
  return {
    email: null,
    phone: null,
    external_id: null,
    name: null,
    company: null,
    traits: '{}',
    stage: 'incomplete',
    stage_at_ms: atMs,
    lost_reason: null,
    value: 0,
    currency: '',
    kind: '',
    owner_id: null,
    owner_at_ms: null,
    accepted_at_ms: null,
    next_step: null,
    next_step_at_ms: null,
    clock: null,
    clock_due_ms: null,
    neglected_at_ms: null,
    nurture_reason: null,
    wake_at_ms: null,
    wake_on: null,
    recycle_count: 0,
    temperature: 'cold',
    qualified: 'none',
    definition_version: null,
    first_reply_at_ms: null,
    reached_at_ms: null,
    last_touch_at_ms: null,
    last_touch_channel: null,
    last_touch_kind: null,
    touch_count: 0,
    active_at_ms: atMs,
    began_at_ms: atMs,
    first_channel: '',
    first_source: '',
    first_medium: '',
    first_campaign: '',
    last_channel: '',
    last_source: '',
    last_medium: '',
    last_campaign: '',
    consent: 'unknown',
    consent_at_ms: null,
    leaks_at_ms: 0,
    search_text: '',
  };
}
