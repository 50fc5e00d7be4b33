import * as z from 'zod';
import { limits } from './limits.ts';
import { type Channel, channels } from './names.ts';
import { instantOrDate } from './time.ts';

/** The way of a lead. `incomplete`: it cannot be answered yet, or was never sent off. */
export const leadStages = [
  'incomplete',
  'new',
  'contacted',
  'appointment',
  'proposal',
  'won',
  'lost',
  'nurture',
] as const;
export type LeadStage = (typeof leadStages)[number];

/** Stages in which somebody of the house has to do something next. */
export const workedStages = [
  'incomplete',
  'new',
  'contacted',
  'appointment',
  'proposal',
] as const satisfies readonly LeadStage[];

export const temperatures = ['cold', 'warm', 'hot'] as const;
export type Temperature = (typeof temperatures)[number];

/** What the lead definition says of a lead. `sales` includes `marketing`. */
export const qualifications = ['none', 'lead', 'marketing', 'sales'] as const;
export type Qualified = (typeof qualifications)[number];

/** `acceptance`: its owner must take it. `response`: somebody must answer it. */
export const leadClocks = ['acceptance', 'response'] as const;
export type LeadClock = (typeof leadClocks)[number];

/** What the person said about being written to. */
export const leadConsents = ['unknown', 'granted', 'denied'] as const;
export type LeadConsent = (typeof leadConsents)[number];

/** Kinds of touch; the event in the event store has the same name, so that each is a step of a funnel. */
export const touchKinds = [
  'call',
  'sms',
  'email_sent',
  'email_opened',
  'email_clicked',
  'email_replied',
  'email_bounced',
  'chat',
  'meeting',
  'appointment_booked',
  'appointment_cancelled',
  'trade_show',
  'letter',
  'other_touch',
] as const;
export type TouchKind = (typeof touchKinds)[number];

/** `in`: the person came to us. `out`: we went to the person. */
export const directions = ['in', 'out'] as const;
export type Direction = (typeof directions)[number];

/** What each kind of touch is where nothing else is said. */
export const touchDefaults: Record<TouchKind, { channel: Channel; direction: Direction }> = {
  call: { channel: 'phone', direction: 'out' },
  sms: { channel: 'sms', direction: 'out' },
  email_sent: { channel: 'email', direction: 'out' },
  email_opened: { channel: 'email', direction: 'in' },
  email_clicked: { channel: 'email', direction: 'in' },
  email_replied: { channel: 'email', direction: 'in' },
  email_bounced: { channel: 'email', direction: 'out' },
  chat: { channel: 'chat', direction: 'in' },
  meeting: { channel: 'meeting', direction: 'out' },
  appointment_booked: { channel: 'meeting', direction: 'in' },
  appointment_cancelled: { channel: 'meeting', direction: 'in' },
  trade_show: { channel: 'event', direction: 'in' },
  letter: { channel: 'letter', direction: 'out' },
  other_touch: { channel: 'other', direction: 'out' },
};

/** How a call, chat or meeting went. Only `answered` is a conversation. */
export const outcomes = ['answered', 'no_answer', 'voicemail', 'busy', 'wrong_number', 'no_show'] as const;
export type Outcome = (typeof outcomes)[number];

/** Why a touch is kept and not counted. `scanner`: a mail filter opened or clicked it, not the person. */
export const notCounted = ['scanner', 'automatic'] as const;
export type NotCounted = (typeof notCounted)[number];

/** What may be known of a person. Nothing is too little: one field makes an incomplete lead. */
export const leadFields = z.strictObject({
  email: z.string().max(254).optional(),
  /** As written; stored as +4930123456 where it is a number of its country, else as written. */
  phone: z.string().max(40).optional(),
  /** The id in another system. */
  externalId: z.string().max(200).optional(),
  name: z.string().max(200).optional(),
  company: z.string().max(200).optional(),
  /** Anything else, flat. `timezone` is used for clocks and quiet hours, `country` for routing. */
  traits: z
    .record(
      z.string().min(1).max(limits.propKeyLength),
      z.union([z.string().max(limits.propValueLength), z.number(), z.boolean()]),
    )
    .optional(),
});
export type LeadFields = z.infer<typeof leadFields>;

