import { describe, expect, test } from 'vitest';
import { clocks, type OpeningHours, openingHours } from '../../collector/contract/clocks.ts';
import { openClocks } from '../../collector/leads/lead-clocks.ts';
import { addOpenTime } from '../../collector/leads/open-time.ts';

const hour = 3_600_000;

function due(from: string, hours: number, more: { hours?: Partial<OpeningHours>; timezone?: string } = {}): string {
  const calendar = { hours: openingHours.parse(more.hours ?? {}), timezone: more.timezone ?? 'Europe/Berlin' };
  return new Date(addOpenTime(Date.parse(from), hours * hour, calendar)).toISOString();
}

// Berlin is two hours ahead of UTC in summer and one in winter: 8:00–18:00 is 06:00–16:00 UTC in September.
describe('a clock', () => {
  test('runs on while the house is open', () => {
    expect(due('2026-09-01T09:00:00Z', 1)).toBe('2026-09-01T10:00:00.000Z');
  });

  test('stands still in the night and goes on in the morning', () => {
    // Tuesday 17:30: half an hour today, the other half from 8:00.
    expect(due('2026-09-01T15:30:00Z', 1)).toBe('2026-09-02T06:30:00.000Z');
  });

  test('starts at the opening for a lead that comes in the night', () => {
    expect(due('2026-09-01T22:00:00Z', 1)).toBe('2026-09-02T07:00:00.000Z');
    expect(due('2026-09-02T02:00:00Z', 1)).toBe('2026-09-02T07:00:00.000Z');
  });

  test('leaves weekends and holidays out', () => {
    // Friday 17:00 and two hours: Monday 9:00; where Monday is a holiday, Tuesday 9:00.
    expect(due('2026-09-04T15:00:00Z', 2)).toBe('2026-09-07T07:00:00.000Z');
    expect(due('2026-09-04T15:00:00Z', 2, { hours: { holidays: ['2026-09-07'] } })).toBe('2026-09-08T07:00:00.000Z');
  });

  test('counts 24 hours as two open days of ten hours and four more', () => {
    expect(due('2026-09-01T06:00:00Z', 24)).toBe('2026-09-03T10:00:00.000Z');
  });

  test('is in the time of its place', () => {
    // 9:00 in New York is 13:00 UTC.
    expect(due('2026-09-01T06:00:00Z', 1, { timezone: 'America/New_York' })).toBe('2026-09-01T13:00:00.000Z');
    expect(due('2026-09-01T06:00:00Z', 1, { timezone: 'Asia/Kolkata' })).toBe('2026-09-01T07:00:00.000Z');
  });

  test('keeps the hours of the place over a change of the clock', () => {
    // Friday 23 October 17:00 in summer time (15:00 UTC); on Monday 8:00 is 07:00 UTC.
    expect(due('2026-10-23T15:00:00Z', 2)).toBe('2026-10-26T08:00:00.000Z');
    // And in spring: Friday 27 March 17:00 is 16:00 UTC, Monday 8:00 is 06:00 UTC.
    expect(due('2026-03-27T16:00:00Z', 2)).toBe('2026-03-30T07:00:00.000Z');
  });

  test('counts the hours that really pass where the house is open in the night of the change', () => {
    const always = { from: '00:00', to: '24:00', days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] } as const;
    const hours = { ...always, days: [...always.days] };
    // Open day and night, 24 hours are 24 hours, whatever the clock does.
    expect(due('2026-10-24T12:00:00Z', 24, { hours })).toBe('2026-10-25T12:00:00.000Z');
    expect(due('2026-03-28T12:00:00Z', 24, { hours })).toBe('2026-03-29T12:00:00.000Z');
    // 25 October has 25 hours: from its midnight (22:00 UTC) 25 of them end with it.
    expect(due('2026-10-24T22:00:00Z', 25, { hours })).toBe('2026-10-25T23:00:00.000Z');
  });

  test('opens an hour later where a change of the clock skips the opening', () => {
    // On 29 March 2026 02:30 does not exist in Berlin and is 03:30 (01:30 UTC) instead.
    const hours = { from: '02:30', to: '05:00', days: ['sun'] } satisfies Partial<OpeningHours>;
    expect(due('2026-03-28T12:00:00Z', 1, { hours })).toBe('2026-03-29T02:30:00.000Z');
  });
});

test('a house that has set nothing answers a quote within an hour and everything else within 24, Monday to Friday', () => {
  const { hours, response } = clocks.parse({});
  expect(response).toEqual({ other: '24h', kinds: { quote: '1h' } });
  expect([hours.from, hours.to, hours.days.length]).toEqual(['08:00', '18:00', 5]);
});

test('a quote from New York is due in the hours of New York, or of the site where its zone is not known or does not matter', () => {
  const lead = { stage: 'new', kind: 'quote', owner_id: null, owner_at_ms: null, accepted_at_ms: null } as const;
  // 08:00 in Berlin, 02:00 in New York, where the house opens at 12:00 UTC.
  const waitsSinceMs = Date.parse('2026-09-01T06:00:00Z');
  const dueIn = (zone: 'lead' | 'site', traits: object) =>
    openClocks(
      { ...lead, waitsSinceMs, traits: JSON.stringify(traits) },
      { clocks: clocks.parse({ zone }), timezone: 'Europe/Berlin', events: [] },
    ).map(({ dueMs }) => new Date(dueMs).toISOString());
  expect(dueIn('lead', { timezone: 'America/New_York' })).toEqual(['2026-09-01T13:00:00.000Z']);
  expect(dueIn('site', { timezone: 'America/New_York' })).toEqual(['2026-09-01T07:00:00.000Z']);
  expect(dueIn('lead', { timezone: 'Mars/Olympus' })).toEqual(['2026-09-01T07:00:00.000Z']);
});
