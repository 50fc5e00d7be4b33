import type { InboundPreset } from '../../../collector/contract/inbound.ts';
import type { DeliveryState, WebhookEvent } from '../../../collector/contract/names.ts';
import type { Delivery, StoredEndpoint, TemplateProblem } from '../../../collector/contract/webhooks.ts';
import { ApiError } from '../../api/client.ts';
import { formatCount, formatRelative, plural } from '../../format.ts';

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
  const pace = health.p95Ms === null ? '' : ` · answers within ${formatCount(health.p95Ms)} ms`;
  return `${parts.join(', ')} in the last 24 hours${pace}`;
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

/** The states as a filter: `dead` are those that were given up, and can be sent again. */
export type DeliveryFilter = DeliveryState | 'dead';
export const deliveryFilterNames: Record<DeliveryFilter, string> = { ...deliveryStateNames, dead: 'Given up' };
/** In the order of the control; "failed" and "given up" are the same list today, so only one is offered. */
export const deliveryFilters: DeliveryFilter[] = ['pending', 'delivered', 'dead', 'cancelled'];

export const webhookEventNames: Record<WebhookEvent, string> = {
  'abandonment.created': 'Abandoned',
  'abandonment.recovered': 'Recovered',
  'lead.created': 'New lead',
  'lead.updated': 'Lead changed',
  'lead.assigned': 'Lead has a new owner',
  'lead.hot': 'Lead is hot',
  'lead.neglected': 'Lead was neglected',
  'lead.recycled': 'Lead back to marketing',
  'lead.won': 'Lead won',
  'lead.lost': 'Lead lost',
  'leak.detected': 'New leak found',
  'funnel.people': 'People of a funnel',
  'report.weekly': 'Weekly report',
  'webhook.test': 'Test',
};

/** What an endpoint can be subscribed to; tests are sent by hand. */
export const subscribable = (Object.keys(webhookEventNames) as WebhookEvent[]).filter(
  (name) => name !== 'webhook.test',
);

export interface EndpointHealth {
  /** `good` works, `unknown` has not been used, `waiting` holds messages back, `bad` needs somebody. */
  tone: 'good' | 'unknown' | 'waiting' | 'bad' | 'off';
  word: string;
  /** What to know about it; empty where the word says it all. */
  sentence: string;
}

/** How an endpoint is, in a word and a sentence. */
export function endpointHealth(
  one: Pick<StoredEndpoint, 'enabled' | 'disabledBy' | 'disabledReason' | 'notice' | 'breaker' | 'health'>,
  now: number,
): EndpointHealth {
  const { breaker, health, notice } = one;
  if (!one.enabled) {
    return one.disabledBy === null || one.disabledBy === 'person'
      ? { tone: 'off', word: 'Off', sentence: '' }
      : { tone: 'bad', word: 'Switched off', sentence: notice?.message ?? one.disabledReason ?? '' };
  }
  const next = breaker.nextTryAt === null ? '' : ` Next try ${formatRelative(breaker.nextTryAt, now)}.`;
  switch (breaker.state) {
    case 'open':
      return { tone: 'bad', word: 'Not answering', sentence: `${notice?.message ?? ''}${next}`.trim() };
    case 'recovering':
      return { tone: 'waiting', word: 'Recovering', sentence: notice?.message ?? '' };
    case 'throttled':
      return { tone: 'waiting', word: 'Slowed down', sentence: `It asked for fewer messages at a time.${next}` };
    case 'closed':
      break;
  }
  if (notice)
    return { tone: notice.level === 'error' ? 'bad' : 'waiting', word: 'Look at this', sentence: notice.message };
  if (breaker.failures > 0) {
    return {
      tone: 'waiting',
      word: 'Trying again',
      sentence: `The last ${plural(breaker.failures, 'try', 'tries')} failed. It goes on by itself.${next}`,
    };
  }
  return health.lastAt === null
    ? { tone: 'unknown', word: 'Not used yet', sentence: '' }
    : { tone: 'good', word: 'Works', sentence: '' };
}

/** "Line 3, column 7: …" where the place is known. */
export function templateProblem({ message, line, column }: TemplateProblem): string {
  return line === null ? message : `Line ${line}${column === null ? '' : `, column ${column}`}: ${message}`;
}

export interface HeaderRow {
  name: string;
  value: string;
}

/** Rows of the editor as the API takes them; rows without a name are left out. */
export function toHeaders(rows: readonly HeaderRow[]): Record<string, string> {
  return Object.fromEntries(
    rows.filter(({ name }) => name.trim() !== '').map(({ name, value }) => [name.trim(), value.trim()]),
  );
}

/** What the server says about one place of a form, such as `headers.X-Api-Key`; undefined where nothing is wrong there. */
export function problemAt(error: unknown, place: string): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const found = error.details.filter(({ path }) => path === place || path.startsWith(`${place}.`));
  return found.length === 0 ? undefined : found.map(({ message }) => message).join(' ');
}

/** Address and headers of a request, as programs write them. */
export function requestText({ url, headers }: { url: string; headers: Record<string, string> }): string {
  return [`POST ${url}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)].join('\n');
}

/** Tools that can tell of contact with leads, and what they tell. */
export const inboundNames: Record<InboundPreset, { name: string; tells: string }> = {
  callrail: { name: 'CallRail', tells: 'Calls, answered and missed' },
  calcom: { name: 'Cal.com', tells: 'Appointments that are booked, moved, cancelled or over' },
  mailgun: { name: 'Mailgun', tells: 'Mails that are delivered, opened, clicked or come back' },
  postmark: { name: 'Postmark', tells: 'Mails that are delivered, opened, clicked or come back' },
  touch: { name: 'Anything else', tells: 'n8n, Make, Zapier or your own code, in our own words' },
};
