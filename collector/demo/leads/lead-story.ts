import type { LeadStage } from '../../contract/leads.ts';
import type { Channel } from '../../contract/names.ts';
import type { NewLeadEvent } from '../../state/lead-ledger.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** People of the salon who look after leads, as routing names them. */
export const salonOwners = { ines: 'Ines Berger', tom: 'Tom Adler' } as const;
export type SalonOwner = keyof typeof salonOwners;
/** Who is told when a clock runs out. */
export const salonAccountable = { name: 'Mara Lind', email: 'mara@salon.example' };

/** Writes what happened to one lead, from the quote form on. Times are days after it. */
export function createStory(startMs: number, owner: SalonOwner) {
  const events: NewLeadEvent[] = [];
  const at = (days: number) => Math.round(startMs + days * dayMs);
  const byOwner = `user:${owner}`;
  const story = {
    events,
    /** The form arrives: routing gives it to somebody, an hour runs, and it is what the definition calls it. */
    comesIn(qualified: 'marketing' | 'sales') {
      const why = 'All quotes';
      const judged = { score: qualified === 'sales' ? 48 : 38, temperature: 'warm', qualified } as const;
      events.push(
        { kind: 'owner', data: { to: owner, why }, atMs: startMs + 20_000, actor: 'system' },
        {
          kind: 'clock',
          data: { clock: 'response', dueMs: startMs + hourMs, why: 'quote' },
          atMs: startMs + 20_000,
          actor: 'system',
        },
        { kind: 'judged', data: { ...judged, definitionVersion: 1 }, atMs: startMs + 20_000, actor: 'system' },
      );
      return story;
    },
    /** Sales says that it is not what the definition promised. */
    isRejected(days: number, said: { reason: string; condition?: string }) {
      events.push({ kind: 'rejected', data: said, atMs: at(days) + 1, actor: byOwner });
      return story;
    },
    /** We call. Whether somebody picks up or not, the clock stops. */
    calls(days: number, outcome: 'answered' | 'no_answer', text: string) {
      const seconds = outcome === 'answered' ? 120 + (Math.abs(startMs) % 300) : 0;
      events.push({
        kind: 'touch',
        data: { touch: 'call', channel: 'phone', direction: 'out', outcome, seconds, text },
        atMs: at(days),
        actor: byOwner,
      });
      return story.stopsClock(days);
    },
    agrees(days: number, how: string) {
      events.push({ kind: 'consent', data: { to: 'granted', how }, atMs: at(days) + 4, actor: byOwner });
      return story;
    },
    /** They call, and nobody picks up. */
    isMissed(days: number, text: string) {
      events.push(
        {
          kind: 'touch',
          data: { touch: 'call', channel: 'phone', direction: 'in', outcome: 'voicemail', text },
          atMs: at(days),
          actor: 'hook:call-tracker',
        },
        {
          kind: 'clock',
          data: { clock: 'response', dueMs: at(days) + dayMs, why: 'They called' },
          atMs: at(days) + 1,
          actor: 'system',
        },
      );
      return story;
    },
    writes(days: number, subject: string) {
      events.push({
        kind: 'touch',
        data: { touch: 'email_sent', channel: 'email', direction: 'out', subject },
        atMs: at(days),
        actor: byOwner,
      });
      return story.stopsClock(days);
    },
    opens(days: number, subject: string) {
      events.push({
        kind: 'touch',
        data: { touch: 'email_opened', channel: 'email', direction: 'in', subject },
        atMs: at(days),
        actor: 'hook:mail',
      });
      return story;
    },
    stopsClock(days: number) {
      events.push({ kind: 'clock', data: { clock: null, dueMs: null }, atMs: at(days) + 1, actor: 'system' });
      return story;
    },
    moves(days: number, to: LeadStage, more: { reason?: string; value?: number; wakeAfter?: number } = {}) {
      const { reason, value, wakeAfter } = more;
      events.push({
        kind: 'stage',
        data: {
          to,
          ...(reason ? { reason } : {}),
          ...(value === undefined ? {} : { value, currency: 'EUR' }),
          ...(wakeAfter === undefined ? {} : { wakeAtMs: at(days + wakeAfter) }),
        },
        atMs: at(days) + 2,
        actor: byOwner,
      });
      return story;
    },
    plans(days: number, text: string, inDays: number) {
      events.push({ kind: 'next_step', data: { text, atMs: at(days + inDays) }, atMs: at(days) + 3, actor: byOwner });
      return story;
    },
    isNeglected(days: number, dueMs: number) {
      const sinceMs = events.findLast(({ kind }) => kind === 'clock')?.atMs ?? startMs;
      events.push({
        kind: 'neglected',
        data: { clock: 'response', sinceMs, dueMs, escalatedTo: salonAccountable.name },
        atMs: at(days),
        actor: 'system',
      });
      return story;
    },
    isRecycled(days: number, reason: string, wakeAfter: number) {
      events.push(
        { kind: 'recycled', data: { reason }, atMs: at(days), actor: 'system' },
        {
          kind: 'stage',
          data: { to: 'nurture', reason, wakeAtMs: at(days + wakeAfter) },
          atMs: at(days),
          actor: 'system',
        },
      );
      return story;
    },
    /** Back by a raised hand: hot, and with sales again. */
    comesBack(days: number, how: { channel: Channel; source?: string; path: string }) {
      const backMs = at(days);
      events.push(
        {
          kind: 'identified',
          data: { complete: true, how: 'form', kind: 'quote', ...how },
          atMs: backMs,
          actor: 'visitor',
        },
        { kind: 'woken', data: { why: 'Sent the form Quote', raised: true }, atMs: backMs + 1, actor: 'system' },
        { kind: 'stage', data: { to: 'new' }, atMs: backMs + 1, actor: 'system' },
        {
          kind: 'clock',
          data: { clock: 'response', dueMs: backMs + hourMs, why: 'quote' },
          atMs: backMs + 20_000,
          actor: 'system',
        },
      );
      return story;
    },
  };
  return story;
}
