import type { Clocks } from '../contract/clocks.ts';
import type { LeadClock, LeadEvent } from '../contract/leads.ts';
import { durationMs, isTimeZone } from '../contract/time.ts';
import { isReply } from '../state/lead-fold.ts';
import type { LeadRow } from '../state/lead-ledger.ts';
import { addOpenTime } from './open-time.ts';

/** What clocks look at; a lead as it is after what is being decided. */
export type ClockedLead = Pick<LeadRow, 'stage' | 'kind' | 'traits' | 'owner_id' | 'owner_at_ms' | 'accepted_at_ms'> & {
  /** When somebody has to be answered since: it came in, or came back. Null: nobody waits, for instance after an import. */
  waitsSinceMs: number | null;
};

export interface RunningClock {
  clock: LeadClock;
  sinceMs: number;
  dueMs: number;
}

/**
 * Clocks that somebody still has to stop, the first due first. Acceptance runs from when the owner got the lead until it is taken or
 * answered; response runs from when the person came, or came back, until the house turns to it. Whoever is further than `new` was answered.
 */
export function openClocks(
  lead: ClockedLead,
  { clocks, timezone, events }: { clocks: Clocks; timezone: string; events: readonly LeadEvent[] },
): RunningClock[] {
  if (lead.stage !== 'new') return [];
  const place = { hours: clocks.hours, timezone: clocks.zone === 'lead' ? (ownZone(lead) ?? timezone) : timezone };
  const open: RunningClock[] = [];
  const add = (clock: LeadClock, sinceMs: number, time: string) => {
    if (isAnsweredSince(events, sinceMs)) return;
    open.push({ clock, sinceMs, dueMs: addOpenTime(sinceMs, durationMs(time), place) });
  };
  if (
    clocks.acceptance !== null &&
    lead.owner_id !== null &&
    lead.owner_at_ms !== null &&
    lead.accepted_at_ms === null
  ) {
    add('acceptance', lead.owner_at_ms, clocks.acceptance);
  }
  if (lead.waitsSinceMs !== null) {
    add('response', lead.waitsSinceMs, clocks.response.kinds[lead.kind] ?? clocks.response.other);
  }
  return open.toSorted((one, other) => one.dueMs - other.dueMs);
}

/** Whether somebody of the house has turned to the lead since a moment. */
export function isAnsweredSince(events: readonly LeadEvent[], sinceMs: number): boolean {
  return events.some((event) => event.kind === 'touch' && event.atMs >= sinceMs && isReply(event.data));
}

/** Whether it was told already that this clock ran out. */
export function isTold(events: readonly LeadEvent[], { clock, sinceMs }: RunningClock): boolean {
  return events.some((event) => event.kind === 'neglected' && event.data.clock === clock && event.atMs >= sinceMs);
}

function ownZone({ traits }: Pick<LeadRow, 'traits'>): string | null {
  const { timezone } = JSON.parse(traits) as { timezone?: unknown };
  return typeof timezone === 'string' && isTimeZone(timezone) ? timezone : null;
}
