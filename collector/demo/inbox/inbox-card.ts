import type { AbandonmentData, WebhookMessage } from '../../contract/webhooks.ts';
import { findTreatment } from '../salon/treatments.ts';
import { lookedAt } from './looked-at.ts';
import { type MailPreview, mailPreview } from './mail-preview.ts';

/** One received message as the inbox page shows it. */
export interface InboxCard {
  /** Counts up from 1. */
  number: number;
  receivedAt: string;
  webhookId: string;
  verified: boolean;
  /** Why the signature did not verify; null where it did. */
  problem: string | null;
  type: string;
  /** What happened, in one sentence. */
  says: string;
  /** Name, e-mail address, or that nobody knows. */
  who: string;
  /** Title of the treatment the visitor looked at; null where none was. */
  treatment: string | null;
  /** `1 of 2`; null on messages that are no follow-up. */
  followUp: string | null;
  /** The mail an automation could send now; null where there is nothing to send. */
  mail: MailPreview | null;
  message: WebhookMessage | null;
}

/** Everything the inbox shows of a message, worked out from its payload alone, as an automation would. */
export function toInboxCard(received: {
  number: number;
  receivedAt: string;
  webhookId: string;
  problem: string | null;
  message: WebhookMessage | null;
}): InboxCard {
  const { number, receivedAt, webhookId, problem, message } = received;
  const data = message && isAbandonment(message) ? (message.data as unknown as Partial<AbandonmentData>) : null;
  const slug = data ? lookedAt(data) : null;
  const treatment = findTreatment(slug ?? undefined) ?? null;
  const created = message?.type === 'abandonment.created';
  return {
    number,
    receivedAt,
    webhookId,
    verified: problem === null,
    problem,
    type: message?.type ?? 'not a message',
    says: sentence(message, data),
    who: data?.name ?? data?.email ?? data?.phone ?? siteNameOf(message) ?? 'somebody without a name',
    treatment: treatment?.title ?? null,
    followUp: created && data?.followUp ? `${data.followUp} of ${data.followUps ?? data.followUp}` : null,
    mail: created && data ? mailPreview({ data, treatment }) : null,
    message,
  };
}

/** Messages that are about the site rather than one person name it. */
function siteNameOf(message: WebhookMessage | null): string | null {
  const name = message?.data.siteName;
  return typeof name === 'string' ? name : null;
}

function isAbandonment(message: WebhookMessage): boolean {
  return message.type === 'abandonment.created' || message.type === 'abandonment.recovered';
}

function sentence(message: WebhookMessage | null, data: Partial<AbandonmentData> | null): string {
  if (!message) return 'This was no webhook message.';
  if (message.type === 'webhook.test') return 'A test message: the connection works.';
  // Leaks and lists of people say it themselves.
  if (!data) return typeof message.data.sentence === 'string' ? message.data.sentence : 'Something happened.';
  if (message.type === 'abandonment.recovered') return 'Came back and finished. No more mails.';
  return data.rule ? `Left without finishing: ${data.rule}.` : 'Left without finishing.';
}
