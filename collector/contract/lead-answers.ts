import * as z from 'zod';
import {
  type LeadConsent,
  type LeadEvent,
  type LeadSource,
  type LeadStage,
  type LeakReason,
  leadStages,
  type Qualified,
  type Temperature,
  type TouchKind,
  temperatures,
  type WakeOn,
} from './leads.ts';
import { limits } from './limits.ts';
import type { Channel } from './names.ts';
import { instantOrDate } from './time.ts';

/** Orders of a list of leads. `urgent`: who leaks first; closed leads and those in nurture are not in it. `next-step`: only who has one. */
export const leadSorts = ['newest', 'active', 'score', 'urgent', 'next-step'] as const;
export type LeadSort = (typeof leadSorts)[number];

const listOf = <Value extends string>(values: readonly [Value, ...Value[]]) =>
  z
    .string()
    .transform((text) => text.split(','))
    .pipe(z.array(z.enum(values)).min(1));

/** What a list of leads is about; what is not named does not matter. */
export const leadFilter = z.object({
  /** One or more, with commas. */
  stage: listOf(leadStages).optional(),
  temperature: listOf(temperatures).optional(),
  /** Id of a user, or `none`. */
  owner: z.string().max(limits.idLength).optional(),
  /** First source, as `google`. */
  source: z.string().max(200).optional(),
  kind: z.string().max(60).optional(),
  /** Part of a name, an e-mail address, a telephone, a company or an external id. */
  search: z.string().trim().min(1).max(200).optional(),
  leaking: z.enum(['true', 'false']).optional(),
  /** Their next step is due before this. */
  due: instantOrDate.optional(),
});
export type LeadFilter = z.infer<typeof leadFilter>;

export const leadListQuery = leadFilter.extend({
  sort: z.enum(leadSorts).default('newest'),
  limit: z.coerce.number().int().min(1).max(limits.listLimit).default(50),
  cursor: z.string().max(200).optional(),
});

/** A lead as it is now. */
export interface Lead {
  id: string;
  /** Counts up, for talking about it. */
  number: number;
  name: string | null;
  email: string | null;
  phone: string | null;
  company: string | null;
  externalId: string | null;
  traits: Record<string, string | number | boolean>;
  stage: LeadStage;
  stageSince: string;
  /** As quote, booking, trade-show; '' where nobody said. */
  kind: string;
  lostReason: string | null;
  /** What was offered or won; null where nobody said. */
  value: number | null;
  currency: string | null;
  /** `name` is null for one who has left. */
  owner: { id: string; name: string | null } | null;
  ownerSince: string | null;
  /** When its owner took it. */
  acceptedAt: string | null;
  nextStep: { text: string; at: string } | null;
  /** The clock that runs. */
  clock: { clock: string; dueAt: string } | null;
  /** When a clock ran out; null after somebody has acted. */
  neglectedAt: string | null;
  nurture: { reason: string | null; wakeAt: string | null; wakeOn: WakeOn | null } | null;
  /** How often it went back to marketing. */
  recycleCount: number;
  score: number;
  temperature: Temperature;
  qualified: Qualified;
  /** Of the lead definition that judged it. */
  definitionVersion: number | null;
  /** When somebody of the house first turned to it, and when both first spoke. */
  firstReplyAt: string | null;
  reachedAt: string | null;
  lastTouch: { at: string; channel: Channel; kind: TouchKind } | null;
  touches: number;
  /** The last sign of life of either side. */
  activeAt: string;
  first: LeadSource;
  last: LeadSource;
  consent: LeadConsent;
  consentAt: string | null;
  /** Why it leaks now; empty where it does not. */
  leaking: LeakReason[];
  createdAt: string;
  updatedAt: string;
}

/** Somebody whom leads may belong to. */
export interface LeadOwner {
  id: string;
  name: string;
  /** Gets nothing any more. */
  left: boolean;
}

/** Another lead, named in a few words. */
export interface LeadName {
  id: string;
  name: string | null;
  email: string | null;
  phone: string | null;
}

export interface LeadHistoryEntry {
  id: string;
  at: string;
  kind: LeadEvent['kind'];
  data: LeadEvent['data'];
  /** Address of a user, name of a key, or `visitor`, `system`, `import`, `hook:PRESET`. */
  by: string;
  /** It was taken back, and counts no more. */
  undone: boolean;
}

/** One lead with all that the ledger knows. */
export interface LeadDetail extends Lead {
  /** All browsers of this person. */
  visitors: string[];
  /** Leads that were merged into this one. */
  merged: LeadName[];
  /** Others that may be the same person, and what both have said. */
  claims: { field: 'email' | 'phone' | 'externalId'; value: string; lead: LeadName }[];
  photos: LeadPhoto[];
  /** Newest first, at most 500. */
  history: LeadHistoryEntry[];
}

/** One entry of everything that is known of a person, of the website and of the ledger. */
export type TimelineEntry =
  | { from: 'site'; at: string; name: string; path: string; host: string; title: string; props: Record<string, string> }
  | ({ from: 'ledger' } & LeadHistoryEntry);

/** A list of leads under a name: what its address asks for. */
export const leadView = z.strictObject({
  name: z.string().min(1).max(limits.nameLength),
  query: z
    .record(z.string(), z.string().max(300))
    .refine((query) => leadListQuery.strict().safeParse(query).success, 'This is not a list of leads.'),
});
export type LeadView = z.infer<typeof leadView>;

/** Answer of `POST /sites/SITE/leads/import` and of `…/touches/import`. */
export interface LeadImport {
  /** Rows of the table, without its header. */
  rows: number;
  created: number;
  /** Rows about somebody who was known already. */
  known: number;
  touches: number;
  /** What could not be taken, or not as it was; at most 200. */
  problems: { line: number; message: string }[];
  moreProblems: number;
}

/** Answer of `POST /sites/SITE/leads/ID/photos`. */
export interface LeadPhoto {
  id: string;
  type: string;
  bytes: number;
  at: string;
}
