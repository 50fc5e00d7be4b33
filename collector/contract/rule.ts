import * as z from 'zod';
import { limits } from './limits.ts';
import { match } from './match.ts';
import { ruleKinds } from './names.ts';
import { duration, durationMs } from './time.ts';

const weekday = z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']);
const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Write a time of day as 21:00.');

const atMost = (text: string, longest: string) => durationMs(text) <= durationMs(longest);

/** A rule: "after this intent, if none of these completions within this wait, it is an abandonment". */
export const rule = z.strictObject({
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
  /** Server time from the intent to the abandonment. */
  wait: duration
    .refine((text) => atMost(text, '30d') && durationMs(text) >= 1_000, 'A wait lies between 1s and 30d.')
    .default('60m'),
  /** Who may be written to. The case is stored either way. */
  audience: z.enum(['anyone', 'identified', 'consented']).default('anyone'),
  /** No second case of this rule for the same person within this time. */
  cooldown: duration.default('7d'),
  /** No second message to the same person, whatever the rule, within this time. */
  perPersonCap: duration.default('0s'),
  /** A completion this long after the abandonment still counts as recovered. */
  recoveryWindow: duration.default('7d'),
  /** Share of cases, 0–1, that are stored and never sent, to measure what the messages bring. */
  holdout: z.number().min(0).max(0.9).default(0),
  quietHours: z.strictObject({ from: clockTime, to: clockTime, days: z.array(weekday).default([]) }).optional(),
  followUps: z
    .array(z.strictObject({ after: duration, endpoint: z.string().min(1).max(limits.idLength) }))
    .max(limits.followUpsPerRule)
    .default([]),
  enabled: z.boolean().default(false),
});
export type Rule = z.infer<typeof rule>;

export interface StoredRule extends Rule {
  id: string;
  /** Counts up with every change; a case keeps the version that made it. */
  version: number;
  createdAt: string;
  updatedAt: string;
}
