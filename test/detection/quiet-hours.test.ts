import { expect, test } from 'vitest';
import { quietUntil } from '../../collector/detection/quiet-hours.ts';

const night = { from: '21:00', to: '08:00', days: [] };
const nightAndWeekend = { from: '21:00', to: '08:00', days: ['sat', 'sun'] as ('sat' | 'sun')[] };

function until(at: string, quietHours: Parameters<typeof quietUntil>[1]['quietHours'], timezone = 'Europe/Berlin') {
  const ms = quietUntil(Date.parse(at), { quietHours, timezone });
  return ms === null ? null : new Date(ms).toISOString();
}

test('quiet hours: by day nothing waits', () => {
  // 12:00 UTC is 14:00 in Berlin.
  expect(until('2026-09-01T12:00:30.500Z', night)).toBe('2026-09-01T12:00:30.500Z');
});

test('quiet hours: a message of the evening waits for the morning of the next day, in the time zone of the site', () => {
  // 20:30 UTC is 22:30 in Berlin; 08:00 there is 06:00 UTC.
  expect(until('2026-09-01T20:30:10Z', night)).toBe('2026-09-02T06:00:00.000Z');
  // After midnight it is the same morning.
  expect(until('2026-09-01T23:30:00Z', night)).toBe('2026-09-02T06:00:00.000Z');
  // In New York 20:30 UTC is 16:30.
  expect(until('2026-09-01T20:30:10Z', night, 'America/New_York')).toBe('2026-09-01T20:30:10.000Z');
});

test('quiet hours: they begin at their first minute and end at their last', () => {
  expect(until('2026-09-01T18:59:59Z', night)).toBe('2026-09-01T18:59:59.000Z');
  expect(until('2026-09-01T19:00:00Z', night)).toBe('2026-09-02T06:00:00.000Z');
  expect(until('2026-09-02T06:00:00Z', night)).toBe('2026-09-02T06:00:00.000Z');
});

test('quiet hours: quiet days are quiet all day, so Friday night waits for Monday morning', () => {
  // 2026-09-04 is a Friday.
  expect(until('2026-09-04T20:00:00Z', nightAndWeekend)).toBe('2026-09-07T06:00:00.000Z');
  expect(until('2026-09-05T12:00:00Z', nightAndWeekend)).toBe('2026-09-07T06:00:00.000Z');
});

test('quiet hours: the night of the clock change ends at 08:00 of the new time', () => {
  // Berlin leaves summer time on 2026-10-25: 08:00 is then 07:00 UTC.
  expect(until('2026-10-24T20:00:00Z', night)).toBe('2026-10-25T07:00:00.000Z');
  // And enters it on 2026-03-29: 08:00 is 06:00 UTC.
  expect(until('2026-03-28T21:00:00Z', night)).toBe('2026-03-29T06:00:00.000Z');
});

test('quiet hours: within one day too, and where they cover every day there is no end', () => {
  expect(until('2026-09-01T10:30:00Z', { from: '12:00', to: '13:00', days: [] })).toBe('2026-09-01T11:00:00.000Z');
  expect(
    until('2026-09-01T10:30:00Z', {
      from: '12:00',
      to: '12:00',
      days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
    }),
  ).toBeNull();
});
