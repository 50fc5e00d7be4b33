import * as z from 'zod';
import type { LeadClock, LeadConsent, LeadStage, Qualified, Temperature } from './leads.ts';
import type { Leak } from './leaks.ts';
import { limits } from './limits.ts';
import { type DeliveryState, deliveryStates, type WebhookEvent, webhookEvents } from './names.ts';
import { instantOrDate } from './time.ts';

/** Characters of a header's name: https://www.rfc-editor.org/rfc/rfc9110#name-tokens */
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Visible ASCII, with spaces and tabs inside only: no line can be added to a request. */
const headerValue = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/;
/** Set by us, about one hop of the way, or a login that is not ours to send. */
const reservedHeaders =
  /^(?:accept|accept-encoding|connection|content-.*|cookie2?|date|expect|host|keep-alive|origin|proxy-.*|referer|sec-.*|set-cookie2?|te|trailer|transfer-encoding|upgrade|user-agent|via|webhook-.*)$/i;

/** Stands for the value of a header wherever headers are shown; sent back in a change, it means "as it was". */
export const hiddenHeaderValue = '••••••••';

/** Sent with every message, such as `authorization`. Names are compared without case. */
export const customHeaders = z.record(z.string(), z.string()).superRefine((headers, context) => {
  const refuse = (name: string, message: string) => context.addIssue({ code: 'custom', path: [name], message });
  const names = Object.keys(headers);
  if (names.length > limits.customHeaders) {
    context.addIssue({
      code: 'custom',
      message: `An endpoint has at most ${limits.customHeaders} headers of its own.`,
    });
  }
  for (const [name, value] of Object.entries(headers)) {
    if (!headerName.test(name) || name.length > limits.headerNameLength) {
      refuse(name, 'This is not the name of a header. Write it as X-Api-Key.');
    } else if (reservedHeaders.test(name)) {
      refuse(name, `Telltale or the connection sets ${name} itself. Leave it out.`);
    } else if (names.some((other) => other !== name && other.toLowerCase() === name.toLowerCase())) {
      refuse(name, `${name} is there twice.`);
    } else if (value !== hiddenHeaderValue && (!headerValue.test(value) || value.length > limits.headerValueLength)) {
      refuse(
        name,
        `A value is 1 to ${limits.headerValueLength} plain characters, without line breaks and without spaces around it.`,
      );
    }
  }
});

export const endpoint = z.strictObject({
  name: z.string().min(1).max(limits.nameLength),
  url: z.url({ protocol: /^https?$/, error: 'An endpoint is an http(s) URL.' }).max(limits.urlLength),
  /** Message types it gets; empty: all that are addressed to it. */
  events: z.array(z.enum(webhookEvents)).default([]),
  enabled: z.boolean().default(true),
  /** Liquid that renders the JSON to send; null: the message itself. Checked with samples when it is saved. */
  template: z.string().min(1).max(limits.templateLength).nullable().default(null),
  headers: customHeaders.default({}),
});
export type Endpoint = z.infer<typeof endpoint>;
/** As people write it: what has a default may be left out. */
export type NewEndpoint = z.input<typeof endpoint>;

/** A field that is left out stays as it is: no defaults here. */
export const endpointPatch = z.strictObject({
  name: endpoint.shape.name.optional(),
  url: endpoint.shape.url.optional(),
  events: endpoint.shape.events.unwrap().optional(),
  enabled: endpoint.shape.enabled.unwrap().optional(),
  template: endpoint.shape.template.unwrap().optional(),
  headers: endpoint.shape.headers.unwrap().optional(),
});
export type EndpointPatch = z.infer<typeof endpointPatch>;

/**
 * Who made it: a person, a no-code tool that subscribed by `POST /hooks`, or Telltale itself, where mail can be sent (`mail`: its
 * `url` is `mailto:` and the recipients).
 */
export const endpointKinds = ['webhook', 'hook', 'mail'] as const;
export type EndpointKind = (typeof endpointKinds)[number];

/** `person` switched it off; `gone`: the receiver answered 410; `failing`: no message got through for five days. */
export type DisabledBy = 'person' | 'gone' | 'failing';

