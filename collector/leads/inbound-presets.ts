import * as z from 'zod';
import type { InboundPreset } from '../contract/inbound.ts';
import { type LeadFields, leadFields, type NewTouch, newTouch } from '../contract/leads.ts';

/** A touch as another tool tells it. */
export interface InboundTouch {
  fields: LeadFields;
  touch: NewTouch;
  /** Of the mail program that opened or clicked. */
  userAgent?: string | undefined;
  /** The tool itself says that it was a machine. */
  isBot?: boolean;
}

/** Reads what a tool sends: its touches, empty where it tells of something else. Throws `z.ZodError` for what is none of its messages. */
type ReadMessage = (body: unknown) => InboundTouch[];

const text = z.string().trim().min(1).max(500).optional().catch(undefined);
const short = (value: string | undefined, most = 200) => value?.slice(0, most);
/** Tools write numbers as text where they send forms. */
const flag = z.union([z.boolean(), z.stringbool()]).optional().catch(undefined);
const seconds = z.coerce.number().min(0).max(86_400).optional().catch(undefined);
const instant = z
  .union([z.iso.datetime({ offset: true }), z.iso.datetime({ local: true })])
  .optional()
  .catch(undefined);

/** https://apidocs.callrail.com: the post-call webhook. */
const callRail = z.object({
  resource_id: z.string().min(1).max(150),
  customer_phone_number: text,
  callernum: text,
  customer_name: text,
  direction: z.enum(['inbound', 'outbound']).optional().catch(undefined),
  duration: seconds,
  answered: flag,
  voicemail: flag,
  start_time: instant,
  source_name: text,
  utm_source: text,
  utm_medium: text,
  utm_campaign: text,
  recording: z
    .url({ protocol: /^https?$/ })
    .max(2_048)
    .optional()
    .catch(undefined),
});

function readCallRail(body: unknown): InboundTouch[] {
  const call = callRail.parse(body);
  const outcome = call.answered ? 'answered' : call.voicemail ? 'voicemail' : 'no_answer';
  return [
    {
      fields: { phone: short(call.customer_phone_number ?? call.callernum, 40), name: short(call.customer_name) },
      touch: {
        kind: 'call',
        id: `callrail:${call.resource_id}`,
        at: toUtc(call.start_time),
        direction: call.direction === 'outbound' ? 'out' : 'in',
        outcome: call.answered === undefined ? undefined : outcome,
        seconds: call.duration,
        link: call.recording,
        source: short(call.utm_source ?? call.source_name),
        medium: short(call.utm_medium),
        campaign: short(call.utm_campaign),
      },
    },
  ];
}

/** https://cal.com/docs/developing/guides/automation/webhooks */
const calCom = z.object({
  triggerEvent: z.string(),
  createdAt: instant,
  payload: z.looseObject({
    uid: text,
    title: text,
    startTime: instant,
    attendees: z
      .array(z.looseObject({ email: text, name: text, phoneNumber: text, timeZone: text }))
      .max(100)
      .default([]),
  }),
});
const calComKinds: Record<string, NewTouch['kind']> = {
  BOOKING_CREATED: 'appointment_booked',
  BOOKING_RESCHEDULED: 'appointment_booked',
  BOOKING_CANCELLED: 'appointment_cancelled',
  MEETING_ENDED: 'meeting',
};

function readCalCom(body: unknown): InboundTouch[] {
  const { triggerEvent, createdAt, payload } = calCom.parse(body);
  const kind = calComKinds[triggerEvent];
  if (!kind) return [];
  return payload.attendees.map(({ email, name, phoneNumber, timeZone }) => ({
    fields: {
      email: short(email, 254),
      name: short(name),
      phone: short(phoneNumber, 40),
      ...(timeZone ? { traits: { timezone: timeZone } } : {}),
    },
    touch: {
      kind,
      id: short(`cal:${triggerEvent}:${payload.uid ?? ''}:${email ?? ''}:${payload.startTime ?? ''}`),
      at: toUtc(createdAt),
      subject: short(payload.title, 300),
      ...(kind === 'appointment_booked' ? { plannedAt: toUtc(payload.startTime) } : {}),
    },
  }));
}

