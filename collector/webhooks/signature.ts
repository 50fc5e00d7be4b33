import { createHmac } from 'node:crypto';

/**
 * Headers of one attempt after the Standard Webhooks specification. The id stays the same over all attempts, the timestamp is
 * that of the attempt. Several secrets give several signatures, any of which verifies: that is how a secret is rotated.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme
 */
export function signedHeaders(message: {
  id: string;
  body: string;
  /** As `whsec_` and base64. */
  secrets: readonly string[];
  nowMs: number;
}): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> {
  const { id, body, secrets, nowMs } = message;
  const timestamp = String(Math.floor(nowMs / 1000));
  const sign = (secret: string) =>
    createHmac('sha256', Buffer.from(secret.replace(/^whsec_/, ''), 'base64'))
      .update(`${id}.${timestamp}.${body}`)
      .digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map((secret) => `v1,${sign(secret)}`).join(' '),
  };
}
