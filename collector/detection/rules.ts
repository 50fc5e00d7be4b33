import type { CaseCheck } from '../contract/abandonment.ts';
import { limits } from '../contract/limits.ts';
import type { CaseCheckName, SuppressReason } from '../contract/names.ts';
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
  /** The site's, or the lead's where the rule asks for that. */
  timezone: string;
  /** When the intent was completed after all; null where it was not. */
  completedAtMs: number | null;
  /** Events of this rule that the person caused within any minute since the intent. */
  eventsInMinute: number;
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
  | { kind: 'suppressed'; reason: SuppressReason; note: string; isAbandoned: boolean; checks: CaseCheck[] }
  | { kind: 'abandoned'; messages: PlannedMessage[]; remark?: SuppressReason; note: string; checks: CaseCheck[] };

/** What becomes of a case whose wait is over. The first check that stops it decides; the others are listed as skipped. */
export function decideDue(due: DueCase): Verdict {
  const made: CaseCheck[] = [];
  let stop: (Stop & { check: CaseCheckName }) | undefined;
  for (const { check, look } of checks) {
    const at = iso(due.nowMs);
    if (stop) {
      made.push({ check, at: null, result: 'skipped', note: 'Decided before.' });
      continue;
    }
    const found = look(due);
    if (typeof found === 'string') made.push({ check, at, result: 'passed', note: found });
    else {
      stop = { ...found, check };
      made.push({ check, at, result: 'stopped', note: found.note });
    }
  }
  if (stop) {
    const { reason, note, isAbandoned } = stop;
    return { kind: 'suppressed', reason, note, isAbandoned, checks: made };
  }
  return { ...planMessages(due), checks: made };
}

/** More events of one rule than this in a minute are not caused by a person. */
const mostEventsInMinute = 60;

interface Stop {
  reason: SuppressReason;
  note: string;
  isAbandoned: boolean;
}

interface NamedCheck {
  check: CaseCheckName;
  /** A sentence where nothing is against the message, else what stops it. */
  look: (due: DueCase) => string | Stop;
}

const closed = (reason: SuppressReason, note: string): Stop => ({ reason, note, isAbandoned: false });
const withheld = (reason: SuppressReason, note: string): Stop => ({ reason, note, isAbandoned: true });

/** Reasons against a message count only where the rule would send one. */
const onlyWithMessages =
  (look: NamedCheck['look']): NamedCheck['look'] =>
  (due) =>
    due.rule.followUps.length === 0 ? 'The rule sends no message.' : look(due);

/**
 * In this order, and the holdout last: who is held out is then somebody who would have been written to, and can be compared with
 * those who are.
 */
