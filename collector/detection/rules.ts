import { limits } from '../contract/limits.ts';
import type { SuppressReason } from '../contract/names.ts';
import { compileMatch } from '../contract/pattern.ts';
import type { EventRow } from '../contract/row.ts';
import type { Rule } from '../contract/rule.ts';
import { durationMs } from '../contract/time.ts';
import { hash64 } from '../hash.ts';
import { quietUntil } from './quiet-hours.ts';

type Matchable = Pick<EventRow, 'name' | 'path' | 'host' | 'props'>;

/** A rule version with its matches compiled and its durations in milliseconds. */
export interface CompiledRule {
  isIntent(row: Matchable): boolean;
  /** Whether the event finishes what a case with this key has begun; when it happened is checked by the caller. */
  isCompletion(row: Matchable, caseKey: string): boolean;
  /** Value of the rule's key property; empty where the rule or the event has none. */
  keyOf(row: Matchable): string;
  waitMs: number;
  cooldownMs: number;
  perPersonCapMs: number;
  recoveryWindowMs: number;
}

export function compileRule(rule: Rule): CompiledRule {
  const intent = compileMatch(rule.intent);
  const completions = rule.complete.map(compileMatch);
  const keyName = rule.key?.slice('prop:'.length);
  const keyOf = (row: Matchable) => (keyName === undefined ? '' : (row.props[keyName] ?? ''));
  return {
    isIntent: intent,
    isCompletion(row, caseKey) {
      if (!completions.some((matches) => matches(row))) return false;
      const key = keyOf(row);
      // A completion without the key (a thank-you page) finishes every case of the person: writing to somebody who has
      // finished is worse than not writing.
      return key === '' || caseKey === '' || key === caseKey;
    },
    keyOf,
    waitMs: durationMs(rule.wait),
    cooldownMs: durationMs(rule.cooldown),
    perPersonCapMs: durationMs(rule.perPersonCap),
    recoveryWindowMs: durationMs(rule.recoveryWindow),
  };
}

/** Imported history is looked at, never acted on: nobody wants a message about last year's booking. */
export function isHistory({ tsMs, receivedAtMs }: { tsMs: number; receivedAtMs: number }): boolean {
  return receivedAtMs - tsMs > limits.clockBehindMs;
}

/** Whether the person belongs to the share that is never written to. The same person always gives the same answer. */
export function isHeldOut({ ruleId, personId, share }: { ruleId: string; personId: string; share: number }): boolean {
  return Number(BigInt(hash64('holdout', ruleId, personId)) >> 11n) / 2 ** 53 < share;
}

/** What is known about a case at the moment its wait is over. */
export interface DueCase {
  rule: Rule;
  ruleId: string;
  ruleStatus: 'enabled' | 'disabled' | 'deleted';
  nowMs: number;
  /** The site's. */
  timezone: string;
  /** When the intent was completed after all; null where it was not. */
  completedAtMs: number | null;
  /** Lead id, else visitor id. */
  personId: string;
  isIdentified: boolean;
  hasConsent: boolean;
  /** When a case of this rule and person was last abandoned; null: never. */
  lastAbandonedAtMs: number | null;
  /** When this person was last written to, or will be, by any rule; null: never. */
  lastMessageAtMs: number | null;
  /** Endpoints that exist, are on and take this message. */
  usableEndpoints: ReadonlySet<string>;
}

export interface PlannedMessage {
  /** Place in the rule's `followUps`, from 1. */
  followUp: number;
  endpointId: string;
  atMs: number;
}

export type Verdict =
  /** `isAbandoned`: the wait ended without a completion, and only the message is withheld. */
  | { kind: 'suppressed'; reason: SuppressReason; note: string; isAbandoned: boolean }
  | { kind: 'abandoned'; messages: PlannedMessage[]; note: string };

/** What becomes of a case whose wait is over. The first check that says no decides, and its reason is kept. */
export function decideDue(due: DueCase): Verdict {
  return checks.reduce<Verdict | undefined>((verdict, check) => verdict ?? check(due), undefined) ?? planMessages(due);
}

