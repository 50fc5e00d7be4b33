import { describe, expect, it } from 'vitest';
import {
  dateIn,
  keptNote,
  parseRangeSearch,
  rangeInWords,
  rangeLabel,
  toRange,
} from '../../dashboard/features/range/data.ts';

// Half past midnight on 1 October in Berlin is still 30 September in New York.
const now = Date.parse('2026-09-30T22:30:00Z');
const berlin = { timezone: 'Europe/Berlin', now };
const newYork = { timezone: 'America/New_York', now };

describe('date ranges', () => {
  it('take "today" from the time zone of the site, not of the browser', () => {
    expect(toRange({ range: 'today' }, berlin)).toEqual({ from: '2026-10-01', to: '2026-10-02' });
    expect(toRange({ range: 'today' }, newYork)).toEqual({ from: '2026-09-30', to: '2026-10-01' });
  });

  it('end "last N days" with today and count exactly N days', () => {
    expect(toRange({ range: '7d' }, berlin)).toEqual({ from: '2026-09-25', to: '2026-10-02' });
    // 2 October minus 28 days is 4 September, minus 30 is 2 September, minus 91 is 3 July.
    expect(toRange({ range: '28d' }, berlin)).toEqual({ from: '2026-09-04', to: '2026-10-02' });
    expect(toRange({ range: '30d' }, berlin)).toEqual({ from: '2026-09-02', to: '2026-10-02' });
    expect(toRange({ range: '91d' }, berlin)).toEqual({ from: '2026-07-03', to: '2026-10-02' });
  });

  it('are the last 30 days where the address says nothing', () => {
    expect(toRange({}, berlin)).toEqual(toRange({ range: '30d' }, berlin));
  });

  it('know yesterday, this month and last month around the turn of a month and a year', () => {
    expect(toRange({ range: 'yesterday' }, berlin)).toEqual({ from: '2026-09-30', to: '2026-10-01' });
    expect(toRange({ range: 'month' }, newYork)).toEqual({ from: '2026-09-01', to: '2026-10-01' });
    expect(toRange({ range: 'lastmonth' }, berlin)).toEqual({ from: '2026-09-01', to: '2026-10-01' });
    const newYear = { timezone: 'UTC', now: Date.parse('2027-01-01T09:00:00Z') };
    expect(toRange({ range: 'lastmonth' }, newYear)).toEqual({ from: '2026-12-01', to: '2027-01-01' });
  });

  it('say where they, or what they are compared with, begin before what the site keeps', () => {
    const note = (from: string, compare: 'previous' | 'year' | 'none', retentionDays: number | null = 90) =>
      keptNote({ from, to: '2026-10-01' }, { compare, retentionDays, today: '2026-09-30' });
    expect(note('2026-07-01', 'none')).toBe('Events from before Jul 2 are no longer kept.');
    expect(note('2026-07-02', 'none')).toBeNull();
    expect(note('2026-08-16', 'previous')).toBe(
      'Events from before Jul 2 are no longer kept, so the range compared with is not whole.',
    );
    expect(note('2026-08-17', 'previous')).toBeNull();
    expect(note('2026-09-29', 'year')).toContain('compared with');
    expect(note('2020-01-01', 'year', null)).toBeNull();
  });

  it('include the last day of a custom range', () => {
    const search = parseRangeSearch({ range: 'custom', from: '2026-09-01', to: '2026-09-03' });
    expect(toRange(search, berlin)).toEqual({ from: '2026-09-01', to: '2026-09-04' });
    expect(rangeLabel(search, '2026')).toBe('Sep 1 – Sep 3');
    expect(rangeInWords({ from: '2026-09-01', to: '2026-09-04' }, '2026')).toBe('from Sep 1 to Sep 3');
    expect(rangeInWords({ from: '2025-09-01', to: '2025-09-02' }, '2026')).toBe('on Sep 1, 2025');
  });

  it('fall back to the default when the address makes no sense', () => {
    expect(parseRangeSearch({ range: 'forever', compare: 'everything' })).toEqual({});
    expect(parseRangeSearch({ range: 'custom', from: '2026-09-03', to: '2026-09-01' })).toEqual({});
    expect(parseRangeSearch({ range: 'custom', from: '2026-13-45', to: 'x' })).toEqual({});
    expect(parseRangeSearch({ range: '7d', from: '2026-09-01', compare: 'year' })).toEqual({
      range: '7d',
      compare: 'year',
    });
  });

  it('keep the day of a zone that is ahead of UTC', () => {
    expect(dateIn('Pacific/Auckland', Date.parse('2026-12-31T12:00:00Z'))).toBe('2027-01-01');
  });
});
