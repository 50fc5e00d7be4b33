import { describe, expect, it } from 'vitest';
import { type BacktestAnswer, rule, waitOfKind } from '../../collector/contract/rule.ts';
import { followUpWords } from '../../dashboard/features/leaks/data.ts';
import {
  askableRule,
  backtestLines,
  backtestSentence,
  blankRule,
  changesOf,
  curvePoints,
  differenceWords,
  forPeople,
  isAskable,
  kindWaits,
  questionRule,
  remarksAt,
  remarksElsewhere,
  ruleProblems,
  sentPlace,
  toDraft,
  withKind,
} from '../../dashboard/features/leaks/rule-draft.ts';
import { caseFigures, sparkline } from '../../dashboard/features/overview/leaks-line-data.ts';

const booking = {
  ...blankRule,
  name: 'Booking',
  intent: { path: '/book' },
  complete: [{ event: '' }, { event: 'done' }],
};

describe('a rule that is being written', () => {
  it('starts with what the server would fill in', () => {
    expect(kindWaits).toEqual(waitOfKind);
    const { enabled: _, ...filled } = rule.parse({ name: 'x', intent: { event: 'a' }, complete: [{ event: 'b' }] });
    expect({ ...blankRule, name: 'x', intent: { event: 'a' }, complete: [{ event: 'b' }] }).toMatchObject(filled);
  });

  it('names what is missing, at its place', () => {
    expect(ruleProblems(blankRule).map(({ path }) => path)).toEqual(['name', 'intent', 'complete']);
    expect(ruleProblems(booking)).toEqual([]);
    expect(ruleProblems({ ...booking, wait: '0m', followUps: [{ after: '0s', endpoint: '' }] })).toEqual([
      { path: 'wait', message: 'Wait at least one second.' },
      { path: 'followUps.0.endpoint', message: 'Choose where it goes.' },
    ]);
    expect(isAskable(blankRule)).toBe(false);
    expect(isAskable(booking)).toBe(true);
  });

  it('sends only what is written, and nothing that the server has added', () => {
    expect(askableRule(booking).complete).toEqual([{ event: 'done' }]);
    expect(questionRule({ ...booking, name: ' ' }).name).toBe('New rule');
    const stored = { ...rule.parse(askableRule(booking)), id: 'rul_1', version: 3, createdAt: '', updatedAt: '' };
    expect(Object.keys(toDraft(stored))).not.toContain('version');
    expect(rule.safeParse(toDraft(stored)).success).toBe(true);
  });

  it('takes the wait of another kind, but not over a wait that somebody chose', () => {
    expect(withKind(booking, 'checkout').wait).toBe('4h');
    expect(withKind({ ...booking, wait: '35m' }, 'checkout').wait).toBe('35m');
  });

  it('shows each remark once, at its place or at the top', () => {
    const remarks = [
      { path: 'complete.0.event', message: 'One.' },
      { path: 'complete.1.event', message: 'Two.' },
      { path: 'perPersonCap', message: 'Three.' },
    ];
    expect(remarksAt(remarks, 'complete.1')).toBe('Two.');
    expect(remarksAt(remarks, 'complete')).toBe('One. Two.');
    expect(remarksAt(remarks, 'intent')).toBeUndefined();
    expect(remarksElsewhere(remarks, ['complete'])).toEqual([remarks[2]]);
    // The empty first completion is not sent, so the server's first is the second of the form.
    expect(sentPlace(booking.complete, 1)).toBe(0);
    expect(
      forPeople({
        path: 'intent.event',
        message: 'No event x. Check the name, or save the rule with ?unknown=allow where the event is yet to come.',
      }).message,
    ).toBe('No event x. Check the name.');
  });

  it('says what it sends', () => {
    const followUps = [
      { after: '0s', endpoint: 'end_1' },
      { after: '24h', endpoint: 'end_2' },
    ];
    expect(followUpWords({ followUps }, (id) => (id === 'end_1' ? 'Make' : 'CRM'))).toBe(
      '2 messages: Make at once, CRM after 24 hours.',
    );
    expect(followUpWords({ followUps: [] }, String)).toBe('Kept as a case, nothing is sent.');
  });

  it('says what changed between two versions', () => {
    const before = toDraft(booking);
    expect(changesOf(undefined, before)).toEqual(['First version']);
    expect(changesOf(before, { ...before, wait: '35m', holdout: 0.1, enabled: false, name: 'Bookings' })).toEqual([
      'switched off',
      'wait 60 minutes → 35 minutes',
      'held out 0% → 10%',
      'name',
    ]);
    expect(changesOf(before, before)).toEqual([]);
  });
});

const backtest: BacktestAnswer = {
  from: '2026-09-01T00:00:00Z',
  to: '2026-10-01T00:00:00Z',
  sample: 1,
  intents: 50,
  people: 38,
  cases: 40,
  wouldFire: 12,
  messages: 24,
  recoveredLater: 3,
  selfRecovered: 20,
  cooledDown: 4,
  capped: 1,
  withheld: { cooldown: 4, 'person-cap': 1, 'not-identified': 2 },
  waiting: 1,
  value: 900,
  currency: 'EUR',
  waitCurve: [
    { wait: '5m', finished: 0.5 },
    { wait: '30m', finished: 0.9 },
    { wait: '60m', finished: 1 },
  ],
  finishers: 23,
  suggestedWait: '30m',
  sentence: 'At 30 min 90% of those who finish have finished.',
  examples: [],
  elapsedMs: 5,
  rowsRead: 100,
};

describe('a backtest', () => {
  it('accounts for every case', () => {
    const lines = backtestLines(backtest);
    // 12 + 20 + 4 + 1 + 2 + 1
    expect(lines.reduce((sum, { count }) => sum + count, 0)).toBe(40);
    expect(lines.map(({ name }) => name)).toEqual([
      'Would have fired',
      'Finished by themselves',
      'Cooled down',
      'Capped',
      'Held back otherwise',
      'Still waiting',
    ]);
  });

  it('is told in a sentence', () => {
    expect(backtestSentence(backtest, 30)).toBe(
      'Of 40 cases in the last 30 days it would have fired for 12 cases, worth €900. 3 of them finished later all the same.',
    );
    expect(backtestSentence({ ...backtest, sample: 10 }, 30)).toMatch(
      /^Of about 40 cases .* for about 12 cases.* About 3/,
    );
    expect(backtestSentence({ ...backtest, cases: 0 }, 7)).toBe('Nobody showed this intent in the last 7 days.');
  });

  it('is drawn with the shortest wait at the left and everybody at the top', () => {
    expect(curvePoints(backtest.waitCurve).map(({ x, y }) => [x, Math.round(y)])).toEqual([
      [0, 50],
      [50, 10],
      [100, 0],
    ]);
  });
});

it('a holdout difference: signed points with its interval', () => {
  expect(differenceWords({ rate: 0.12, low: -0.02, high: 0.26 })).toBe(
    '+12 percentage points, between −2 and +26 in 95 of 100 cases',
  );
});

describe('the line of the overview', () => {
  it('opens each number as the list it counts', () => {
    expect(caseFigures.map(({ field, reached }) => [field, reached])).toEqual([
      ['abandoned', 'abandoned'],
      ['notified', 'notified'],
      ['recovered', 'recovered'],
      ['recoveredValue', 'recovered'],
    ]);
  });

  it('draws the highest day at the top and nothing at the bottom', () => {
    expect(sparkline([0, 2, 1])).toBe('0,100 50,0 100,50');
    expect(sparkline([0, 0])).toBe('0,100 100,100');
    expect(sparkline([])).toBe('');
  });
});