export interface StoredEndpoint extends Endpoint {
  id: string;
  kind: EndpointKind;
  createdAt: string;
  disabledReason: string | null;
  disabledBy: DisabledBy | null;
  disabledAt: string | null;
  /** Something the owner should know of, in words; null where all is well. `error`: it was switched off because of it. */
  notice: { level: 'warning' | 'error'; message: string } | null;
  /** Messages are held back: `open` after ten failures in a row, `recovering` slowly after that, `throttled` at the receiver's wish. */
  breaker: {
    state: 'closed' | 'open' | 'recovering' | 'throttled';
    /** Failures since the last success. */
    failures: number;
    /** Since when nothing has got through; null where the last attempt worked. */
    failingSince: string | null;
    /** Not before this moment; null where nothing is held back. */
    nextTryAt: string | null;
  };
  /** The last test, also the one when it was saved; null where it was never tested. */
  lastTest: { at: string; error: string | null } | null;
  /** Of the last 24 hours. */
  health: {
    delivered: number;
    failed: number;
    pending: number;
    lastStatus: number | null;
    lastAt: string | null;
    /** 95 of 100 attempts took no longer than this, milliseconds, of the last 200; null without attempts. */
    p95Ms: number | null;
  };
}

export const templatePresets = ['raw', 'slack', 'discord', 'teams', 'crm'] as const;
export type TemplatePresetId = (typeof templatePresets)[number];

/** One ready template. `GET /sites/SITE/endpoints/presets` lists them. */
export interface TemplatePreset {
  id: TemplatePresetId;
  name: string;
  /** What it is for and what the receiver needs, in a sentence. */
  description: string;
  /** Null: the message itself. */
  template: string | null;
}

export const previewRequest = z.strictObject({
  template: z.string().max(limits.templateLength).nullable(),
  /** Which type to show; `abandonment.created` where absent. */
  event: z.enum(webhookEvents).optional(),
  /** Id of a case to show it on; `latest` is the newest that was abandoned. Absent: the sample. */
  case: z.string().min(1).max(limits.idLength).optional(),
});

/** What is wrong with a template, and where. */
export interface TemplateProblem {
  message: string;
  /** Of the template, from 1; null where the trouble is in what it renders. */
  line: number | null;
  column: number | null;
}

/** Answer of `POST /sites/SITE/endpoints/preview`: never an error for a wrong template, because it is asked for at every keystroke. */
export interface Preview {
  /** What the receiver would get; null where the template cannot be rendered. */
  body: string | null;
  /** All that would keep it from being saved; empty where it is fine. */
  problems: TemplateProblem[];
  /** What it was rendered with. */
  message: WebhookMessage;
  /** Id of the case; null for the sample, also where the site has no case yet. */
  caseId: string | null;
}

export const testRequest = z.strictObject({
  /** As in a preview. */
  case: z.string().min(1).max(limits.idLength).optional(),
});

/** Answer of `POST …/endpoints/ID/test`. */
export interface TestResult extends Attempt {
  /** `webhook-id` of the test. */
  id: string;
  /** Id of the case that was sent; null for the sample. */
  caseId: string | null;
}

/** Which messages `POST …/endpoints/ID/replay` sends again, by when they were made. */
export const replayRequest = z.strictObject({
  from: instantOrDate,
  to: instantOrDate,
  status: z
    .enum([...deliveryStates, 'dead'])
    .exclude(['pending'])
    .default('dead'),
});

/** Answer of a replay. */
export interface ReplayResult {
  /** Messages that will be sent again. One that is on its way at this moment is not among them. */
  replayed: number;
}

/** `POST /hooks`: what no-code tools call when an automation is switched on. */
export const hookRequest = z.strictObject({
  targetUrl: endpoint.shape.url,
  event: z.enum(webhookEvents).exclude(['webhook.test', 'funnel.people']),
  /** Public id of the site. May be left out with a key for one site. */
  site: z.string().min(1).max(limits.idLength).optional(),
});

