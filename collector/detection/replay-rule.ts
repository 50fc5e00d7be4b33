import type { SuppressReason } from '../contract/names.ts';
import type { Rule } from '../contract/rule.ts';
import { durationMs } from '../contract/time.ts';
import type { RuleEvent } from '../queries/rule-events.ts';
import { busiestMinute } from './busiest-minute.ts';
import { decideDue, type PlannedMessage } from './rules.ts';

/** What is known of one person when the past is replayed. */
export interface ReplayedPerson {
  /** Lead id, else visitor id. */
  id: string;
  isIdentified: boolean;
  /** The lead's own time zone where the rule goes by it, else the site's. */
  timezone: string;
  /** Messages of other rules about this person: when they were planned, and for when. */
  otherMessages: readonly { knownAtMs: number; atMs: number }[];
}

export interface ReplayOptions {
  rule: Rule;
  ruleId: string;
  /** Of one person, by (time, seq). */
  events: readonly RuleEvent[];
  person: ReplayedPerson;
  usableEndpoints: ReadonlySet<string>;
  /** The moment up to which the past is known. */
  untilMs: number;
}

/** One case as it would have gone. */
export interface ReplayedCase {
  intent: RuleEvent;
  outcome: 'fires' | 'self-recovered' | 'withheld' | 'waiting';
  reason: SuppressReason | null;
  /** When the wait was over without a completion; null otherwise. */
  abandonedAtMs: number | null;
  /** The first completion within the wait and the recovery window; null: none. */
  completedAtMs: number | null;
  messages: PlannedMessage[];
}

/**
 * What a rule would have done for one person, had it been on from the first of these events and had each event arrived when it
 * happened. The verdict is that of `decideDue`, which detection asks too. Pure.
 */
export function replayRule(options: ReplayOptions): ReplayedCase[] {
  const { rule, events, untilMs } = options;
  const waitMs = durationMs(rule.wait);
  const windowMs = durationMs(rule.recoveryWindow);
  const cases: ReplayedCase[] = [];
  /** Those that an event may still change. */
  let open: ReplayedCase[] = [];

  const judgeBefore = (ms: number) => {
    const due = open.filter((one) => one.outcome === 'waiting' && one.intent.at + waitMs < ms);
    for (const one of due) judge(one, one.intent.at + waitMs, { ...options, cases });
    open = open.filter(
      ({ outcome, abandonedAtMs }) =>
        outcome === 'waiting' || (abandonedAtMs !== null && ms <= abandonedAtMs + windowMs),
    );
  };

  for (const event of events) {
    judgeBefore(event.at);
    if (event.completion === 1) {
      const finished = open.filter((one) => isAfter(event, one.intent) && isSameKey(event.key, one.intent.key));
      for (const one of finished) {
        if (one.outcome === 'waiting') one.outcome = 'self-recovered';
        one.completedAtMs = event.at;
        // A recovery takes back what has not gone out.
        one.messages = one.messages.filter(({ atMs }) => atMs <= event.at);
      }
      open = open.filter((one) => !finished.includes(one));
    }
    const isWaiting = open.some((one) => one.outcome === 'waiting' && one.intent.key === event.key);
    if (event.intent === 1 && !isWaiting) {
      const one: ReplayedCase = {
        intent: event,
        outcome: 'waiting',
        reason: null,
        abandonedAtMs: null,
        completedAtMs: null,
        messages: [],
      };
      cases.push(one);
      open.push(one);
    }
  }
  judgeBefore(untilMs + 1);
  return cases;
}

function judge(one: ReplayedCase, nowMs: number, options: ReplayOptions & { cases: readonly ReplayedCase[] }): void {
  const { rule, ruleId, person, usableEndpoints, events, cases } = options;
  const abandoned = cases.flatMap(({ abandonedAtMs }) => abandonedAtMs ?? []);
  const messages = [
    ...cases.flatMap((other) => other.messages.map(({ atMs }) => atMs)),
    ...person.otherMessages.filter(({ knownAtMs }) => knownAtMs <= nowMs).map(({ atMs }) => atMs),
  ];
  const verdict = decideDue({
    rule,
    ruleId,
    ruleStatus: 'enabled',
    nowMs,
    timezone: person.timezone,
    completedAtMs: null,
    eventsInMinute: busiestMinute(events.flatMap(({ at }) => (at >= one.intent.at && at <= nowMs ? [at] : []))),
    personId: person.id,
    isIdentified: person.isIdentified,
    hasConsent: one.intent.persistent === 1,
    lastAbandonedAtMs: abandoned.length > 0 ? Math.max(...abandoned) : null,
    lastMessageAtMs: messages.length > 0 ? Math.max(...messages) : null,
    usableEndpoints,
  });
  if (verdict.kind === 'abandoned') {
    one.outcome = 'fires';
    one.messages = verdict.messages;
    one.abandonedAtMs = nowMs;
  } else {
    one.outcome = 'withheld';
    one.reason = verdict.reason;
    one.abandonedAtMs = verdict.isAbandoned ? nowMs : null;
  }
}

function isAfter(event: RuleEvent, intent: RuleEvent): boolean {
  return event.at > intent.at || (event.at === intent.at && event.seq > intent.seq);
}

/** A completion without a key finishes every case of the person. */
function isSameKey(key: string, caseKey: string): boolean {
  return key === '' || caseKey === '' || key === caseKey;
}
