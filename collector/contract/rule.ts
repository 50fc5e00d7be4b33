import * as z from 'zod';
import { limits } from './limits.ts';
import { match } from './match.ts';
import { type RuleKind, ruleKinds, type SuppressReason } from './names.ts';
import { duration, durationMs } from './time.ts';

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const weekday = z.enum(weekdays);
const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Write a time of day as 21:00.');

const atMost = (text: string, longest: string) => durationMs(text) <= durationMs(longest);

/** Times in which no message goes out; what falls into them waits for their end. */
const quietHours = z.strictObject({
  /** Quiet every day from this time of day … */
  from: clockTime,
  /** … to this one, over midnight where it is earlier. The same time twice: only `days` are quiet. */
  to: clockTime,
  /** These days are quiet as a whole. */
  days: z.array(weekday).default([]),
  /** Whose clock: the site's, or that of the lead (its trait `timezone`, such as Europe/Berlin), the site's where it has none. */
  zone: z.enum(['site', 'lead']).default('site'),
});

/**
 * How long people usually take who do finish: a form is part of one visit, and half an hour of silence ends a visit; orders reach
 * a shop's own system hours late (Klaviyo waits 1 to 4 h); prices are compared overnight.
 */
export const waitOfKind: Record<RuleKind, string> = {
  browse: '24h',
  form: '30m',
  booking: '60m',
  quote: '60m',
  cart: '4h',
  checkout: '4h',
  custom: '60m',
};

/** A rule: "after this intent, if none of these completions within this wait, it is an abandonment". */
export const rule = z
  .strictObject({
    name: z.string().min(1).max(limits.nameLength),
    kind: z.enum(ruleKinds).default('custom'),
    intent: match,
    /** `prop:NAME`: one case per value of that property (a booking id), else one per visitor. */
    key: z
      .string()
      .regex(/^prop:.{1,64}$/, 'A key is prop: and the name of a property, as in prop:booking_id.')
      .optional(),
    /** Any of these, after the intent, means that it was not abandoned. */
    complete: z.array(match).min(1).max(20),
    /** Server time from the intent to the abandonment. Left out: what fits the kind. */
    wait: duration
      .refine((text) => atMost(text, '30d') && durationMs(text) >= 1_000, 'A wait lies between 1s and 30d.')
      .optional(),
    /** Who may be written to. The case is stored either way. */
    audience: z.enum(['anyone', 'identified', 'consented']).default('anyone'),
    /** No second case of this rule for the same person within this time. */
    cooldown: duration.default('7d'),
    /** No second message to the same person, whatever the rule, within this time. */
    perPersonCap: duration.default('16h'),
    /** A completion this long after the abandonment still counts as recovered. */
    recoveryWindow: duration.default('7d'),
    /** Share of people, 0–1, whose cases are stored and never sent, to measure what the messages bring. */
    holdout: z.number().min(0).max(0.9).default(0),
    quietHours: quietHours.optional(),
    /** Messages, each this long after the abandonment. A recovery takes back what has not gone out. */
    followUps: z
      .array(z.strictObject({ after: duration, endpoint: z.string().min(1).max(limits.idLength) }))
      .max(limits.followUpsPerRule)
      .default([]),
    enabled: z.boolean().default(false),
  })
  .transform((written) => ({ ...written, wait: written.wait ?? waitOfKind[written.kind] }));
export type Rule = z.infer<typeof rule>;

export interface StoredRule extends Rule {
  id: string;
  /** Counts up with every change; a case keeps the version that made it. */
  version: number;
  createdAt: string;
  updatedAt: string;
}

/** A place in a rule and what is to be said about it. */
export interface RuleRemark {
  /** As `complete.0.event` or `followUps.1.endpoint`. */
  path: string;
  message: string;
}

/** Answer to adding or changing a rule: saved, but these places may not mean what was meant. */
export interface SavedRule extends StoredRule {
  warnings: RuleRemark[];
}

/** Answer of `POST /sites/SITE/rules/check`: what saving this rule would say. */
export interface RuleCheck {
  /** It is refused for these. */
  errors: RuleRemark[];
  /** An enabled rule is refused for these too, unless it is saved with `?unknown=allow`: events that this site has never sent. */
  unknown: RuleRemark[];
  /** It is saved, but these may not mean what was meant. */
  warnings: RuleRemark[];
}

/** One row of `GET /sites/SITE/rules/ID/versions`, newest first. */
export interface RuleVersion {
  version: number;
  /** From when on it was the rule. */
  createdAt: string;
  rule: Rule;
  /** Cases that this version made. */
  cases: number;
}

