import { expect, test } from 'vitest';
import type { LeadEvent, LeadEventData, LeadEventKind } from '../../collector/contract/leads.ts';
import { foldLead, openEnd } from '../../collector/state/lead-fold.ts';
import { leakReasonsAt } from '../../collector/state/lead-leak.ts';

const day = 24 * 60 * 60 * 1000;
const staleMs = 14 * day;

/** Events of Ana on days counted from 0, in the order in which they arrive. */
function story() {
  const events: LeadEvent[] = [];
  return {
    events,
    add<Kind extends LeadEventKind>(onDay: number, kind: Kind, data: LeadEventData[Kind]) {
      const seq = events.length + 1;
      const id = `e${seq}`;
      events.push({ id, leadId: 'ana', atMs: onDay * day, seq, kind, data, actor: 'system' } as LeadEvent);
      return id;
    },
    fold: () => foldLead(events, { staleMs }),
  };
}

test('a lead leaks until it has an owner and a date, again when the date has passed, and no more when it is won', () => {
  const { add, fold } = story();
  add(0, 'identified', { email: 'ana@example.com', complete: true });
  expect(fold().lead).toMatchObject({ stage: 'new', leaks_at_ms: 0 });
  add(1, 'owner', { to: 'u1' });
  add(1, 'next_step', { text: 'Call', atMs: 3 * day });
  expect(fold().lead.leaks_at_ms).toBe(3 * day);
  expect(leakReasonsAt(fold().lead, { staleMs, nowMs: 2 * day })).toEqual([]);
  expect(leakReasonsAt(fold().lead, { staleMs, nowMs: 4 * day })).toEqual(['next-step-passed']);
  add(5, 'stage', { to: 'won', value: 900, currency: 'EUR' });
  expect(fold().lead).toMatchObject({ stage: 'won', value: 900, next_step: null, leaks_at_ms: null });
  expect(
    fold().spans.map(({ from_ms, to_ms, stage, entered, open }) => [from_ms, to_ms, stage, entered, open]),
  ).toEqual([
    [0, day, 'new', 1, 1],
    [day, day, 'new', 0, 1],
    [day, 5 * day, 'new', 0, 1],
    [5 * day, openEnd, 'won', 1, 0],
  ]);
});

test('what was taken back is as if it had not been, and can be put back', () => {
  const { add, fold } = story();
  add(0, 'identified', { email: 'ana@example.com', complete: true });
  const lost = add(1, 'stage', { to: 'lost', reason: 'price' });
  const undo = add(2, 'undone', { event: lost });
  expect(fold().lead).toMatchObject({ stage: 'new', lost_reason: null });
  add(3, 'undone', { event: undo });
  expect(fold().lead).toMatchObject({ stage: 'lost', lost_reason: 'price' });
});

test('a call that nobody answered is a reply of the house and reaches nobody; a mail that a machine opened is neither', () => {
  const { add, fold } = story();
  add(0, 'identified', { email: 'ana@example.com', complete: true });
  add(1, 'touch', { touch: 'email_opened', channel: 'email', direction: 'in', notCounted: 'scanner' });
  expect(fold().lead).toMatchObject({ touch_count: 0, active_at_ms: 0 });
  add(2, 'touch', { touch: 'call', channel: 'phone', direction: 'out', outcome: 'no_answer' });
  expect(fold().lead).toMatchObject({ touch_count: 1, first_reply_at_ms: 2 * day, reached_at_ms: null });
  add(3, 'touch', { touch: 'call', channel: 'phone', direction: 'in', seconds: 60 });
  expect(fold().lead).toMatchObject({
    first_reply_at_ms: 2 * day,
    reached_at_ms: 3 * day,
    last_touch_channel: 'phone',
  });
});