/** Where a lead came from, as far as it is known. */
export const leadSource = z.strictObject({
  channel: z.enum(channels).optional(),
  source: z.string().max(200).optional(),
  medium: z.string().max(200).optional(),
  campaign: z.string().max(200).optional(),
});
export type LeadSource = z.infer<typeof leadSource>;

const nextStep = z.strictObject({
  text: z.string().min(1).max(500),
  /** Until when. A date means until the end of that day in the site's zone. */
  at: instantOrDate,
});

/** What wakes a lead in nurture besides its date. */
export const wakeOn = z.strictObject({
  /** Points it has reached. */
  score: z.number().optional(),
  /** It comes back to the site; with a pattern: to such a page. */
  visit: z.union([z.literal(true), z.string().max(limits.patternLength)]).optional(),
  /** It opened `opened` of the last `of` mails. */
  mails: z.strictObject({ opened: z.int().min(1).max(50), of: z.int().min(1).max(50) }).optional(),
});
export type WakeOn = z.infer<typeof wakeOn>;

const stageChange = z.strictObject({
  stage: z.enum(leadStages),
  /** Needed for `lost` and `nurture`. */
  reason: z.string().min(1).max(200).optional(),
  note: z.string().max(2_000).optional(),
  /** Worth of what was offered or won. */
  value: z.number().min(0).max(1e12).optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, 'Write a currency as EUR.')
    .optional(),
  /** For nurture: when to look at it again. */
  wakeAt: instantOrDate.optional(),
  wakeOn: wakeOn.optional(),
});

/** `POST /sites/SITE/leads`: one known field is enough. */
export const newLead = z.strictObject({
  ...leadFields.shape,
  ...leadSource.shape,
  /** As quote, booking, trade-show. */
  kind: z.string().max(60).optional(),
  note: z.string().max(2_000).optional(),
  nextStep: nextStep.optional(),
  owner: z.string().max(limits.idLength).optional(),
  consent: z.enum(leadConsents).optional(),
  /** When it came in; absent: now. */
  at: instantOrDate.optional(),
  /** Keep it incomplete although it could be answered. */
  incomplete: z.boolean().optional(),
  /** Browser of this person: what the page gave to the tracker, or an id from a webhook. */
  visitor: z.string().max(limits.idLength).optional(),
});
export type NewLead = z.infer<typeof newLead>;

/** `PATCH /sites/SITE/leads/ID`. What is not named stays; null takes a value away. */
export const leadPatch = z.strictObject({
  email: leadFields.shape.email.nullable(),
  phone: leadFields.shape.phone.nullable(),
  externalId: leadFields.shape.externalId.nullable(),
  name: leadFields.shape.name.nullable(),
  company: leadFields.shape.company.nullable(),
  traits: leadFields.shape.traits,
  kind: z.string().max(60).optional(),
  ...stageChange.shape,
  stage: stageChange.shape.stage.optional(),
  /** Id of a user; null: nobody. */
  owner: z.string().max(limits.idLength).nullable().optional(),
  nextStep: nextStep.nullable().optional(),
  consent: z.enum(leadConsents).optional(),
  /** The owner takes it: stops the acceptance clock. */
  accept: z.literal(true).optional(),
  /** Sales says that it is not what the definition promised. */
  reject: z.strictObject({ reason: z.string().min(1).max(200), condition: z.string().max(200).optional() }).optional(),
});
export type LeadPatch = z.infer<typeof leadPatch>;

/** `POST /sites/SITE/leads/ID/touches`. */
export const newTouch = z.strictObject({
  kind: z.enum(touchKinds),
  /** ISO 8601; absent: now. */
  at: instantOrDate.optional(),
  channel: z.enum(channels).optional(),
  direction: z.enum(directions).optional(),
  outcome: z.enum(outcomes).optional(),
  seconds: z.number().min(0).max(86_400).optional(),
  /** Of a mail, a meeting, an event. */
  subject: z.string().max(300).optional(),
  text: z.string().max(4_000).optional(),
  /** Recording, message, booking. */
  link: z
    .url({ protocol: /^https?$/ })
    .max(limits.urlLength)
    .optional(),
  /** For an appointment: when it will be. */
  plannedAt: z.iso.datetime({ offset: true }).optional(),
  /** A newsletter or an answer by machine: kept, and no reply of the house. */
  automatic: z.boolean().optional(),
  /** Which mail it is about, as its sender calls it. */
  message: z.string().max(200).optional(),
  /** What the sender calls it: the same twice is one touch. */
  id: z.string().min(1).max(200).optional(),
  ...leadSource.omit({ channel: true }).shape,
});
export type NewTouch = z.infer<typeof newTouch>;