const checks: readonly NamedCheck[] = [
  {
    check: 'rule',
    look: ({ ruleStatus }) => {
      if (ruleStatus === 'deleted') return closed('rule-deleted', 'The rule was deleted.');
      if (ruleStatus === 'disabled') return closed('rule-disabled', 'The rule was switched off.');
      return 'The rule is on.';
    },
  },
  {
    check: 'completion',
    look: ({ rule, completedAtMs }) =>
      completedAtMs === null
        ? `Not completed within ${rule.wait}.`
        : closed('completed', `Completed at ${iso(completedAtMs)}.`),
  },
  {
    check: 'bot',
    look: ({ eventsInMinute }) =>
      eventsInMinute > mostEventsInMinute
        ? closed(
            'bot',
            `${eventsInMinute} events of this rule within a minute: that is a program, not a person (the limit is ${mostEventsInMinute}).`,
          )
        : 'At the pace of a person. Known bots are not stored at all.',
  },
  {
    check: 'cooldown',
    look: ({ rule, lastAbandonedAtMs, nowMs }) => {
      if (lastAbandonedAtMs === null) return 'No earlier case of this rule for this person.';
      const earlier = `This rule had a case for this person at ${iso(lastAbandonedAtMs)}`;
      return nowMs - lastAbandonedAtMs < durationMs(rule.cooldown)
        ? closed('cooldown', `${earlier}; it rests for ${rule.cooldown}.`)
        : `${earlier}; its rest of ${rule.cooldown} is over.`;
    },
  },
  {
    check: 'identity',
    look: onlyWithMessages(({ rule, isIdentified }) => {
      if (isIdentified) return 'An e-mail address or a phone number is known.';
      return rule.audience === 'identified'
        ? withheld(
            'not-identified',
            'The rule writes only about people who have given an e-mail address or a phone number.',
          )
        : 'Nobody known to write to; the rule sends the message all the same.';
    }),
  },
  {
    check: 'consent',
    look: onlyWithMessages(({ rule, hasConsent }) => {
      if (hasConsent) return 'The person has consented.';
      return rule.audience === 'consented'
        ? withheld('no-consent', 'The rule writes only about people who have consented.')
        : 'No consent is known; the rule does not ask for it.';
    }),
  },
  {
    check: 'endpoint',
    look: onlyWithMessages(({ rule, usableEndpoints }) =>
      rule.followUps.some(({ endpoint }) => usableEndpoints.has(endpoint))
        ? 'There is an endpoint that is on and takes this message.'
        : withheld('endpoint-disabled', 'None of the endpoints of this rule is on and takes this message.'),
    ),
  },
  {
    check: 'quiet-hours',
    look: onlyWithMessages((due) => {
      const first = messagesOf(due)[0];
      if (!first) return withheld('quiet-hours', 'The quiet hours of this rule never end.');
      return first.atMs === first.plannedMs
        ? 'Not in quiet hours.'
        : `Quiet hours: the message waits until ${iso(first.atMs)}.`;
    }),
  },
  {
    check: 'person-cap',
    look: onlyWithMessages(({ rule, lastMessageAtMs, nowMs }) => {
      const capMs = durationMs(rule.perPersonCap);
      if (capMs === 0) return 'The rule has no cap.';
      if (lastMessageAtMs === null) return 'No other message about this person.';
      const other = `There is a message about this person for ${iso(lastMessageAtMs)}; the cap is ${rule.perPersonCap}`;
      return nowMs - lastMessageAtMs < capMs ? withheld('person-cap', `${other}.`) : `${other} and is over.`;
    }),
  },
  {
    check: 'holdout',
    look: onlyWithMessages(({ rule, ruleId, personId }) => {
      if (rule.holdout === 0) return 'Nobody is held out.';
      return isHeldOut({ ruleId, personId, share: rule.holdout })
        ? withheld('holdout', 'Held out, to compare with those who are written to.')
        : 'Not among those who are held out.';
    }),
  },
];

/** Messages that would fall into quiet hours wait for their end. */
function messagesOf({ rule, nowMs, timezone, usableEndpoints }: DueCase): (PlannedMessage & { plannedMs: number })[] {
  return rule.followUps.flatMap(({ after, endpoint }, index) => {
    if (!usableEndpoints.has(endpoint)) return [];
    const plannedMs = nowMs + durationMs(after);
    const atMs = rule.quietHours ? quietUntil(plannedMs, { quietHours: rule.quietHours, timezone }) : plannedMs;
    return atMs === null ? [] : [{ followUp: index + 1, endpointId: endpoint, atMs, plannedMs }];
  });
}

function planMessages(due: DueCase): Omit<Extract<Verdict, { kind: 'abandoned' }>, 'checks'> {
  const messages = messagesOf(due);
  const first = messages[0];
  const isDeferred = first !== undefined && first.atMs !== first.plannedMs;
  return {
    kind: 'abandoned',
    messages: messages.map(({ followUp, endpointId, atMs }) => ({ followUp, endpointId, atMs })),
    ...(isDeferred ? { remark: 'quiet-hours' as const } : {}),
    note: [
      `Not completed within ${due.rule.wait}.`,
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
