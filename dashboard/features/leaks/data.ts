import type { CaseCheck, WhyOutcome } from '../../../collector/contract/abandonment.ts';
import type { CaseCheckName, CaseState, RuleKind, SuppressReason } from '../../../collector/contract/names.ts';
import type { Rule } from '../../../collector/contract/rule.ts';
import { formatDuration, plural } from '../../format.ts';
import { matchName } from '../funnels/data.ts';

export const caseStateNames: Record<CaseState, string> = {
  waiting: 'Waiting',
  abandoned: 'Abandoned',
  notified: 'Followed up',
  recovered: 'Recovered',
  expired: 'Expired',
  suppressed: 'Not pursued',
};

export const caseStateHelp: Record<CaseState, string> = {
  waiting: 'Showed intent. The wait of the rule is still running.',
  abandoned: 'Did not finish within the wait. No message has gone out yet.',
  notified: 'A webhook went out, so your tools can follow up.',
  recovered: 'Came back and finished after all.',
  expired: 'Did not come back within the recovery time.',
  suppressed: 'Not acted upon, with a reason. Most of these simply finished in time.',
};

export const caseStateOrder: CaseState[] = ['waiting', 'abandoned', 'notified', 'recovered', 'expired', 'suppressed'];

export const suppressNames: Record<SuppressReason, string> = {
  completed: 'Finished in time',
  bot: 'Faster than a person can be',
  cooldown: 'Within the cooldown of an earlier case',
  'person-cap': 'Had a message recently',
  holdout: 'Held out, to measure what messages bring',
  'quiet-hours': 'Quiet hours',
  'not-identified': 'Nobody known to write to',
  'no-consent': 'No consent',
  'rule-disabled': 'Rule was switched off',
  'rule-deleted': 'Rule was deleted',
  'endpoint-disabled': 'Endpoint was switched off',
};

/** A reason from the history, in words; others are shown as they are. */
export function reasonName(reason: string | null): string | null {
  if (reason === null) return null;
  return Object.hasOwn(suppressNames, reason) ? suppressNames[reason as SuppressReason] : reason;
}

export const ruleKindNames: Record<RuleKind, string> = {
  browse: 'Browsing',
  form: 'Form',
  booking: 'Booking',
  quote: 'Quote',
  cart: 'Cart',
  checkout: 'Checkout',
  custom: 'Other',
};

/** A rule in one sentence. */
export function ruleSentence(rule: Pick<Rule, 'intent' | 'complete' | 'wait'>): string {
  const done = rule.complete.map(matchName).join(' or ');
  return `After ${matchName(rule.intent)}, without ${done} within ${formatDuration(rule.wait)}.`;
}

/** What a rule sends, where, and when. */
export function followUpWords({ followUps }: Pick<Rule, 'followUps'>, nameOf: (endpoint: string) => string): string {
  if (followUps.length === 0) return 'Kept as a case, nothing is sent.';
  const parts = followUps.map(
    ({ after, endpoint }) => `${nameOf(endpoint)} ${/^0/.test(after) ? 'at once' : `after ${formatDuration(after)}`}`,
  );
  return `${plural(followUps.length, 'message')}: ${parts.join(', ')}.`;
}

/** Whom to call a case by: name, e-mail, or the last digits of the anonymous visitor. */
export function personName(one: { name: string | null; email: string | null; visitor: string }): string {
  return one.name ?? one.email ?? `Visitor …${one.visitor.slice(-5)}`;
}

/** How far a case came, whatever became of it since. The numbers of the overview open as these lists. */
export const reachedNames: Record<'abandoned' | 'notified' | 'recovered', string> = {
  abandoned: 'abandoned at some time',
  notified: 'were written to',
  recovered: 'came back and finished',
};
export type Reached = keyof typeof reachedNames;

export const checkNames: Record<CaseCheckName, string> = {
  intent: 'Intent',
  arrival: 'Arrived in time',
  rule: 'Rule was on',
  wait: 'Wait is over',
  completion: 'Not finished',
  bot: 'A person',
  cooldown: 'Cool-down',
  identity: 'Somebody known',
  consent: 'Consent',
  endpoint: 'A receiver',
  'quiet-hours': 'Quiet hours',
  'person-cap': 'Not written to recently',
  holdout: 'Not held out',
  message: 'Message',
  recovery: 'Came back',
};

export const checkResults: Record<CaseCheck['result'], string> = {
  passed: 'Yes',
  stopped: 'Stopped here',
  waiting: 'Not decided yet',
  skipped: 'Not looked at',
};

export const whyOutcomes: Record<WhyOutcome, string> = {
  'no-intent': 'Never showed this intent',
  'no-case': 'No case',
  waiting: 'Still waiting',
  completed: 'Finished in time',
  withheld: 'Held back',
  planned: 'A message is planned',
  sent: 'A message went out',
  recovered: 'Came back and finished',
};
