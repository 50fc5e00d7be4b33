import { describe, expect, it } from 'vitest';
import type { OverviewAnswer, Totals } from '../../collector/contract/overview.ts';
import {
  change,
  formatMetric,
  parseOverviewSearch,
  trendPoints,
  trendSummary,
} from '../../dashboard/features/overview/data.ts';

const totals = (visitors: number): Totals => ({
  visitors,
  sessions: visitors,
  pageviews: visitors * 2,
  events: visitors * 3,
  bounceRate: 0.4,
  sessionSeconds: 65,
  engagedSeconds: 20,
});

/** Days from 1 September 2026, in UTC. */
function days(...visitors: number[]): OverviewAnswer {
  return {
    interval: 'day',
    totals: totals(visitors.reduce((sum, count) => sum + count, 0)),
    series: visitors.map((count, index) => ({ at: `2026-09-0${index + 1}T00:00:00Z`, ...totals(count) })),
    elapsedMs: 1,
    rowsRead: 1,
  };
}

const utc = { metric: 'visitors', timezone: 'UTC' } as const;

describe('the chart of the overview', () => {
  it('draws the running day apart, joined to the day before', () => {
    const points = trendPoints(days(5, 7, 2), { ...utc, now: Date.parse('2026-09-03T10:00:00Z') });
    expect(points.map(({ value, running }) => [value, running])).toEqual([
      [5, null],
      [7, 7],
      [null, 2],
    ]);
  });

  it('leaves out days that have not begun, and draws a range in the past whole', () => {
    expect(trendPoints(days(5, 7, 0), { ...utc, now: Date.parse('2026-09-02T23:00:00Z') })).toHaveLength(2);
    const past = trendPoints(days(5, 7, 3), { ...utc, now: Date.parse('2026-10-01T00:00:00Z') });
    expect(past.every((point) => point.value !== null && point.running === null)).toBe(true);
  });

  it('lays the comparison over by position, with gaps where it is shorter', () => {
    const answer = {
      ...days(5, 7),
      comparison: { from: '2026-08-30', to: '2026-09-01', totals: totals(4), series: days(4).series },
    };
    const points = trendPoints(answer, { ...utc, now: Date.parse('2026-10-01T00:00:00Z') });
    expect(points.map((point) => point.previous)).toEqual([4, null]);
  });

  it('is told in one sentence', () => {
    const options = {
      ...utc,
      range: { from: '2026-09-01', to: '2026-09-04' },
      year: '2026',
      compare: 'previous',
    } as const;
    const answer = { ...days(5, 7, 3), comparison: { from: '', to: '', totals: totals(12), series: [] } };
    expect(trendSummary(answer, options)).toBe(
      '15 visitors from Sep 1 to Sep 3, 25% more than the period before. Highest: Wed, Sep 2 with 7.',
    );
    expect(trendSummary(days(0, 0), { ...options, compare: 'none' })).toBe('0 visitors from Sep 1 to Sep 3.');
  });
});

describe('a change', () => {
  it('is nothing where there was nothing before', () => {
    expect(change('visitors', 5, 0)).toBeNull();
    expect(change('visitors', 5, undefined)).toBeNull();
  });

  it('is good when visitors rise and when the bounce rate falls', () => {
    expect(change('visitors', 15, 12)).toEqual({ rate: 0.25, text: '+25%', good: true });
    expect(change('bounceRate', 0.3, 0.4)?.good).toBe(true);
    expect(change('bounceRate', 0.5, 0.4)?.good).toBe(false);
    expect(change('sessions', 12, 12)?.text).toBe('no change');
  });
});

describe('numbers', () => {
  it('are written by their unit', () => {
    expect(formatMetric('visitors', 9_999)).toBe('9,999');
    expect(formatMetric('visitors', 12_345)).toBe('12.3K');
    expect(formatMetric('bounceRate', 0.425)).toBe('43%');
    expect(formatMetric('bounceRate', 0.042)).toBe('4.2%');
    expect(formatMetric('sessionSeconds', 125)).toBe('2m 05s');
  });
});

describe('the address of the overview', () => {
  it('keeps only tabs and metrics that exist', () => {
    expect(parseOverviewSearch({ metric: 'sessions', pages: 'exit_path', sources: 'browser', view: 'table' })).toEqual({
      metric: 'sessions',
      pages: 'exit_path',
      view: 'table',
    });
  });
});
