import type { Clocks } from '../contract/clocks.ts';
import type { LeadEvent, WakeOn } from '../contract/leads.ts';
import type { Signal } from '../contract/signal.ts';
import type { LeadRow } from '../state/lead-ledger.ts';
import { hitsUntil, type LeadFacts } from './lead-facts.ts';

type SleepingLead = Pick<LeadRow, 'stage' | 'stage_at_ms' | 'wake_at_ms' | 'wake_on'>;

export interface Waking {
  /** In words. */
  why: string;
  /** The person did something that asks for an answer: hot at once. */
  raised: boolean;
}

/** What brings a lead back that is in nurture or lost; null while it sleeps on. A raised hand wakes always, the rest only nurture. */
export function wakingOf(
  lead: SleepingLead,
  {
    clocks,
    facts,
    score,
    events,
    nowMs,
  }: { clocks: Clocks; facts: LeadFacts; score: number; events: readonly LeadEvent[]; nowMs: number },
): Waking | null {
  const since = (signal: Signal) => hitsUntil(facts, signal, nowMs).some((hit) => hit.atMs > lead.stage_at_ms);
  const raised = clocks.raised.find(since);
  if (raised) return { why: `raised a hand: ${inWords(raised)}`, raised: true };
  if (lead.stage !== 'nurture') return null;
  if (lead.wake_at_ms !== null && lead.wake_at_ms <= nowMs) return { why: 'the date has come', raised: false };
  const { score: enough, visit, mails } = wakeOnOf(lead);
  if (enough !== undefined && score >= enough && isActiveSince(facts, lead.stage_at_ms, nowMs)) {
    return { why: `reached ${score} points`, raised: false };
  }
  if (visit !== undefined && since(visitSignal(visit))) return { why: 'came back to the website', raised: false };
  if (mails && openedOf(events, { last: mails.of, sinceMs: lead.stage_at_ms, nowMs }) >= mails.opened) {
    return { why: `opened ${mails.opened} of the last ${mails.of} mails`, raised: false };
  }
  return null;
}

export function wakeOnOf({ wake_on }: Pick<LeadRow, 'wake_on'>): WakeOn {
  return wake_on === null ? {} : (JSON.parse(wake_on) as WakeOn);
}

/** The signal that a returning visit is: any page, or those of a pattern. */
export function visitSignal(visit: NonNullable<WakeOn['visit']>): Extract<Signal, { kind: 'page' }> {
  return { kind: 'page', path: visit === true ? '**' : visit };
}

/** A score that was there when it fell asleep wakes nobody: something must have happened since. */
function isActiveSince({ hits }: LeadFacts, sinceMs: number, nowMs: number): boolean {
  return [...hits.values()].some((list) => list.some(({ atMs }) => atMs > sinceMs && atMs <= nowMs));
}

/**
 * How many of the last mails since a moment were opened or clicked. An opening belongs to the mail it names, else to the last one that
 * was sent before it.
 */
function openedOf(
  events: readonly LeadEvent[],
  { last, sinceMs, nowMs }: { last: number; sinceMs: number; nowMs: number },
): number {
  const touches = events.flatMap((event) =>
    event.kind === 'touch' && event.atMs > sinceMs && event.atMs <= nowMs ? [{ ...event.data, atMs: event.atMs }] : [],
  );
  const sent = touches.filter(({ touch }) => touch === 'email_sent').slice(-last);
  const opened = touches.filter(
    ({ touch, notCounted }) => (touch === 'email_opened' || touch === 'email_clicked') && notCounted === undefined,
  );
  return sent.filter(({ message, atMs }, index) => {
    const nextMs = sent[index + 1]?.atMs ?? Number.POSITIVE_INFINITY;
    return opened.some((open) =>
      open.message === undefined || message === undefined
        ? open.atMs >= atMs && open.atMs < nextMs
        : open.message === message,
    );
  }).length;
}

function inWords(signal: Signal): string {
  switch (signal.kind) {
    case 'page':
      return `looked at ${signal.path}`;
    case 'event':
      return signal.match.event ?? signal.match.path ?? 'an event';
    case 'form':
      return signal.form === undefined ? 'sent a form' : `sent the form ${signal.form}`;
    case 'touch':
      return signal.touch.replaceAll('_', ' ');
  }
}
