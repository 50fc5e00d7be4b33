import { describe, expect, it } from 'vitest';
import type { GoalReportAnswer, GoalResult } from '../../collector/contract/goals.ts';
import type { StoredGoal } from '../../collector/contract/manage.ts';
import {
  askableGoal,
  blankGoal,
  changeOf,
  goalLines,
  goalPatch,
  goalProblems,
  goalRows,
  goalsSummary,
  toDraft,
} from '../../dashboard/features/goals/data.ts';

const booking: StoredGoal = {
  id: 'booking',
  name: 'Booking',
  match: { event: 'booking_done' },
  value: 80,
  createdAt: '2026-09-01T00:00:00Z',
};
const letter: StoredGoal = {
  id: 'letter',
  name: 'Newsletter',
  match: { path: '/thanks' },
  createdAt: '2026-09-02T00:00:00Z',
};

function result(conversions: number, units: number, visitors: number, value: number | null = null): GoalResult {
  return { conversions, units, rate: visitors === 0 ? 0 : units / visitors, value };
}

// Of 200 visitors 10 booked, two of them twice; 30 asked for the newsletter.
const answer: GoalReportAnswer = {
  visitors: 200,
  goals: [
    { goal: booking, result: result(12, 10, 200, 960) },
    { goal: letter, result: result(30, 30, 200) },
  ],
  comparison: {
    from: '2026-08-01',
    to: '2026-09-01',
    visitors: 100,
    goals: [{ id: 'booking', result: result(8, 8, 100) }],
  },
  elapsedMs: 1,
  rowsRead: 1,
};

describe('goals', () => {
  it('are compared by goal; one that is new has nothing to compare with', () => {
    const [first, second] = goalLines(answer);
    expect(first?.before?.conversions).toBe(8);
    expect(second?.before).toBeUndefined();
    // 12 against 8.
    expect(changeOf(12, 8)).toEqual({ text: '+50%', good: true });
    expect(changeOf(6, 8)).toEqual({ text: '−25%', good: false });
    expect(changeOf(6, 0)).toBeNull();
  });

  it('are told in one sentence', () => {
    expect(goalsSummary(answer)).toBe('Of 200 visitors, most reached “Newsletter”: 30 visitors (15%).');
    expect(goalsSummary({ ...answer, goals: answer.goals.slice(0, 1) })).toBe(
      '10 visitors of 200 visitors reached “Booking” (5%).',
    );
    expect(goalsSummary({ ...answer, goals: [{ goal: booking, result: result(0, 0, 200) }] })).toBe(
      'None of the 200 visitors reached a goal in this range.',
    );
  });

  it('name what is missing before they can be saved', () => {
    expect(Object.keys(goalProblems(blankGoal))).toEqual(['name', 'match']);
    expect(goalProblems(toDraft(booking))).toEqual({});
    expect(goalProblems({ ...toDraft(booking), value: -1 })).toEqual({ value: 'A value is zero or more.' });
  });

  it('are sent without what is half written; a value that was taken away is sent as null in a change', () => {
    expect(askableGoal({ name: ' Booking ', match: { event: 'booking_done', props: { '': 'x' } }, value: '' })).toEqual(
      {
        name: 'Booking',
        match: { event: 'booking_done' },
      },
    );
    expect(goalPatch(letter)).toEqual({ name: 'Newsletter', match: { path: '/thanks' }, value: null });
    expect(goalPatch(booking).value).toBe(80);
  });

  it('become a table with the numbers as they are', () => {
    expect(goalRows(goalLines(answer))).toEqual([
      {
        Goal: 'Booking',
        Conversions: 12,
        Visitors: 10,
        Rate: 0.05,
        Value: 960,
        'Conversions before': 8,
        'Visitors before': 8,
        'Rate before': 0.08,
      },
      { Goal: 'Newsletter', Conversions: 30, Visitors: 30, Rate: 0.15, Value: null },
    ]);
  });
});
