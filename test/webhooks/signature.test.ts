import { randomBytes } from 'node:crypto';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { signedHeaders } from '../../collector/webhooks/signature.ts';

const secret = () => `whsec_${randomBytes(32).toString('base64')}`;
const sent = Date.parse('2026-09-01T12:00:00Z');
const body = '{"type":"webhook.test","timestamp":"2026-09-01T12:00:00.000Z","data":{"name":"Zoë"}}';

// The receiver's library compares the timestamp with the clock.
beforeEach(() => vi.useFakeTimers({ now: sent, toFake: ['Date'] }));
afterEach(() => vi.useRealTimers());

test('signature: verifies with the reference library', () => {
  const key = secret();
  const headers = signedHeaders({ id: 'msg_1', body, secrets: [key], nowMs: sent });
  expect(new Webhook(key).verify(body, headers)).toEqual(JSON.parse(body));
  expect(headers['webhook-timestamp']).toBe('1788264000');
});

test('signature: during a rotation either secret verifies, a third one does not', () => {
  const [older, newer, stranger] = [secret(), secret(), secret()];
  const headers = signedHeaders({ id: 'msg_1', body, secrets: [newer, older], nowMs: sent });
  expect(headers['webhook-signature'].split(' ')).toHaveLength(2);
  expect(new Webhook(older).verify(body, headers)).toEqual(JSON.parse(body));
  expect(new Webhook(newer).verify(body, headers)).toEqual(JSON.parse(body));
  expect(() => new Webhook(stranger).verify(body, headers)).toThrow(WebhookVerificationError);
});

test.each([
  ['another body', { body: body.replace('Zoë', 'Zoe') }],
  ['another id', { id: 'msg_2' }],
  ['another time', { time: '1788264001' }],
])('signature: %s is refused', (_what, change: { body?: string; id?: string; time?: string }) => {
  const key = secret();
  const headers = signedHeaders({ id: 'msg_1', body, secrets: [key], nowMs: sent });
  const altered = {
    ...headers,
    'webhook-id': change.id ?? headers['webhook-id'],
    'webhook-timestamp': change.time ?? headers['webhook-timestamp'],
  };
  expect(() => new Webhook(key).verify(change.body ?? body, altered)).toThrow(WebhookVerificationError);
});

test.each([-301, 301])('signature: a message %i seconds off the clock is refused as a replay', (seconds) => {
  const key = secret();
  const headers = signedHeaders({ id: 'msg_1', body, secrets: [key], nowMs: sent + seconds * 1000 });
  expect(() => new Webhook(key).verify(body, headers)).toThrow(WebhookVerificationError);
});
