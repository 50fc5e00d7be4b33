import * as z from 'zod';
import { type LeadStage, type LeakReason, leakReasons } from './leads.ts';
import { limits } from './limits.ts';

export const weekQuery = z.object({
  /** ISO 8601 week, as `2026-W36`, Monday to Monday in the site's zone; absent: the one that runs. */
  week: z
    .string()
    .regex(/^\d{4}-W\d{2}$/, 'Write a week as 2026-W36.')
    .optional(),
});

/** Where the leads of a week were at its start. `new`: they came in; `back`: they had been won or lost, and came back; `carried`: they were open. */
export const balanceSources = ['new', 'back', 'carried'] as const;
/** Where they were at its end. `progress`: somebody has them, with a date that lies ahead. */
export const balanceTerms = ['won', 'lost', 'nurture', 'progress', 'leaking'] as const;
export type BalanceSource = (typeof balanceSources)[number];
export type BalanceTerm = (typeof balanceTerms)[number];

export const balanceListQuery = weekQuery.extend({
  /** Which number of the balance. */
  of: z.enum([...balanceSources, ...balanceTerms]),
  /** Of `leaking`: only this reason. */
  reason: z.enum(leakReasons).optional(),
  limit: z.coerce.number().int().min(1).max(limits.listLimit).default(50),
  cursor: z.string().max(200).optional(),
});

/** Answer of `GET …/balance`: new + back + carried = won + lost + nurture + progress + leaking. Each number opens at `…/balance/leads`. */
export interface Balance {
  week: string;
  from: string;
  to: string;
  /** The moment the right side is of, ISO 8601: the end of the week, or now while it runs. */
  at: string;
  new: number;
  back: number;
  carried: number;
  won: number;
  lost: number;
  nurture: number;
  progress: number;
  leaking: number;
  /** Of `leaking`, by the first reason that holds, in this order; they add up to it. */
  leakingBy: Record<LeakReason, number>;
}

/** Answer of `GET …/balance/check`: whether the two sides agree, and each number with the names behind it. */
export interface BalanceCheck {
  week: string;
  agrees: boolean;
  /** new + back + carried, and the sum of the other side. */
  left: number;
  right: number;
  /** What does not agree, in words; empty where all does. */
  problems: string[];
}

/** The six weekly questions, word for word. */
export const weeklyQuestions = {
  in: 'How many leads came in?',
  reached: 'How many did we reach?',
  appointments: 'How many appointments?',
  proposals: 'How many proposals?',
  closed: 'How many closed deals?',
  from: 'Where did they come from?',
} as const;
export type WeeklyCount = Exclude<keyof typeof weeklyQuestions, 'from'>;
export const weeklyCounts = ['in', 'reached', 'appointments', 'proposals', 'closed'] as const satisfies WeeklyCount[];

export const weeklyListQuery = weekQuery.extend({
  of: z.enum(weeklyCounts),
  /** Of `in`: only those of one line of `cameFrom`. */
  source: z.string().max(limits.urlLength).optional(),
  channel: z.string().max(limits.nameLength).optional(),
  limit: balanceListQuery.shape.limit,
  cursor: balanceListQuery.shape.cursor,
});

/** Answer of `GET …/weekly`. Each number opens at `…/weekly/leads`. */
export interface WeeklyAnswer {
  week: string;
  from: string;
  to: string;
  questions: typeof weeklyQuestions;
  in: number;
  reached: number;
  appointments: number;
  proposals: number;
  closed: number;
  /** Worth of what was closed, in the site's currency. */
  closedValue: number;
  /** Where those who came in came from at first, most frequent first; adds up to `in`. */
  cameFrom: { source: string; channel: string; leads: number }[];
}

/** One name behind a number. */
export interface CountedLead {
  id: string;
  name: string | null;
  email: string | null;
  phone: string | null;
  company: string | null;
  /** As it is now; the number may be of another week. */
  stage: LeadStage;
  owner: string | null;
  score: number;
  createdAt: string;
}