/** What a touch keeps. */
export interface TouchData extends LeadSource {
  touch: TouchKind;
  channel: Channel;
  direction: Direction;
  outcome?: Outcome;
  seconds?: number;
  subject?: string;
  text?: string;
  link?: string;
  plannedAt?: string;
  /** Absent: it counts. */
  notCounted?: NotCounted;
  /** Which mail it is about, as its sender calls it. */
  message?: string;
}

/** What became known of a person; null: it is wrong, and nothing is known. */
type Said = { [Key in keyof LeadFields]: LeadFields[Key] | null };

/** What is said of a lead, by kind. Times are milliseconds since 1970. */
export interface LeadEventData {
  /** Something became known of the person, or of where it came from. */
  identified: Said &
    LeadSource & {
      kind?: string;
      /** Enough is known and it was meant: an incomplete lead becomes a new one. */
      complete: boolean;
      /** How: `form`, `partial form`, `api`, `import`, `touch`. */
      how?: string;
      /** The browser it was said in, decimal UInt64. */
      visitor?: string;
      path?: string;
      /** Field by field, what could not be taken as it was. */
      problems?: Partial<Record<'email' | 'phone' | 'externalId', string>>;
    };
  touch: TouchData;
  stage: {
    to: LeadStage;
    reason?: string;
    note?: string;
    value?: number;
    currency?: string;
    wakeAtMs?: number | null;
    wakeOn?: WakeOn;
  };
  /** `why`: `person`, or the rule of routing. Null: nobody, for instance because the owner left. */
  owner: { to: string | null; why?: string };
  accepted: Record<string, never>;
  rejected: { reason: string; condition?: string };
  next_step: { text: string; atMs: number } | { text: null };
  note: { text: string };
  consent: { to: LeadConsent; how?: string };
  photo: { photo: string; type: string; bytes: number };
  /** The clock that runs from here on; null: none. */
  clock: { clock: LeadClock | null; dueMs: number | null; why?: string };
  /** A clock ran out. */
  neglected: { clock: LeadClock; sinceMs: number; dueMs: number; escalatedTo: string | null };
  /** It went back to marketing by itself, or was given back. */
  recycled: { reason: string };
  /** It came back from nurture. */
  woken: {
    why: string;
    /** The person raised a hand: it is hot until somebody answers. */
    raised?: boolean;
  };
  /** What score and definition say of it. */
  judged: { score: number; temperature: Temperature; qualified: Qualified; definitionVersion: number | null };
  /** Another lead has this value already, so it was not taken: the two may be one person. */
  claim: { field: 'email' | 'externalId' | 'phone'; value: string; lead: string };
  /** The other lead became part of this one; and that was taken back. */
  merged: { lead: string };
  unmerged: { lead: string };
  /** An event of this lead was taken back: everything is as if it had not been. */
  undone: { event: string };
}
export type LeadEventKind = keyof LeadEventData;

/** One thing that happened to a lead. */
export type LeadEvent = {
  [Kind in LeadEventKind]: {
    id: string;
    /** The lead it was said of; after a merge not the one it belongs to. */
    leadId: string;
    atMs: number;
    /** Order of arrival. */
    seq: number;
    kind: Kind;
    data: LeadEventData[Kind];
    /** `user:ID`, `key:ID`, `visitor`, `system`, `import`, `hook:PRESET`. */
    actor: string;
  };
}[LeadEventKind];

/** Why a lead leaks. */
export const leakReasons = ['no-owner', 'no-next-step', 'next-step-passed', 'clock-ran-out', 'stale'] as const;
export type LeakReason = (typeof leakReasons)[number];
