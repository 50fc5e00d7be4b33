import { Webhook } from 'standardwebhooks';
import type { WebhookMessage } from '../../contract/webhooks.ts';
import { type InboxCard, toInboxCard } from './inbox-card.ts';

/** What the demo's webhook inbox has received. It forgets everything at the end of the process. */
export interface Inbox {
  /** Checks the signature after Standard Webhooks and keeps the message either way, so that a wrong one can be seen too. */
  receive(request: { headers: Record<string, string>; body: string }): { verified: boolean };
  /** Newest first, at most 100. */
  list(): InboxCard[];
}

const kept = 100;

/** `secret` gives the endpoint's signing secret, or undefined while there is none: then nothing verifies. */
export function createInbox(options: { secret: () => string | undefined; now: () => number }): Inbox {
  const cards: InboxCard[] = [];
  let count = 0;
  return {
    receive({ headers, body }) {
      const problem = findProblem(options.secret(), headers, body);
      count += 1;
      cards.unshift(
        toInboxCard({
          number: count,
          receivedAt: new Date(options.now()).toISOString(),
          webhookId: headers['webhook-id'] ?? '',
          problem,
          message: parseMessage(body),
        }),
      );
      cards.length = Math.min(cards.length, kept);
      return { verified: problem === null };
    },
    list: () => cards,
  };
}

function findProblem(secret: string | undefined, headers: Record<string, string>, body: string): string | null {
  if (!secret) return 'The inbox has no signing secret.';
  try {
    new Webhook(secret).verify(body, headers);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : 'The signature is wrong.';
  }
}

function parseMessage(body: string): WebhookMessage | null {
  try {
    const parsed: unknown = JSON.parse(body);
    return isMessage(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

function isMessage(value: unknown): value is WebhookMessage {
  return typeof value === 'object' && value !== null && 'type' in value && 'data' in value && isObject(value.data);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
