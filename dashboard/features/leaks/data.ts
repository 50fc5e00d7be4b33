import type { CaseState, RuleKind, SuppressReason } from '../../../collector/contract/names.ts';
import type { Rule } from '../../../collector/contract/rule.ts';
import { formatDuration } from '../../format.ts';
import { askableMatch, matchName } from '../funnels/data.ts';

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

/** Whom to call a case by: name, e-mail, or the last digits of the anonymous visitor. */
export function personName(one: { name: string | null; email: string | null; visitor: string }): string {
  return one.name ?? one.email ?? `Visitor …${one.visitor.slice(-5)}`;
}

/** What the editor shows. Other settings of a rule (quiet hours, hold-out …) keep their value, or the server's default. */
export type EditedRule = Pick<
  Rule,
  'name' | 'kind' | 'intent' | 'key' | 'complete' | 'wait' | 'audience' | 'cooldown' | 'followUps' | 'enabled'
>;

/** A rule to start from; the editor shows it, nothing is stored before "Save". */
export const blankRule: EditedRule = {
  name: '',
  kind: 'custom',
  intent: { event: '' },
  complete: [{ event: '' }],
  wait: '60m',
  audience: 'anyone',
  cooldown: '7d',
  followUps: [],
  enabled: false,
};

/** What is missing before a rule can be saved, by field; empty where it is ready. */
export function ruleProblems(rule: Pick<Rule, 'name' | 'intent' | 'complete' | 'wait' | 'followUps'>): {
  name?: string;
  intent?: string;
  complete?: string;
  wait?: string;
  followUps?: string;
} {
  const written = (match: Rule['intent']) => Boolean(match.event?.trim() || match.path?.trim());
  return {
    ...(rule.name.trim() === '' ? { name: 'Give the rule a name.' } : {}),
    ...(written(rule.intent) ? {} : { intent: 'Choose the page or event that shows intent.' }),
    ...(rule.complete.some(written)
      ? {}
      : { complete: 'Choose at least one page or event that means it was finished.' }),
    ...(/^[1-9]/.test(rule.wait) ? {} : { wait: 'Wait at least one second.' }),
    ...(rule.followUps.every((one) => one.endpoint !== '')
      ? {}
      : { followUps: 'Choose an endpoint for every message.' }),
  };
}

/** The body of a save: half-written completions and properties left out. */
export function askableRule(rule: EditedRule): EditedRule {
  return {
    ...rule,
    name: rule.name.trim(),
    intent: askableMatch(rule.intent),
    complete: rule.complete.filter((match) => match.event?.trim() || match.path?.trim()).map(askableMatch),
  };
}
