import type { CaseCheckName, CaseState, SuppressReason } from './names.ts';
import type { Rule } from './rule.ts';
import type { Delivery } from './webhooks.ts';

/** One row of `GET /sites/SITE/abandonments`. */
export interface AbandonmentSummary {
  id: string;
  rule: string;
  ruleId: string;
  /** The version of the rule that made this case, and that it is judged by. */
  ruleVersion: number;
  kind: string;
  state: CaseState;
  reason: SuppressReason | null;
  /** The key's value (a booking id), empty where the rule has no key. */
  key: string;
  visitor: string;
  leadId: string | null;
  email: string | null;
  name: string | null;
  path: string;
  value: number | null;
  currency: string | null;
  /** What was completed after all; null where nothing was, or where it carries no money. */
  recoveredValue: number | null;
  /** When the intent happened, ISO 8601. */
  occurredAt: string;
  dueAt: string;
  abandonedAt: string | null;
  notifiedAt: string | null;
  recoveredAt: string | null;
}

export interface Abandonment extends AbandonmentSummary {
  source: string;
  country: string;
  device: string;
  /** The rule as it was when it made this case; null where it is not known any more. */
  ruleThen: Rule | null;
  /** Every transition with its time and reason. */
  history: { at: string; state: CaseState; reason: string | null; note: string | null }[];
  /** Every check that was made when the wait was over, in order; empty before. */
  checks: CaseCheck[];
  /** What the visitor did around it, oldest first. */
  timeline: TimelineEvent[];
  deliveries: Delivery[];
}

/** One thing that was looked at to decide whether a message goes out. */
export interface CaseCheck {
  check: CaseCheckName;
  /** When it was looked at, or when what it speaks of happened. */
  at: string | null;
  /** `passed`: nothing against it. `stopped`: this is why not. `waiting`: not decided yet. `skipped`: an earlier check had decided. */
  result: 'passed' | 'stopped' | 'waiting' | 'skipped';
  /** In a sentence. */
  note: string;
}

/** `GET /sites/SITE/visitors/VISITOR?at`: what one person did around a moment, on all devices we know of. */
export interface VisitorTimeline {
  visitor: string;
  visitors: string[];
  lead: { id: string; name: string | null; email: string | null } | null;
  /** A day before to a week after, oldest first, at most 200. */
  timeline: TimelineEvent[];
}

export interface TimelineEvent {
  at: string;
  name: string;
  path: string;
  host: string;
  title: string;
  props: Record<string, string>;
}

/** Counts of cases by state, each of which opens into exactly that list. */
export interface AbandonmentCounts {
  states: Record<CaseState, number>;
}

/**
 * `GET /sites/SITE/abandonments/summary`: what happened to the intents of a range. Each number opens as the list with the same
 * range and `reached` set to the field's name.
 */
export interface AbandonmentsSummary {
  /** Cases whose wait ended without a completion, whether or not a message went out. */
  abandoned: number;
  /** Of these, those about which a message arrived. */
  notified: number;
  /** Of `abandoned`, those completed later, within the recovery window. */
  recovered: number;
  /** What the recovered completed, in the site's currency; sums in other currencies are left out and counted in `otherCurrencies`. */
  recoveredValue: number;
  /** What all abandoned cases were worth. */
  abandonedValue: number;
  currency: string;
  /** Cases with money in a currency that is not the site's. */
  otherCurrencies: number;
  /** Cases still waiting. */
  waiting: number;
  /** Days of the site's zone, by the time of the intent; every day of the range is there. */
  trend: { on: string; abandoned: number; notified: number; recovered: number; recoveredValue: number }[];
}

/** `GET /sites/SITE/why?rule&visitor` or `&lead`: why did a rule write about somebody, or why not? */
export interface WhyAnswer {
  rule: { id: string; name: string; version: number; enabled: boolean };
  /** Null where the visitor is nobody we know. */
  lead: { id: string; name: string | null; email: string | null } | null;
  /** All visitors of this person that were looked at. */
  visitors: string[];
  /** What came of the newest intent: `no-intent` where there is none in the last 60 days. */
  outcome: WhyOutcome;
  /** The outcome in a sentence. */
  sentence: string;
  /** Every check for the newest intent, in the order in which it is made. */
  checks: CaseCheck[];
  /** The same for each intent, newest first, at most 20. */
  intents: WhyIntent[];
}

export type WhyOutcome =
  | 'no-intent'
  | 'no-case'
  | 'waiting'
  | 'completed'
  | 'withheld'
  | 'planned'
  | 'sent'
  | 'recovered';

export interface WhyIntent {
  at: string;
  event: string;
  path: string;
  key: string;
  /** The case that this intent started or belonged to. */
  caseId: string | null;
  outcome: WhyOutcome;
  sentence: string;
  checks: CaseCheck[];
}