/** `GET /sites/SITE/rules/ID/use`: what deleting the rule, or switching it off, would stop. */
export interface RuleUse {
  /** Whether deleting it needs `?confirm=true`. */
  inUse: boolean;
  /** Cases whose wait is running: they would end without a message. */
  waiting: number;
  /** Messages that are planned and not sent: they would be taken back. */
  plannedMessages: number;
  /** Cases that were written about and may still be recovered; their recovery is still told. */
  open: number;
  /** The same in sentences. */
  stops: string[];
}

/** Body of `POST /sites/SITE/rules/backtest`. The rule need not be saved. */
export const backtestRequest = z.strictObject({
  rule,
  /** The saved rule that this is a change of: its own messages are then not counted against the cap per person. */
  ruleId: z.string().max(limits.idLength).optional(),
  /** How far back to look, from now. */
  days: z.int().min(1).max(90).default(30),
});
export type BacktestRequest = z.infer<typeof backtestRequest>;

/** One case that the rule would have had. */
export interface BacktestExample {
  /** Opens as `GET /sites/SITE/visitors/VISITOR?at=AT`. */
  visitor: string;
  name: string | null;
  email: string | null;
  /** When the intent happened. */
  at: string;
  event: string;
  path: string;
  key: string;
  value: number | null;
  outcome: 'fires' | 'self-recovered' | 'withheld';
  /** Why no message would go out; null where it would. */
  reason: SuppressReason | null;
  /** When it was completed, if ever. */
  completedAt: string | null;
}

/** What a rule would have done over the last days, judged by the very checks that detection makes. */
export interface BacktestAnswer {
  from: string;
  to: string;
  /** 1: everybody was looked at. 10: one visitor in ten, and every number is ten times what was counted. */
  sample: number;
  /** Events that match the intent, and people who caused them. */
  intents: number;
  people: number;
  /** Cases: intents, but those that came while one of the same person and key waited. */
  cases: number;
  /** Cases that would have been written about (or shown as abandoned, where the rule has no follow-ups). */
  wouldFire: number;
  /** Messages that these cases plan, over all follow-ups, had nobody come back. */
  messages: number;
  /** Of `wouldFire`: completed later, within the recovery window. */
  recoveredLater: number;
  /** Completed within the wait: no message needed. */
  selfRecovered: number;
  /** Stopped by the cool-down, and by the cap per person. */
  cooledDown: number;
  capped: number;
  /** All cases that were neither completed in time nor fired, by reason; holds `cooldown` and `person-cap` too. */
  withheld: Partial<Record<SuppressReason, number>>;
  /** Wait not over yet at the end of the range. */
  waiting: number;
  /** Sum of the values of the cases that would have fired, in the site's currency. */
  value: number;
  currency: string;
  /** Of those who finish at all, the share (0–1) that has finished after this wait. Empty where nobody finished. */
  waitCurve: { wait: string; finished: number }[];
  /** People the curve is made of. */
  finishers: number;
  /** The shortest usual wait after which nine of ten finishers have finished; null where fewer than 20 finished. */
  suggestedWait: string | null;
  /** The curve in a sentence, as "At 35 min 90% of those who finish have finished." */
  sentence: string;
  /** Newest first, at most four of each outcome. */
  examples: BacktestExample[];
  elapsedMs: number;
  rowsRead: number;
}

/** `GET /sites/SITE/rules/ID/holdout`: do the messages bring people back? */
export interface HoldoutReport {
  rule: string;
  ruleId: string;
  /** Of the current version. */
  share: number;
  /** `not-enough`: the difference may still be chance, and says nothing yet. */
  verdict: 'no-holdout' | 'not-enough' | 'more-come-back' | 'fewer-come-back' | 'no-difference';
  /** The verdict in a sentence. */
  sentence: string;
  /** People, by their first case of the range whose recovery window is over. */
  written: HoldoutGroup;
  heldOut: HoldoutGroup;
  /** Rate with messages less rate without, with the interval that holds the true one in 95 of 100 cases; null: not enough yet. */
  difference: { rate: number; low: number; high: number } | null;
  money: {
    currency: string;
    /** Value of what those who were written to completed. */
    recovered: number;
    /** What of it would not have come without messages: never a promise, an estimate; null: not enough yet. */
    becauseOfMessages: number | null;
  };
  /** Cases whose recovery window is still open. */
  undecided: number;
  /** How many more cases each group needs before the report says anything; 0: enough. */
  needed: { written: number; heldOut: number };
}

export interface HoldoutGroup {
  cases: number;
  recovered: number;
  /** 0–1; null without cases. */
  rate: number | null;
  value: number;
}

/** The part of a rule that says which events it is about. */
export type RuleEvents = Pick<Rule, 'intent' | 'complete' | 'key'>;
