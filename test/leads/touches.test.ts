import { expect, test } from 'vitest';
import { toTouchData } from '../../collector/leads/touches.ts';

test('a touch of which only the kind is said has the channel and the direction that are usual for it', () => {
  expect(toTouchData({ kind: 'call' })).toEqual({ touch: 'call', channel: 'phone', direction: 'out' });
  expect(toTouchData({ kind: 'email_opened' })).toEqual({ touch: 'email_opened', channel: 'email', direction: 'in' });
});

test('a touch keeps what was said of it, and a newsletter is marked as sent by a machine', () => {
  expect(toTouchData({ kind: 'call', direction: 'in', seconds: 95, outcome: undefined })).toEqual({
    touch: 'call',
    channel: 'phone',
    direction: 'in',
    seconds: 95,
  });
  expect(toTouchData({ kind: 'email_sent', automatic: true })).toMatchObject({ notCounted: 'automatic' });
});
