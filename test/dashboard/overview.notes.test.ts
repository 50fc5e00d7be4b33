import { describe, expect, it } from 'vitest';
import {
  breakdownRows,
  minutesSummary,
  noteMarks,
  notesWithin,
  trendRows,
} from '../../dashboard/features/overview/data.ts';

const range = { from: '2026-09-01', to: '2026-09-15' };
const berlin = { timezone: 'Europe/Berlin', range };

describe('notes on the chart', () => {
  it('stand at their day in the time zone of the site', () => {
    // Days in Berlin begin at 22:00 UTC of the day before.
    const points = [{ at: '2026-08-31T22:00:00Z' }, { at: '2026-09-01T22:00:00Z' }, { at: '2026-09-02T22:00:00Z' }];
    const notes = [
      { on: '2026-09-02', text: 'New prices' },
      { on: '2026-09-02', text: 'Newsletter' },
      { on: '2026-08-20', text: 'Long ago' },
    ];
    expect(noteMarks(points, notes, berlin)).toEqual([
      { at: '2026-09-01T22:00:00Z', texts: ['New prices', 'Newsletter'] },
    ]);
  });

  it('stand at the week or month that holds their day', () => {
    const weeks = [{ at: '2026-08-30T22:00:00Z' }, { at: '2026-09-06T22:00:00Z' }];
    expect(noteMarks(weeks, [{ on: '2026-09-10', text: 'Fair' }], berlin)).toEqual([
      { at: '2026-09-06T22:00:00Z', texts: ['Fair'] },
    ]);
  });

  it('are listed for the range, the oldest first, without its end', () => {
    const notes = ['2026-09-14', '2026-09-01', '2026-09-15', '2026-08-31'].map((on) => ({ on, text: on }));
    expect(notesWithin(notes, range).map(({ on }) => on)).toEqual(['2026-09-01', '2026-09-14']);
  });
});

describe('the last half hour', () => {
  it('is told in one sentence', () => {
    const minutes = [
      { at: '2026-09-01T12:00:00Z', pageviews: 2 },
      { at: '2026-09-01T12:01:00Z', pageviews: 5 },
      { at: '2026-09-01T12:02:00Z', pageviews: 0 },
    ];
    expect(minutesSummary(minutes, 'UTC')).toMatch(/^7 page views in the last 30 minutes, most at 12:01.*\(5\)\.$/);
    expect(minutesSummary([], 'UTC')).toBe('No page views in the last 30 minutes.');
  });
});

describe('downloads', () => {
  it('hold the numbers of the chart, the running day included', () => {
    const points = [
      { at: '2026-09-01T00:00:00Z', label: 'Tue', value: 4, running: null, previous: 3 },
      { at: '2026-09-02T00:00:00Z', label: 'Wed', value: null, running: 1, previous: null },
    ];
    expect(trendRows(points, { metric: 'visitors', compared: true })).toEqual([
      { When: '2026-09-01T00:00:00Z', Visitors: 4, 'Visitors before': 3 },
      { When: '2026-09-02T00:00:00Z', Visitors: 1, 'Visitors before': null },
    ]);
    expect(trendRows(points, { metric: 'visitors', compared: false })[0]).toEqual({
      When: '2026-09-01T00:00:00Z',
      Visitors: 4,
    });
  });

  it('name the rows of a list as the screen does', () => {
    expect(
      breakdownRows('country', [{ key: 'DE', visitors: 3, sessions: 4, pageviews: 9, events: 11, value: 3 }]),
    ).toEqual([{ Country: 'Germany', Visitors: 3, Sessions: 4, 'Page views': 9, Events: 11 }]);
  });
});