type Check = (due: DueCase) => Verdict | undefined;

const closed = (reason: SuppressReason, note: string): Verdict => ({
  kind: 'suppressed',
  reason,
  note,
  isAbandoned: false,
});
const withheld = (reason: SuppressReason, note: string): Verdict => ({
  kind: 'suppressed',
  reason,
  note,
  isAbandoned: true,
});

/** Reasons against a message count only where the rule would send one. */
const onlyWithMessages =
  (check: Check): Check =>
  (due) =>
    due.rule.followUps.length === 0 ? undefined : check(due);

const checks: Check[] = [
  ({ ruleStatus }) => (ruleStatus === 'deleted' ? closed('rule-deleted', 'The rule was deleted.') : undefined),
  ({ ruleStatus }) => (ruleStatus === 'disabled' ? closed('rule-disabled', 'The rule was switched off.') : undefined),
  ({ completedAtMs }) =>
    completedAtMs === null ? undefined : closed('completed', `Completed at ${iso(completedAtMs)}.`),
  ({ rule, lastAbandonedAtMs, nowMs }) =>
    lastAbandonedAtMs !== null && nowMs - lastAbandonedAtMs < durationMs(rule.cooldown)
      ? closed(
          'cooldown',
          `This rule had a case for this person at ${iso(lastAbandonedAtMs)}; it rests for ${rule.cooldown}.`,
        )
      : undefined,
  onlyWithMessages(({ rule, isIdentified }) =>
    rule.audience === 'identified' && !isIdentified
      ? withheld(
          'not-identified',
          'The rule writes only about people who have given an e-mail address or a phone number.',
        )
      : undefined,
  ),
  onlyWithMessages(({ rule, hasConsent }) =>
    rule.audience === 'consented' && !hasConsent
      ? withheld('no-consent', 'The rule writes only about people who have consented.')
      : undefined,
  ),
  onlyWithMessages(({ rule, ruleId, personId }) =>
    isHeldOut({ ruleId, personId, share: rule.holdout })
      ? withheld('holdout', 'Held out, to compare with those who are written to.')
      : undefined,
  ),
  onlyWithMessages(({ rule, lastMessageAtMs, nowMs }) =>
    lastMessageAtMs !== null && nowMs - lastMessageAtMs < durationMs(rule.perPersonCap)
      ? withheld(
          'person-cap',
          `There is a message about this person for ${iso(lastMessageAtMs)}; the cap is ${rule.perPersonCap}.`,
        )
      : undefined,
  ),
  onlyWithMessages(({ rule, usableEndpoints }) =>
    rule.followUps.some(({ endpoint }) => usableEndpoints.has(endpoint))
      ? undefined
      : withheld('endpoint-disabled', 'None of the endpoints of this rule is on and takes this message.'),
  ),
];

/** Messages that would fall into quiet hours wait for their end. */
function planMessages({ rule, nowMs, timezone, usableEndpoints }: DueCase): Verdict {
  const usable = rule.followUps.flatMap(({ after, endpoint }, index) =>
    usableEndpoints.has(endpoint)
      ? [{ followUp: index + 1, endpointId: endpoint, plannedMs: nowMs + durationMs(after) }]
      : [],
  );
  const messages = usable.flatMap(({ plannedMs, ...message }) => {
    const atMs = rule.quietHours ? quietUntil(plannedMs, { quietHours: rule.quietHours, timezone }) : plannedMs;
    return atMs === null ? [] : [{ ...message, atMs }];
  });
  if (usable.length > 0 && messages.length === 0) {
    return withheld('quiet-hours', 'The quiet hours of this rule never end.');
  }
  const first = messages[0];
  const isDeferred = first !== undefined && first.atMs !== usable[0]?.plannedMs;
  return {
    kind: 'abandoned',
    messages,
    note: [
      `Not completed within ${rule.wait}.`,
      messages.length === 0 ? 'The rule sends no message.' : '',
      isDeferred ? `Quiet hours: the message waits until ${iso(first.atMs)}.` : '',
    ]
      .filter(Boolean)
      .join(' '),
  };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