/** https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/webhook-payloads */
const mailgun = z.object({
  'event-data': z.looseObject({
    event: z.string(),
    id: text,
    timestamp: z.coerce.number(),
    recipient: z.string().max(254),
    url: text,
    message: z.looseObject({ headers: z.looseObject({ 'message-id': text, subject: text }).optional() }).optional(),
    'client-info': z.looseObject({ 'user-agent': text, bot: z.string().optional().catch(undefined) }).optional(),
  }),
});
const mailgunKinds: Record<string, NewTouch['kind']> = {
  delivered: 'email_sent',
  opened: 'email_opened',
  clicked: 'email_clicked',
  failed: 'email_bounced',
};

function readMailgun(body: unknown): InboundTouch[] {
  const data = mailgun.parse(body)['event-data'];
  const kind = mailgunKinds[data.event];
  if (!kind) return [];
  const headers = data.message?.headers;
  const client = data['client-info'];
  return [
    mailTouch({
      kind,
      id: `mailgun:${data.id ?? `${data.event}:${headers?.['message-id']}:${data.timestamp}`}`,
      email: data.recipient,
      atMs: data.timestamp * 1000,
      message: headers?.['message-id'],
      subject: headers?.subject,
      url: data.url,
      userAgent: client?.['user-agent'],
      isBot: Boolean(client?.bot),
    }),
  ];
}

/** https://postmarkapp.com/developer/webhooks/webhooks-overview */
const postmark = z.object({
  RecordType: z.string(),
  MessageID: text,
  Recipient: text,
  Email: text,
  Subject: text,
  OriginalLink: text,
  UserAgent: text,
  ReceivedAt: instant,
  DeliveredAt: instant,
  BouncedAt: instant,
});
const postmarkKinds: Record<string, NewTouch['kind']> = {
  Delivery: 'email_sent',
  Open: 'email_opened',
  Click: 'email_clicked',
  Bounce: 'email_bounced',
};

function readPostmark(body: unknown): InboundTouch[] {
  const event = postmark.parse(body);
  const kind = postmarkKinds[event.RecordType];
  if (!kind) return [];
  const at = event.ReceivedAt ?? event.DeliveredAt ?? event.BouncedAt;
  return [
    mailTouch({
      kind,
      id: `postmark:${event.RecordType}:${event.MessageID}:${event.OriginalLink ?? ''}:${at ?? ''}`,
      email: event.Recipient ?? event.Email ?? '',
      atMs: at === undefined ? undefined : Date.parse(at),
      message: event.MessageID,
      subject: event.Subject,
      url: event.OriginalLink,
      userAgent: event.UserAgent,
    }),
  ];
}

function mailTouch(mail: {
  kind: NewTouch['kind'];
  id: string;
  email: string;
  atMs: number | undefined;
  message: string | undefined;
  subject: string | undefined;
  url: string | undefined;
  userAgent: string | undefined;
  isBot?: boolean;
}): InboundTouch {
  const link = mail.url && /^https?:\/\//.test(mail.url) && URL.canParse(mail.url) ? mail.url : undefined;
  return {
    fields: { email: mail.email },
    touch: {
      kind: mail.kind,
      id: mail.id.slice(0, 200),
      at: mail.atMs === undefined ? undefined : new Date(mail.atMs).toISOString(),
      subject: short(mail.subject, 300),
      message: short(mail.message),
      link,
      // A mail tool writes to many at once: that answers nobody.
      automatic: mail.kind === 'email_sent' ? true : undefined,
    },
    userAgent: mail.userAgent,
    isBot: mail.isBot ?? false,
  };
}

/** One touch in our own words, for tools that can send what they are told to. */
const plain = z.strictObject({ ...newTouch.shape, ...leadFields.shape });

function readPlain(body: unknown): InboundTouch[] {
  const { email, phone, externalId, name, company, traits, ...touch } = plain.parse(body);
  return [{ fields: { email, phone, externalId, name, company, traits }, touch }];
}

export const inboundReaders: Record<InboundPreset, ReadMessage> = {
  callrail: readCallRail,
  calcom: readCalCom,
  mailgun: readMailgun,
  postmark: readPostmark,
  touch: readPlain,
};

function toUtc(at: string | undefined): string | undefined {
  if (at === undefined) return undefined;
  return new Date(/[Z+]|-\d\d:\d\d$/.test(at.slice(10)) ? at : `${at}Z`).toISOString();
}
