import type {
  Balance,
  BalanceSource,
  BalanceTerm,
  WeeklyAnswer,
  WeeklyCount,
} from '../../../collector/contract/balance.ts';
import type { LeakReason } from '../../../collector/contract/leads.ts';
import type { Channel } from '../../../collector/contract/names.ts';
import { formatCount, formatDay } from '../../format.ts';
import { channelNames } from '../leads/words.ts';
import { addDays, dateIn } from '../range/data.ts';

export type Term = BalanceSource | BalanceTerm;

export const sourceTerms: BalanceSource[] = ['new', 'back', 'carried'];
export const endTerms: BalanceTerm[] = ['won', 'lost', 'nurture', 'progress', 'leaking'];

export const termNames: Record<Term, string> = {
  new: 'Came in',
  back: 'Came back',
  carried: 'Carried over',
  won: 'Won',
  lost: 'Lost',
  nurture: 'Nurture',
  progress: 'In progress',
  leaking: 'Leaking',
};

export const termHelp: Record<Term, string> = {
  new: 'Leads that came in this week.',
  back: 'Were won or lost before, and came back this week.',
  carried: 'Were open when the week began.',
  won: 'Became customers.',
  lost: 'Given up, with a reason.',
  nurture: 'Not ready yet. They wake up by a date or by what they do.',
  progress: 'Somebody has them, with a date that lies ahead.',
  leaking: 'No owner, no next step, overdue, not answered in time, or nothing heard for long.',
};

/** What leaks, shortly. */
export const leakReasonNames: Record<LeakReason, string> = {
  'no-owner': 'No owner',
  'no-next-step': 'No next step',
  'next-step-passed': 'Date passed',
  'clock-ran-out': 'Not answered in time',
  stale: 'Nothing heard for long',
};

/** The balance as one sentence, whatever it says. */
export function balanceSentence(balance: Balance): string {
  const sum = (terms: readonly Term[]) => terms.reduce((total, term) => total + balance[term], 0);
  const [left, right] = [sum(sourceTerms), sum(endTerms)];
  if (left !== right)
    return `${formatCount(left)} leads began the week and ${formatCount(right)} are found. Something is wrong.`;
  if (left === 0) return 'There was no lead in this week.';
  return `${formatCount(left)} = ${formatCount(right)}: every lead of this week is accounted for.`;
}

/** What a number of the week is called where its names are listed. */
export const countNames: Record<WeeklyCount, string> = {
  in: 'came in',
  reached: 'were reached',
  appointments: 'have an appointment',
  proposals: 'have a proposal',
  closed: 'were closed',
};

export const weeklyCounts: WeeklyCount[] = ['in', 'reached', 'appointments', 'proposals', 'closed'];

/** The answer to each of the six questions, in their order. */
export function weeklyAnswers(weekly: WeeklyAnswer): { question: string; count: WeeklyCount | null }[] {
  return [
    ...weeklyCounts.map((count) => ({ question: weekly.questions[count], count })),
    { question: weekly.questions.from, count: null },
  ];
}

/** "google (Search ads)", "Trade show"; the channel alone where no source is known. */
export function originName(source: string, channel: string): string {
  const by = channelNames[channel as Channel] ?? channel;
  if (source === '' || source === channel) return by || 'Not known';
  return by === '' ? source : `${source} (${by})`;
}

/** `2026-W36` of a date; ISO 8601: the week that holds its Thursday. */
export function weekOf(date: string): string {
  const day = new Date(`${date}T00:00:00Z`);
  const thursday = addDays(date, 4 - (day.getUTCDay() || 7));
  const firstDay = Date.parse(`${thursday.slice(0, 4)}-01-01T00:00:00Z`);
  const number = Math.floor((Date.parse(`${thursday}T00:00:00Z`) - firstDay) / (7 * 86_400_000)) + 1;
  return `${thursday.slice(0, 4)}-W${String(number).padStart(2, '0')}`;
}

/** The Monday of a week. */
export function mondayOf(week: string): string {
  const [, year = '1970', number = '1'] = /^(\d{4})-W(\d{2})$/.exec(week) ?? [];
  // 4 January always lies in the first week.
  const fourth = `${year}-01-04`;
  const weekday = new Date(`${fourth}T00:00:00Z`).getUTCDay() || 7;
  return addDays(fourth, 1 - weekday + (Number(number) - 1) * 7);
}

export const weekBefore = (week: string): string => weekOf(addDays(mondayOf(week), -7));
export const weekAfter = (week: string): string => weekOf(addDays(mondayOf(week), 7));
export const thisWeek = (timezone: string, now: number): string => weekOf(dateIn(timezone, now));

/** "7 to 13 Sept 2026 (week 37)". */
export function weekName(week: string): string {
  const monday = mondayOf(week);
  return `${formatDay(monday)} to ${formatDay(addDays(monday, 6), '')}, week ${Number(week.slice(6))}`;
}

/** Which number of the week is open. */
export interface WeekSearch {
  week?: string | undefined;
  /** A term of the balance. */
  of?: Term | undefined;
  reason?: LeakReason | undefined;
  /** One of the six numbers. */
  count?: WeeklyCount | undefined;
  source?: string | undefined;
  channel?: string | undefined;
  /** A group of those who went silent: `channel kind`. */
  silent?: string | undefined;
}

const isOneOf = <Name extends string>(names: Record<Name, unknown>, value: unknown): value is Name =>
  typeof value === 'string' && Object.hasOwn(names, value);

/** Reads the address; what does not fit is left out. */
export function parseWeekSearch(search: Record<string, unknown>): WeekSearch {
  return {
    ...(typeof search.week === 'string' && /^\d{4}-W\d{2}$/.test(search.week) ? { week: search.week } : {}),
    ...(isOneOf(termNames, search.of) ? { of: search.of } : {}),
    ...(isOneOf(leakReasonNames, search.reason) ? { reason: search.reason } : {}),
    ...(isOneOf(countNames, search.count) ? { count: search.count } : {}),
    ...(typeof search.source === 'string' ? { source: search.source } : {}),
    ...(typeof search.channel === 'string' ? { channel: search.channel } : {}),
    ...(typeof search.silent === 'string' ? { silent: search.silent } : {}),
  };
}
