import type { GoalReportAnswer, GoalResult } from '../../../collector/contract/goals.ts';
import type { Goal, StoredGoal } from '../../../collector/contract/manage.ts';
import type { BreakdownAnswer } from '../../../collector/contract/overview.ts';
import { formatRate, plural } from '../../format.ts';
import { askableMatch, isComplete } from '../funnels/data.ts';

/** A goal as it is being written; `value` is empty where a conversion has no worth of its own. */
export interface GoalDraft {
  name: string;
  match: Goal['match'];
  value: number | '';
}

export const blankGoal: GoalDraft = { name: '', match: { event: '' }, value: '' };

export function toDraft(goal: Goal): GoalDraft {
  return { name: goal.name, match: goal.match, value: goal.value ?? '' };
}

/** What is missing before a goal can be saved, by field; empty where it is ready. */
export function goalProblems(draft: GoalDraft): { name?: string; match?: string; value?: string } {
  return {
    ...(draft.name.trim() === '' ? { name: 'Give the goal a name.' } : {}),
    ...(isComplete({ match: draft.match }) ? {} : { match: 'Choose the page or event that counts.' }),
    ...(draft.value !== '' && draft.value < 0 ? { value: 'A value is zero or more.' } : {}),
  };
}

/** The body of a new goal. */
export function askableGoal(draft: GoalDraft): Goal {
  return {
    name: draft.name.trim(),
    match: askableMatch(draft.match),
    ...(draft.value === '' ? {} : { value: draft.value }),
  };
}

/** The body of a change: the whole goal, null where the value was taken away. */
export function goalPatch(goal: Goal): Omit<Goal, 'value'> & { value: number | null } {
  return { name: goal.name, match: goal.match, value: goal.value ?? null };
}

export interface GoalLine {
  goal: StoredGoal;
  result: GoalResult;
  /** The same goal in the range compared with; undefined without a comparison. */
  before: GoalResult | undefined;
}

/** Goals with what they are compared to, in the order in which they were set up. */
export function goalLines(answer: GoalReportAnswer): GoalLine[] {
  const before = new Map(answer.comparison?.goals.map(({ id, result }) => [id, result]));
  return answer.goals.map(({ goal, result }) => ({ goal, result, before: before.get(goal.id) }));
}

/** Change of a number against the comparison; null where there is nothing to compare with. */
export function changeOf(now: number, before: number | undefined): { text: string; good: boolean } | null {
  if (before === undefined || before === 0) return null;
  const rate = (now - before) / before;
  if (rate === 0) return { text: 'no change', good: true };
  return { text: `${rate > 0 ? '+' : '−'}${formatRate(Math.abs(rate))}`, good: rate > 0 };
}

/** The goals in one sentence. */
export function goalsSummary(answer: GoalReportAnswer): string {
  const best = answer.goals.reduce<GoalReportAnswer['goals'][number] | null>(
    (top, one) => (one.result.rate > (top?.result.rate ?? 0) ? one : top),
    null,
  );
  const visitors = plural(answer.visitors, 'visitor');
  if (!best) return `None of the ${visitors} reached a goal in this range.`;
  if (answer.goals.length === 1)
    return `${plural(best.result.units, 'visitor')} of ${visitors} reached “${best.goal.name}” (${formatRate(best.result.rate)}).`;
  return `Of ${visitors}, most reached “${best.goal.name}”: ${plural(best.result.units, 'visitor')} (${formatRate(best.result.rate)}).`;
}

/** The goals as a table, rates 0–1. */
export function goalRows(lines: GoalLine[]): Record<string, string | number | null>[] {
  return lines.map(({ goal, result, before }) => ({
    Goal: goal.name,
    Conversions: result.conversions,
    Visitors: result.units,
    Rate: result.rate,
    Value: result.value,
    ...(before
      ? { 'Conversions before': before.conversions, 'Visitors before': before.units, 'Rate before': before.rate }
      : {}),
  }));
}

/** The events as a table. */
export function eventRows(items: BreakdownAnswer['items']): Record<string, string | number | null>[] {
  return items.map((item) => ({
    Event: item.key,
    Visitors: item.visitors,
    Sessions: item.sessions,
    Times: item.events,
  }));
}
