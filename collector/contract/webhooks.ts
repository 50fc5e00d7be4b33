import * as z from 'zod';
import { limits } from './limits.ts';
import { type DeliveryState, type WebhookEvent, webhookEvents } from './names.ts';

export const endpoint = z.strictObject({
  name: z.string().min(1).max(limits.nameLength),
  url: z.url({ protocol: /^https?$/, error: 'An endpoint is an http(s) URL.' }).max(limits.urlLength),
  /** Message types it gets; empty: all that are addressed to it. */
  events: z.array(z.enum(webhookEvents)).default([]),
  enabled: z.boolean().default(true),
});
export type Endpoint = z.infer<typeof endpoint>;

export interface StoredEndpoint extends Endpoint {
  id: string;
  createdAt: string;
  disabledReason: string | null;
  /** Of the last 24 hours. */
  health: { delivered: number; failed: number; pending: number; lastStatus: number | null; lastAt: string | null };
}

/** Body of every webhook: Standard Webhooks. */
export interface WebhookMessage<Data = Record<string, unknown>> {
  type: WebhookEvent;
  /** When the thing happened, ISO 8601. */
  timestamp: string;
  data: Data;
}

/** `data` of `abandonment.created` and `abandonment.recovered`: flat first, because no-code tools map deep values badly. */
export interface AbandonmentData {
  id: string;
  site: string;
  rule: string;
  ruleId: string;
  kind: string;
  state: string;
  occurredAt: string;
  detectedAt: string;
  /** Name of the intent event or path that started the case. */
  step: string;
  key: string;
  /** Title of the page of the intent. */
  page: string;
  url: string;
  /** Where to take the person back to. */
  resumeUrl: string;
  value: number | null;
  currency: string | null;
  visitor: string;
  email: string | null;
  phone: string | null;
  name: string | null;
  leadId: string | null;
  stage: string | null;
  score: number | null;
  temperature: string | null;
  consent: 'granted' | 'cookieless';
  source: string;
  medium: string;
  campaign: string;
  referrer: string;
  channel: string;
  country: string;
  device: string;
  /** Which message of the rule this is, from 1, and of how many. */
  followUp: number;
  followUps: number;
  /** Pages seen before, newest last, at most 20. */
  viewed: { path: string; title: string; at: string; props: Record<string, string> }[];
  intent: { event: string; props: Record<string, string> };
}

/** One message to one endpoint. */
export interface Delivery {
  /** The `webhook-id`, the same over all attempts. */
  id: string;
  endpointId: string;
  endpoint: string;
  type: WebhookEvent;
  caseId: string | null;
  state: DeliveryState;
  createdAt: string;
  nextAttemptAt: string | null;
  attempts: Attempt[];
  /** The exact body that is signed and sent. */
  body: string;
}

export interface Attempt {
  at: string;
  /** HTTP status, or null where no answer came. */
  status: number | null;
  /** Why it failed, in words; null where it worked. */
  error: string | null;
  ms: number;
  /** First 4 KiB of the answer. */
  response: string;
}
