import { describe, expect, it } from 'vitest';
import { bucketStarts, defaultInterval } from '../../collector/queries/buckets.ts';
import { comparedSpan, startOfDate, toSpan } from '../../collector/queries/range.ts';

const iso = (ms: number) => new Date(ms).toISOString();

describe('a range of dates', () => {
  it('runs from midnight to midnight in the time zone of the site', () => {
    const { fromMs, toMs } = toSpan({ from: '2026-09-01', to: '2026-09-02' }, 'Europe/Berlin');
    expect([iso(fromMs), iso(toMs)]).toEqual(['2026-08-31T22:00:00.000Z', '2026-09-01T22:00:00.000Z']);
  });

  it('takes instants as they are, whatever the zone', () => {
    const { fromMs } = toSpan({ from: '2026-09-01T12:00:00Z', to: '2026-09-02' }, 'Asia/Tokyo');
    expect(iso(fromMs)).toBe('2026-09-01T12:00:00.000Z');
  });

  it.each([
    // Clocks go forward at 02:00: the day has 23 hours.
    ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00:00.000Z', 23],
    // Clocks go back at 03:00: 25 hours.
    ['Europe/Berlin', '2026-10-25', '2026-10-24T22:00:00.000Z', 25],
    // Clocks skip midnight itself: the day begins at 01:00.
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00.000Z', 23],
    // Clocks go back at midnight to 23:00 of the day before, which thereby has 25 hours.
    ['America/Sao_Paulo', '2018-02-17', '2018-02-17T02:00:00.000Z', 25],
    ['Asia/Kathmandu', '2026-01-01', '2025-12-31T18:15:00.000Z', 24],
    ['Pacific/Kiritimati', '2026-01-01', '2025-12-31T10:00:00.000Z', 24],
  ])('in %s begins %s at %s and lasts %i hours', (zone, date, start, hours) => {
    const next = new Date(Date.parse(date) + 86_400_000).toISOString().slice(0, 10);
    expect(iso(startOfDate(date, zone))).toBe(start);
    expect((startOfDate(next, zone) - startOfDate(date, zone)) / 3_600_000).toBe(hours);
  });
});

describe('the span to compare with', () => {
  it('is the whole days before, also over a change of clocks', () => {
    const { fromMs, toMs } = comparedSpan({ from: '2026-03-29', to: '2026-03-30' }, 'Europe/Berlin', 'previous');
    expect([iso(fromMs), iso(toMs)]).toEqual(['2026-03-27T23:00:00.000Z', '2026-03-28T23:00:00.000Z']);
  });

  it('is the same dates a year earlier', () => {
    const { fromMs, toMs } = comparedSpan({ from: '2026-09-01', to: '2026-10-01' }, 'UTC', 'year');
    expect([iso(fromMs), iso(toMs)]).toEqual(['2025-09-01T00:00:00.000Z', '2025-10-01T00:00:00.000Z']);
  });

  it('is equally long for instants', () => {
    const range = { from: '2026-09-01T12:00:00Z', to: '2026-09-01T18:00:00Z' };
    const { fromMs, toMs } = comparedSpan(range, 'UTC', 'previous');
    expect([iso(fromMs), iso(toMs)]).toEqual(['2026-09-01T06:00:00.000Z', '2026-09-01T12:00:00.000Z']);
  });
});

describe('intervals', () => {
  const september = toSpan({ from: '2026-09-02', to: '2026-10-01' }, 'Europe/Berlin');

  it('are weeks from Monday, the first of which may begin before the range', () => {
    // The 2nd of September 2026 is a Wednesday.
    expect(bucketStarts(september, 'week', 'Europe/Berlin').map(iso)).toEqual([
      '2026-08-30T22:00:00.000Z',
      '2026-09-06T22:00:00.000Z',
      '2026-09-13T22:00:00.000Z',
      '2026-09-20T22:00:00.000Z',
      '2026-09-27T22:00:00.000Z',
    ]);
  });

  it('are months of the calendar', () => {
    const span = toSpan({ from: '2026-01-15', to: '2026-03-02' }, 'UTC');
    expect(bucketStarts(span, 'month', 'UTC').map(iso)).toEqual([
      '2026-01-01T00:00:00.000Z',
      '2026-02-01T00:00:00.000Z',
      '2026-03-01T00:00:00.000Z',
    ]);
  });

  it('are 25 hours on the day the clocks go back', () => {
    const span = toSpan({ from: '2026-10-25', to: '2026-10-26' }, 'Europe/Berlin');
    expect(bucketStarts(span, 'hour', 'Europe/Berlin')).toHaveLength(25);
  });

  it('begin at full hours of local time, also where the zone is a half hour off', () => {
    const span = toSpan({ from: '2026-09-01T12:10:00Z', to: '2026-09-01T13:00:00Z' }, 'Asia/Kolkata');
    // 12:10 UTC is 17:40 in Kolkata, so the hour began at 17:00 = 11:30 UTC.
    expect(bucketStarts(span, 'hour', 'Asia/Kolkata').map(iso)).toEqual([
      '2026-09-01T11:30:00.000Z',
      '2026-09-01T12:30:00.000Z',
    ]);
  });

  it.each([
    ['2026-09-02', 'hour'],
    ['2026-09-08', 'day'],
    ['2026-12-01', 'day'],
    ['2027-03-01', 'week'],
    ['2028-09-01', 'month'],
  ])('up to %s are by %s unless asked otherwise', (to, interval) => {
    expect(defaultInterval(toSpan({ from: '2026-09-01', to }, 'UTC'))).toBe(interval);
  });
});
