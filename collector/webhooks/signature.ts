import { Webhook } from 'standardwebhooks';

/**
 * Headers of one attempt after the Standard Webhooks specification. The id stays the same over all attempts, the timestamp is
 * that of the attempt. Several secrets give several signatures, any of which verifies: that is how a secret is rotated.
 */
export function signedHeaders(message: {
  id: string;
  body: string;
  secrets: readonly string[];
  nowMs: number;
}): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
  const { id, body, secrets, nowMs } = message;
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(nowMs / 1000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, new Date(nowMs), body)).join(' '),
  };
}
