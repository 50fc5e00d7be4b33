import { expect, test } from 'vitest';
import { wireBatch, wireEvent } from '../../collector/contract/wire.ts';
import { makeAbandonedBooking, makeLiveVisit, toBatches } from '../../collector/demo/live-visitors.ts';
import { seededRandom } from '../../collector/demo/seeded-random.ts';

const now = Date.parse('2026-09-01T10:00:00Z');
const origin = 'http://localhost:8400';
const all = Array.from({ length: 200 }, (_, index) => makeLiveVisit({ now, random: seededRandom('live', index) }));

test('a live visitor sends what the tag would send: batches of one page view each, numbered through', () => {
  for (const visit of all) {
    const sent = new Map<string, number[]>();
    for (const { second: _, ...batch } of toBatches(visit, origin)) {
      expect(wireBatch.safeParse({ v: 1, site: 'salon', sent: now, ...batch }).success).toBe(true);
      for (const event of batch.events) {
        expect(wireEvent.safeParse(event).success).toBe(true);
        sent.set(batch.page, [...(sent.get(batch.page) ?? []), event.seq]);
      }
    }
    for (const numbers of sent.values()) expect(numbers).toEqual(numbers.map((_, index) => index));
    expect(sent.size).toBe(visit.acts.filter((act) => act.name === 'pageview').length);
  }
});

test('whoever gets to the last step of a booking says a name there, and some of them do not finish', () => {
  const ofNamed = all
    .map((visit) => toBatches(visit, origin).flatMap((batch) => batch.events))
    .filter((events) => events.some((event) => event.identity?.email.endsWith('@example.com')));
  const finished = ofNamed.filter((events) => events.some((event) => event.name === 'booking_done'));
  expect(ofNamed.length).toBeGreaterThan(10);
  expect(finished.length).toBeGreaterThan(0);
  expect(finished.length).toBeLessThan(ofNamed.length);
});

test('a booking that is left can be taken up again: its events carry the address', () => {
  const starts = all
    .flatMap((visit) => toBatches(visit, origin).flatMap((batch) => batch.events))
    .filter((event) => event.name === 'booking_start');
  expect(starts.length).toBeGreaterThan(0);
  for (const start of starts) expect(start.props?.resume_url).toBe(start.url);
});

test('an abandoned booking on demand has a name and no end', () => {
  for (let seed = 0; seed < 50; seed++) {
    const names = makeAbandonedBooking({ now, random: seededRandom('abandoned', seed) }).acts.map((act) => act.name);
    expect(names).toContain('booking_time');
    expect(names).not.toContain('booking_done');
  }
});
