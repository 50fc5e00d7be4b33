import * as z from 'zod';
import type { Temperature } from './leads.ts';
import { limits } from './limits.ts';
import { fieldCondition, mostHits, signal } from './signal.ts';
import { duration, durationMs } from './time.ts';

const mostPoints = 1_000;
const hourMs = 3_600_000;

export const scoreRule = z
  .strictObject({
    /** Stays the same when the rule is changed; unique in the scoring. */
    id: z.string().min(1).max(limits.idLength),
    name: z.string().min(1).max(limits.nameLength),
    when: z.union([signal, fieldCondition]),
    /** For each time that counts; negative ones take away. */
    points: z.int().min(-mostPoints).max(mostPoints),
    /** How many times count: the newest ones. A field counts once. */
    most: z.int().min(1).max(mostHits).default(1),
    /** After this time a hit is worth half its points; absent: it keeps its worth. */
    halfLife: duration
      .refine((text) => durationMs(text) >= hourMs, 'A half-life is at least an hour, written as 1h.')
      .optional(),
    /** Name of one of `groups`. */
    group: z.string().min(1).max(limits.nameLength).optional(),
  })
  .superRefine((rule, context) => {
    if (rule.points === 0)
      context.addIssue({ code: 'custom', path: ['points'], message: 'A rule of 0 points does nothing.' });
    if (rule.when.kind === 'field' && (rule.halfLife !== undefined || rule.most > 1)) {
      const message = 'A field is so or is not so: it counts once and does not fade.';
      context.addIssue({ code: 'custom', path: ['when'], message });
    }
  });
export type ScoreRule = z.infer<typeof scoreRule>;

/** How points are given. The score of a lead is a whole number: each line is rounded by itself, and the score is their sum. */
export const scoring = z
  .strictObject({
    rules: z.array(scoreRule).max(100),
    /** Rules of a group together give at most `most` points. */
    groups: z
      .array(z.strictObject({ name: z.string().min(1).max(limits.nameLength), most: z.int().min(1).max(10_000) }))
      .max(20)
      .default([]),
    /** From this score on a lead is warm. */
    warm: z.int().min(1).max(10_000).default(30),
    /** From this score on a lead is hot. */
    hot: z.int().min(1).max(10_000).default(60),
  })
  .superRefine(({ rules, groups, warm, hot }, context) => {
    if (warm >= hot) context.addIssue({ code: 'custom', path: ['hot'], message: 'Hot begins above warm.' });
    const ids = rules.map(({ id }) => id);
    const names = groups.map(({ name }) => name);
    rules.forEach(({ id, group }, index) => {
      if (ids.indexOf(id) !== index) {
        context.addIssue({ code: 'custom', path: ['rules', index, 'id'], message: 'Another rule has this id.' });
      }
      if (group !== undefined && !names.includes(group)) {
        context.addIssue({ code: 'custom', path: ['rules', index, 'group'], message: `There is no group ${group}.` });
      }
    });
    names.forEach((name, index) => {
      if (names.indexOf(name) !== index) {
        context.addIssue({ code: 'custom', path: ['groups', index, 'name'], message: 'Another group has this name.' });
      }
    });
  });
export type Scoring = z.infer<typeof scoring>;

/** One line of a score that is explained. The points of all lines add up to the score exactly. */
export interface ScoreLine {
  /** Id of the rule; null for what a cap takes off. */
  ruleId: string | null;
  /** Name of the rule, or what was capped, in words. */
  name: string;
  /** Whole points. */
  points: number;
  /** How many times count in this line; 0 for a cap. */
  hits: number;
  /** When it last happened, ISO 8601; null for a field and for a cap. */
  lastAt: string | null;
}

/** Answer of `GET …/leads/ID/score`. */
export interface LeadScore {
  score: number;
  temperature: Temperature;
  /** Why the lead is hot although its score is not; null where the score alone decides. */
  hotBecause: string | null;
  /** The moment it was worked out for, ISO 8601. */
  at: string;
  /** Version of the scoring. */
  version: number;
  warm: number;
  hot: number;
  lines: ScoreLine[];
}

/** How many leads are cold, warm and hot. */
export type ByTemperature = Record<Temperature, number>;

/**
 * Answer of `POST …/house/scoring/preview`: who would move, for a part of the leads. The numbers of all parts together are those of all
 * leads.
 */
export interface ScoringPreview {
  /** Leads of this part; `total` is all of the site. */
  looked: number;
  total: number;
  /** `cursor` of the next part; null: this was the last. */
  next: string | null;
  before: ByTemperature;
  after: ByTemperature;
  /** Those whose temperature changes, at most 200, the largest change of score first. */
  moves: {
    leadId: string;
    name: string | null;
    email: string | null;
    before: { score: number; temperature: Temperature };
    after: { score: number; temperature: Temperature };
  }[];
  /** How many change their temperature; `moves` may be fewer. */
  moving: number;
}
