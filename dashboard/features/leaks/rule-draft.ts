import type { RuleKind } from '../../../collector/contract/names.ts';
import type { BacktestAnswer, Rule, RuleRemark } from '../../../collector/contract/rule.ts';
import { formatDuration, formatMoney, formatRate, plural } from '../../format.ts';
import { askableMatch } from '../funnels/data.ts';

type Quiet = NonNullable<Rule['quietHours']>;
/** A rule as the editor holds it: with half-written matches, before it is checked. */
export type DraftRule = Omit<Rule, 'key' | 'quietHours'> & { key?: string | undefined; quietHours?: Quiet | undefined };
export type Weekday = Quiet['days'][number];

/** The waits that fit the kinds; the same as the server's, which a test compares. */
export const kindWaits: Record<RuleKind, string> = {
  browse: '24h',
  form: '30m',
  booking: '60m',
  quote: '60m',
  cart: '4h',
  checkout: '4h',
  custom: '60m',
};

/** What the kind is about, and why its wait is what it is. */
export const kindHelp: Record<RuleKind, string> = {
  browse: 'Looked at something and did nothing. People compare overnight, so it waits a day.',
  form: 'Began a form and did not send it. A form is part of one visit, so half an hour is enough.',
  booking: 'Began a booking and did not finish it. An hour leaves time to look into a calendar.',
  quote: 'Asked for a quote and stopped. An hour leaves time to look something up.',
  cart: 'Put something into a cart. Orders can reach your shop system hours late, so it waits four hours.',
  checkout: 'Began to pay. Orders can reach your shop system hours late, so it waits four hours.',
  custom: 'Anything else that shows that somebody means it.',
};

/** A rule to start from; nothing is stored before "Save". The other numbers are the server's defaults. */
export const blankRule: DraftRule = {
  name: '',
  kind: 'custom',
  intent: { event: '' },
  complete: [{ event: '' }],
  wait: kindWaits.custom,
  audience: 'anyone',
  cooldown: '7d',
  perPersonCap: '16h',
  recoveryWindow: '7d',
  holdout: 0,
  followUps: [],
  enabled: true,
};

/** Only the fields of a rule, without what the server adds. */
export function toDraft(rule: DraftRule): Rule {
  const { name, kind, intent, complete, wait, audience, cooldown, perPersonCap, recoveryWindow, holdout } = rule;
  return {
    name,
    kind,
    intent,
    ...(rule.key === undefined ? {} : { key: rule.key }),
    complete,
    wait,
    audience,
    cooldown,
    perPersonCap,
    recoveryWindow,
    holdout,
    ...(rule.quietHours === undefined ? {} : { quietHours: rule.quietHours }),
    followUps: rule.followUps,
    enabled: rule.enabled,
  };
}

/** Another kind brings its wait along, unless somebody has chosen a wait of their own. */
export function withKind(draft: DraftRule, kind: RuleKind): DraftRule {
  return { ...draft, kind, wait: draft.wait === kindWaits[draft.kind] ? kindWaits[kind] : draft.wait };
}

export const usualQuietHours: Quiet = { from: '21:00', to: '09:00', days: [], zone: 'site' };

export const weekdayNames: Record<Weekday, string> = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
};

const isWritten = (match: Rule['intent']) => Boolean(match.event?.trim() || match.path?.trim());

/** Whether there is enough of it to ask the server about it. */
export function isAskable(draft: DraftRule): boolean {
  return (
    isWritten(draft.intent) &&
    draft.complete.some(isWritten) &&
    /^[1-9]/.test(draft.wait) &&
    draft.followUps.every((one) => one.endpoint !== '')
  );
}

/** What is missing before a rule can be saved, by its place; empty where it is ready. */
export function ruleProblems(rule: Pick<Rule, 'name' | 'intent' | 'complete' | 'wait' | 'followUps'>): RuleRemark[] {
  return [
    ...(rule.name.trim() === '' ? [{ path: 'name', message: 'Give the rule a name.' }] : []),
    ...(isWritten(rule.intent) ? [] : [{ path: 'intent', message: 'Choose the page or event that shows intent.' }]),
    ...(rule.complete.some(isWritten)
      ? []
      : [{ path: 'complete', message: 'Choose at least one page or event that means it was finished.' }]),
    ...(/^[1-9]/.test(rule.wait) ? [] : [{ path: 'wait', message: 'Wait at least one second.' }]),
    ...rule.followUps.flatMap((one, index) =>
      one.endpoint === '' ? [{ path: `followUps.${index}.endpoint`, message: 'Choose where it goes.' }] : [],
    ),
  ];
}

/** The body of a save: half-written completions and properties left out. */
export function askableRule(rule: DraftRule): Rule {
  return {
    ...toDraft(rule),
    name: rule.name.trim(),
    intent: askableMatch(rule.intent),
    complete: rule.complete.filter(isWritten).map(askableMatch),
  };
}

/** The body of a question about a rule that may have no name yet. */
export function questionRule(rule: DraftRule): Rule {
  const asked = askableRule(rule);
  return { ...asked, name: asked.name || 'New rule' };
}