export interface Hook {
  id: string;
  targetUrl: string;
  event: WebhookEvent;
  site: string;
  createdAt: string;
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

/** `data` of every `lead.…`: the lead as it is after the change. */
export interface LeadData {
  id: string;
  site: string;
  email: string | null;
  phone: string | null;
  name: string | null;
  company: string | null;
  externalId: string | null;
  /** The visitor who did it; '' where it happened away from the website. */
  visitor: string;
  createdAt: string;
  stage: LeadStage;
  /** As quote, booking, trade-show; '' where nobody said. */
  kind: string;
  /** E-mail address, else name, of whom it belongs to; null: nobody. */
  owner: string | null;
  nextStep: string | null;
  nextStepAt: string | null;
  /** Until when somebody has to take it or to answer; null where no clock runs. */
  answerBy: string | null;
  score: number;
  temperature: Temperature;
  qualified: Qualified;
  /** Why it was lost. */
  lostReason: string | null;
  value: number | null;
  currency: string | null;
  /** Where it first came from. */
  source: string;
  medium: string;
  campaign: string;
  channel: string;
  consent: LeadConsent;
  /** How often it went back to marketing. */
  recycleCount: number;
  /**
   * Only in `lead.neglected`: which clock ran out, since when it ran, when it ended, and the e-mail address of the one who is accountable,
   * null where the rules of the house name nobody. Else null.
   */
  neglected: { clock: LeadClock; since: string; dueAt: string; accountable: string | null } | null;
  traits: unknown;
}

/** `data` of `leak.detected`: a leak of the report, flat first. */
export interface LeakData extends Leak {
  /** Public id of the site. */
  site: string;
  siteName: string;
  currency: string;
  /** As `device: mobile`; null where it is everybody. */
  segment: string | null;
}

/** `data` of `funnel.people`: who is behind one number of a funnel, because somebody sent them. Long lists come in parts. */
export interface FunnelPeopleData {
  /** Of the whole list: every part has the same. */
  id: string;
  site: string;
  siteName: string;
  /** As "12 visitors left after /prices". */
  sentence: string;
  /** Name of the step, and its number from 1. */
  stepName: string;
  stepNumber: number;
  /** `dropped`: reached this step and no later one. `reached`: reached it or a later one. */
  outcome: 'dropped' | 'reached';
  /** What one of them is. */
  unit: 'visitor' | 'session' | 'lead';
  /** Range of the funnel as it was asked. */
  from: string;
  to: string;
  /** People in all parts. */
  total: number;
  /** Which part this is, from 1, and of how many. */
  part: number;
  parts: number;
  people: {
    visitor: string;
    leadId: string | null;
    name: string | null;
    email: string | null;
    /** When they were at the step, ISO 8601. */
    stoppedAt: string;
    lastPath: string;
    source: string;
    country: string;
    device: string;
  }[];
}

/** `data` of `report.weekly`. Each number stands beside that of the week before, `…Before`. */
export interface WeeklyReportData {
  /** Site and week: the same report has the same id, however often it is asked for. */
  id: string;
  site: string;
  siteName: string;
  /** ISO 8601 week, as `2026-W36`. */
  week: string;
  /** Dates in the time zone of the site, half-open: Monday to Monday. */
  from: string;
  to: string;
  visitors: number;
  visitorsBefore: number;
  /** Of all goals together; where none are set up, of what completes the rules and of events with the usual names. */
  conversions: number;
  conversionsBefore: number;
  /** Of the intents of the week: abandoned, written about, and completed later. */
  abandoned: number;
  abandonedBefore: number;
  notified: number;
  notifiedBefore: number;
  recovered: number;
  recoveredBefore: number;
  /** Value of the recovered cases, in `currency`. */
  recoveredValue: number;
  recoveredValueBefore: number;
  currency: string;
  /** The six questions of the week; each number opens as names at `…/weekly/leads`. */
  leadsIn: number;
  leadsReached: number;
  appointments: number;
  proposals: number;
  closedDeals: number;
  /** Where those who came in came from, most frequent first, at most 5. */
  cameFrom: { source: string; leads: number }[];
  /** Leads that leaked at the end of the week: without owner or next step, too late, or forgotten. */
  leadsLeaking: number;
  /** The worst leaks of the week, at most 3. */
  leaks: { where: string; sentence: string; lost: number; moneyAtRisk: number | null }[];
  /** The same in one sentence. */
  summary: string;
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
  /** Why it is in this state, in words; null where there is nothing to say. */
  note: string | null;
  createdAt: string;
  deliveredAt: string | null;
  nextAttemptAt: string | null;
  attempts: Attempt[];
  /** The exact body that is signed and sent: the message itself until the first attempt of an endpoint with a template. */
  body: string;
}

export interface Attempt {
  at: string;
  /** HTTP status, or null where no answer came. */
  status: number | null;
  /** Why it failed, in words; null where it worked. */
  error: string | null;
  /** Of the whole attempt: name, connection, headers and body. */
  ms: number;
  /** First 4 KiB of the answer. */
  response: string;
  /** What was asked, without the values of the endpoint's own headers; null for attempts before this was kept. */
  request: { url: string; headers: Record<string, string> } | null;
}
