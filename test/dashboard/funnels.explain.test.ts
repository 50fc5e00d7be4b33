import { describe, expect, it } from 'vitest';
import type { FunnelStepResult } from '../../collector/contract/funnel.ts';
import { toCsv } from '../../dashboard/csv.ts';
import { biggestLeak, funnelBars, leakSentence, resultHint } from '../../dashboard/features/funnels/data.ts';
import {
  moneyWords,
  paceWords,
  ruleOfDrop,
  stepChange,
  sureWords,
  timeBars,
  timesSentence,
  trendInterval,
  trendPoints,
  trendSentence,
  whyLines,
} from '../../dashboard/features/funnels/explain.ts';
import { allPages, personLabel, personRow } from '../../dashboard/features/funnels/people.ts';
import { parseFunnelSearch } from '../../dashboard/features/funnels/search.ts';

function step(index: number, count: number, of: number, more: Partial<FunnelStepResult> = {}): FunnelStepResult {
  return {
    index,
    name: `step ${index}`,
    count,
    rateFromFirst: of === 0 ? 0 : count / of,
    rateFromPrevious: 1,
    dropped: 0,
    secondsFromPrevious: null,
    value: null,
    ...more,
  };
}

const ana = {
  id: '12345678901234567890',
  visitor: '12345678901234567890',
  stoppedAt: '2026-09-01T10:00:00.000Z',
  reached: 1,
  lastPath: '/prices',
  source: '',
  country: 'DE',
  device: 'mobile',
};

describe('a step against the time before', () => {
  it('says how many more or fewer came, and how its share moved', () => {
    // 30 of 100 is 30%, 20 of 80 is 25%.
    expect(stepChange(step(2, 30, 100), step(2, 20, 80))).toBe('10 more than before (20), share +5 points');
    expect(stepChange(step(2, 20, 100), step(2, 30, 100))).toBe('10 fewer than before (30), share −10 points');
    expect(stepChange(step(1, 100, 100), step(1, 100, 100))).toBe('as many as before');
    expect(stepChange(step(1, 100, 100), undefined)).toBeNull();
  });
});

describe('times to go on', () => {
  const paid = step(2, 10, 20, {
    secondsFromPrevious: { p50: 125, p90: 4_800, avg: 900 },
    // Nobody took less than a second: the bars begin after it.
    times: [
      { from: 0, to: 1, count: 0 },
      { from: 1, to: 60, count: 2 },
      { from: 60, to: 300, count: 6 },
      { from: 300, to: null, count: 2 },
    ],
  });

  it('are a median, and what nine of ten need', () => {
    expect(paceWords(paid)).toBe('half go on within 2m 05s, 9 of 10 within 1h 20m');
    expect(paceWords(step(2, 0, 20))).toBeNull();
  });

  it('are bars as tall as their share of the tallest, and one sentence', () => {
    const bars = timeBars(paid);
    expect(bars.map(({ label, height }) => [label, height])).toEqual([
      ['1s to 1m 00s', 2 / 6],
      ['1m 00s to 5m 00s', 1],
      ['5m 00s or more', 2 / 6],
    ]);
    expect(timesSentence(bars)).toBe('Most often 1m 00s to 5m 00s: 6 of 10.');
    expect(timesSentence(timeBars(step(1, 3, 3)))).toBeNull();
  });
});

describe('money', () => {
  it('is worth and loss where it is known, and nothing where it is not', () => {
    expect(moneyWords(step(2, 4, 8, { value: 480, moneyAtRisk: 119.6 }), 'EUR')).toBe(
      'worth €480, about €120 lost after it',
    );
    expect(moneyWords(step(2, 4, 8, { moneyAtRisk: null }), 'EUR')).toBeNull();
  });
});

