import type { DeliveryState } from '../../../collector/contract/names.ts';
import type { Delivery, StoredEndpoint } from '../../../collector/contract/webhooks.ts';
import { formatCount } from '../../format.ts';

export const deliveryStateNames: Record<DeliveryState, string> = {
  pending: 'Pending',
  delivered: 'Delivered',
  failed: 'Failed',
  cancelled: 'Cancelled',
};

export const deliveryStateHelp: Record<DeliveryState, string> = {
  pending: 'Waiting for its time, or for the next try.',
  delivered: 'The endpoint answered with a 2xx status.',
  failed: 'Every try failed. You can replay it.',
  cancelled: 'Taken back before it was sent, because the person finished or the endpoint was switched off.',
};

/** The last 24 hours of an endpoint in words. */
export function healthSentence(health: StoredEndpoint['health']): string {
  const total = health.delivered + health.failed + health.pending;
  if (total === 0) return 'No messages in the last 24 hours';
  const parts = [
    `${formatCount(health.delivered)} delivered`,
    ...(health.failed > 0 ? [`${formatCount(health.failed)} failed`] : []),
    ...(health.pending > 0 ? [`${formatCount(health.pending)} pending`] : []),
  ];
  return `${parts.join(', ')} in the last 24 hours`;
}

/** The outcome of a delivery so far: the last attempt's status or error. */
export function lastAnswer(delivery: Pick<Delivery, 'attempts' | 'state'>): string {
  const last = delivery.attempts.at(-1);
  if (!last) return delivery.state === 'pending' ? 'Not sent yet' : 'Not sent';
  return last.status === null ? (last.error ?? 'No answer') : `Answer ${last.status}`;
}

/** JSON with line breaks where the text is JSON; anything else as it is. */
export function prettyBody(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
