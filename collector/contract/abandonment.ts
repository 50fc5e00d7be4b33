import type { CaseState, SuppressReason } from './names.ts';
import type { Delivery } from './webhooks.ts';

/** One row of `GET /sites/SITE/abandonments`. */
export interface AbandonmentSummary {
  id: string;
  rule: string;
  ruleId: string;
  kind: string;
  state: CaseState;
  reason: SuppressReason | null;
  /** The key's value (a booking id), empty where the rule has no key. */
  key: string;
  visitor: string;
  email: string | null;
  name: string | null;
  path: string;
  value: number | null;
  currency: string | null;
  /** When the intent happened, ISO 8601. */
  occurredAt: string;
  dueAt: string;
  abandonedAt: string | null;
  recoveredAt: string | null;
}

export interface Abandonment extends AbandonmentSummary {
  ruleVersion: number;
  source: string;
  country: string;
  device: string;
  /** Every transition with its time and reason. */
  history: { at: string; state: CaseState; reason: string | null; note: string | null }[];
  /** What the visitor did around it, oldest first. */
  timeline: TimelineEvent[];
  deliveries: Delivery[];
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