describe('the rate over time', () => {
  it('breaks where nobody entered, and names the best and the worst day', () => {
    const points = trendPoints(
      [
        { at: '2026-09-01T00:00:00Z', steps: [step(1, 10, 10), step(2, 4, 10)] },
        { at: '2026-09-02T00:00:00Z', steps: [step(1, 0, 0), step(2, 0, 0)] },
        { at: '2026-09-03T00:00:00Z', steps: [step(1, 10, 10), step(2, 2, 10)] },
      ],
      { interval: 'day', timezone: 'UTC' },
    );
    expect(points.map(({ value }) => value)).toEqual([0.4, null, 0.2]);
    expect(trendSentence(points)).toMatch(/^Highest: 40% \(Tue.*Lowest: 20% \(Thu/);
    expect(trendSentence([])).toBe('Nobody entered this funnel in this range.');
  });

  it('has hours for a day, days for a quarter, weeks for a year', () => {
    expect(trendInterval({ from: '2026-09-01', to: '2026-09-02' })).toBe('hour');
    expect(trendInterval({ from: '2026-06-01', to: '2026-09-01' })).toBe('day');
    expect(trendInterval({ from: '2025-09-01', to: '2026-09-01' })).toBe('week');
    expect(trendInterval({ from: '2023-09-01', to: '2026-09-01' })).toBe('month');
  });
});

describe('why people left', () => {
  it('is told with shares, how many times as frequent, and how sure', () => {
    const lines = whyLines({
      compared: 12,
      items: [
        // 30 of 40 left with a phone, 20 of 80 went on with one: three times as frequent.
        {
          dimension: 'device',
          value: 'mobile',
          droppedWith: 30,
          dropped: 40,
          wentOnWith: 20,
          wentOn: 80,
          ratio: 3,
          significance: 0.0001,
        },
        {
          dimension: 'prop:plan',
          value: 'pro',
          droppedWith: 5,
          dropped: 40,
          wentOnWith: 20,
          wentOn: 80,
          ratio: 0.5,
          significance: 0.03,
        },
      ],
    });
    expect(lines.map(({ what, left, wentOn, times, sure }) => [what, left, wentOn, times, sure])).toEqual([
      [
        'Device is Mobile',
        '75% (30 of 40)',
        '25% (20 of 80)',
        '3.0× as frequent among those who left',
        'Practically certain',
      ],
      ['plan is pro', '13% (5 of 40)', '25% (20 of 80)', '2.0× as frequent among those who went on', 'Likely real'],
    ]);
    expect(sureWords(0.2)).toBe('May be chance');
  });
});

describe('a rule of a drop-off', () => {
  const steps = [
    { match: { path: '/prices' } },
    { match: { event: 'help_opened' }, optional: true },
    { match: { event: 'booking_start' }, name: 'Booking' },
  ];

  it('watches for the step and expects the next required one, switched off', () => {
    expect(ruleOfDrop(steps, 1, '90d')).toEqual({
      name: '/prices without Booking',
      intent: { path: '/prices' },
      complete: [{ event: 'booking_start' }],
      wait: '30d',
      enabled: false,
    });
  });

  it('cannot be made of the last step', () => {
    expect(ruleOfDrop(steps, 3, '24h')).toBeNull();
  });
});

describe('an optional step', () => {
  const steps = [step(1, 100, 100, { dropped: 40 }), step(2, 10, 100), step(3, 60, 100)];
  const optional = new Set([2]);

  it('loses nobody, and the step after it is measured against the one before it', () => {
    expect(funnelBars(steps, optional).map(({ lostShare }) => lostShare)).toEqual([0, 0, 0.4]);
    expect(biggestLeak(steps, optional)?.to.name).toBe('step 3');
    expect(leakSentence(steps, 'lead', optional)).toBe(
      'Biggest leak: step 1 → step 3. 40 of 100 leads (40%) went no further; 60% went the whole way.',
    );
  });
});

describe('the list of people as a file', () => {
  it('holds every page', async () => {
    const pages = [
      { items: ['ana', 'ben'], next: '2', total: 3 },
      { items: ['cleo'], next: null, total: 3 },
    ];
    const asked: (string | null)[] = [];
    expect(
      await allPages(async (cursor) => {
        asked.push(cursor);
        return pages[Number(cursor ?? 1) - 1] ?? { items: [], next: null, total: 3 };
      }),
    ).toEqual(['ana', 'ben', 'cleo']);
    expect(asked).toEqual([null, '2']);
  });

  it('keeps long ids whole, and runs no formula that somebody gave as a name', () => {
    const evil = { ...ana, lead: { id: 'l1', name: '=HYPERLINK("http://evil.example")', email: 'ana@example.com' } };
    expect(toCsv([personRow(evil)]).split('\r\n')[1]).toBe(
      '\'12345678901234567890,"\'=HYPERLINK(""http://evil.example"")",ana@example.com,2026-09-01T10:00:00.000Z,1,/prices,direct,DE,mobile',
    );
  });

  it('calls people by name, else by e-mail, else by the end of their id', () => {
    expect(personLabel({ ...ana, lead: { id: 'l1', name: null, email: 'ana@example.com' } })).toBe('ana@example.com');
    expect(personLabel(ana)).toBe('…567890');
  });
});

describe('a funnel in the address', () => {
  it('is read back, and what does not fit is left out', () => {
    expect(
      parseFunnelSearch({
        steps: [{ match: { path: '/prices' } }],
        by: 'lead',
        order: 'strict',
        exclude: [{ match: { event: 'help_opened' } }, { match: {} }, null],
        breakdown: 'device',
        view: 'trend',
        drop: '2',
        tab: 'why',
      }),
    ).toEqual({
      steps: [{ match: { path: '/prices' } }],
      by: 'lead',
      order: 'strict',
      exclude: [{ match: { event: 'help_opened' } }],
      breakdown: 'device',
      view: 'trend',
      drop: 2,
      tab: 'why',
    });
    expect(parseFunnelSearch({ order: 'x', by: 'x', breakdown: 'x', view: 'x', drop: '0', exclude: [] })).toEqual({});
  });

  it('is explained with its order', () => {
    expect(resultHint('session', 'any')).toBe(
      'Each session counts once, at the deepest step reached. Steps may be taken in any order. The time runs from the first step.',
    );
  });
});