/** What is said about one place, or a place within it, in one text; undefined where nothing is. */
export function remarksAt(remarks: readonly RuleRemark[], place: string): string | undefined {
  const found = remarks.filter(({ path }) => path === place || path.startsWith(`${place}.`));
  return found.length === 0 ? undefined : found.map(({ message }) => message).join(' ');
}

/** Remarks about places that the form does not show, so that none is lost. */
export function remarksElsewhere(remarks: readonly RuleRemark[], places: readonly string[]): RuleRemark[] {
  return remarks.filter(({ path }) => !places.some((place) => path === place || path.startsWith(`${place}.`)));
}

/** The advice about the address of the request is for programs; here a box says the same. */
export function forPeople(remark: RuleRemark): RuleRemark {
  return { ...remark, message: remark.message.replace(/, or save the rule with \?unknown=allow.*$/, '.') };
}

/** The completions as the server numbers them: those that are half written are not sent. */
export function sentPlace(complete: Rule['complete'], index: number): number {
  return complete.slice(0, index).filter(isWritten).length;
}

export interface BacktestLine {
  name: string;
  count: number;
  help: string;
}

/** What became of the cases of a backtest. Together the lines are all its cases. */
export function backtestLines(answer: BacktestAnswer): BacktestLine[] {
  const others = Object.entries(answer.withheld)
    .filter(([reason]) => reason !== 'cooldown' && reason !== 'person-cap' && reason !== 'completed')
    .reduce((sum, [, count]) => sum + count, 0);
  const lines = [
    {
      name: 'Would have fired',
      count: answer.wouldFire,
      help: 'Nothing against it: these are the people you would write to.',
    },
    {
      name: 'Finished by themselves',
      count: answer.selfRecovered,
      help: 'Finished within the wait. No message needed.',
    },
    { name: 'Cooled down', count: answer.cooledDown, help: 'Had a case of this rule not long ago.' },
    { name: 'Capped', count: answer.capped, help: 'Had a message of some rule not long ago.' },
    { name: 'Held back otherwise', count: others, help: 'Not known, no consent, held out, or no person.' },
    { name: 'Still waiting', count: answer.waiting, help: 'The wait was not over at the end.' },
  ];
  return lines.filter(({ count }, index) => index < 4 || count > 0);
}

/** A backtest in one or two sentences. */
export function backtestSentence(answer: BacktestAnswer, days: number): string {
  const { cases, wouldFire, recoveredLater, value, currency, sample } = answer;
  const about = sample > 1 ? 'about ' : '';
  if (cases === 0) return `Nobody showed this intent in the last ${plural(days, 'day')}.`;
  const money = wouldFire > 0 && value > 0 ? `, worth ${formatMoney(Math.round(value), currency) ?? ''}` : '';
  const later =
    recoveredLater > 0
      ? ` ${about === '' ? '' : 'About '}${plural(recoveredLater, 'of them', 'of them')} finished later all the same.`
      : '';
  return `Of ${about}${plural(cases, 'case')} in the last ${plural(days, 'day')} it would have fired for ${about}${plural(wouldFire, 'case')}${money}.${later}`;
}

/** Points of the wait curve in a box of 100 × 100, from the upper left corner: waits at equal distances, as they are chosen. */
export function curvePoints(
  curve: BacktestAnswer['waitCurve'],
): { x: number; y: number; wait: string; finished: number }[] {
  const last = Math.max(1, curve.length - 1);
  return curve.map(({ wait, finished }, index) => ({
    x: (100 * index) / last,
    y: 100 - 100 * finished,
    wait,
    finished,
  }));
}

/** "+4 points (between +1 and +7)". */
export function differenceWords({ rate, low, high }: { rate: number; low: number; high: number }): string {
  const points = (value: number) => `${value >= 0 ? '+' : '−'}${formatRate(Math.abs(value)).replace('%', '')}`;
  return `${points(rate)} percentage points, between ${points(low)} and ${points(high)} in 95 of 100 cases`;
}

/** What changed between two versions of a rule, in words; empty where only its place among the versions did. */
export function changesOf(before: Rule | undefined, after: Rule): string[] {
  if (!before) return ['First version'];
  const names: Partial<Record<keyof Rule, string>> = {
    name: 'name',
    kind: 'kind',
    intent: 'intent',
    complete: 'what counts as finished',
    key: 'one case per',
    audience: 'who is written to',
    quietHours: 'quiet hours',
    followUps: 'messages',
  };
  const durations: Partial<Record<keyof Rule, string>> = {
    wait: 'wait',
    cooldown: 'cool-down',
    perPersonCap: 'cap per person',
    recoveryWindow: 'recovery window',
  };
  const differs = (field: keyof Rule) => JSON.stringify(before[field]) !== JSON.stringify(after[field]);
  return [
    ...(differs('enabled') ? [after.enabled ? 'switched on' : 'switched off'] : []),
    ...Object.entries(durations).flatMap(([field, name]) =>
      differs(field as keyof Rule)
        ? [
            `${name} ${formatDuration(String(before[field as keyof Rule]))} → ${formatDuration(String(after[field as keyof Rule]))}`,
          ]
        : [],
    ),
    ...(differs('holdout') ? [`held out ${formatRate(before.holdout)} → ${formatRate(after.holdout)}`] : []),
    ...Object.entries(names).flatMap(([field, name]) => (differs(field as keyof Rule) ? [name] : [])),
  ];
}
