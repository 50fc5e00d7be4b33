import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromTimestamp, toTimestamp } from '../../collector/contract/row.ts';
import { clientTime } from '../../collector/ingest/client-time.ts';

const noon = Date.parse('2026-09-01T12:00:00Z');
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Seconds before noon at which the event is placed; "replaced" where the server's time stands in. */
function placed(said: { at?: number; age?: number; sent?: number }) {
  const { ms, replaced } = clientTime({ at: said.at, age: said.age, sent: said.sent, now: noon });
  return replaced ? 'replaced' : (noon - ms) / second;
}

test('takes the client’s word when its clock is right', () => {
  expect(placed({ at: noon - 90 * second, sent: noon })).toBe(90);
  expect(placed({ age: 90 * second, sent: noon })).toBe(90);
  expect(placed({ age: 90 * second })).toBe(90);
  expect(placed({})).toBe(0);
});

test('does not mistake the way of the request for a wrong clock', () => {
  // Sent 4 s ago, the event 90 s before that: it happened 94 s ago.
  expect(placed({ at: noon - 94 * second, sent: noon - 4 * second })).toBe(94);
  expect(placed({ age: 90 * second, sent: noon - 4 * second })).toBe(94);
});

test('corrects a clock that is off by hours, in both directions', () => {
  expect(placed({ at: noon - 3 * hour - 90 * second, sent: noon - 3 * hour })).toBe(90);
  expect(placed({ at: noon + 3 * hour - 90 * second, sent: noon + 3 * hour })).toBe(90);
  expect(placed({ age: 90 * second, sent: noon + 3 * hour })).toBe(90);
});

test('believes an event up to 24 hours back and 5 minutes ahead', () => {
  expect(placed({ age: 24 * hour, sent: noon })).toBe(24 * 3600);
  expect(placed({ age: 24 * hour + 1, sent: noon })).toBe('replaced');
  expect(placed({ at: noon + 5 * minute, sent: noon })).toBe(-300);
  expect(placed({ at: noon + 5 * minute + 1, sent: noon })).toBe('replaced');
});

test.each([Number.NaN, -1, 1e18, Number.POSITIVE_INFINITY, 0])('puts the server’s time in place of %s', (at) => {
  expect(clientTime({ at, age: undefined, sent: undefined, now: noon })).toEqual({ ms: noon, replaced: true });
});

test('time stamps: any instant is written as the database writes it, and read back', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) })), (instants) => {
      for (const ms of instants.flatMap((one) => [one, one + 1, one + minute])) {
        expect(toTimestamp(ms)).toBe(new Date(ms).toISOString().replace('T', ' ').replace('Z', ''));
        expect(fromTimestamp(toTimestamp(ms))).toBe(ms);
      }
    }),
  );
});
