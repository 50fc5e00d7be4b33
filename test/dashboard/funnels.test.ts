import { describe, expect, it } from 'vitest';
import type { FunnelStepResult } from '../../collector/contract/funnel.ts';
import {
  askableExclusions,
  askableSteps,
  biggestLeak,
  funnelBars,
  leakSentence,
  matchName,
  moveStep,
  parseExclusions,
  parseSteps,
  suggestSteps,
} from '../../dashboard/features/funnels/data.ts';

/** A funnel answer from names and counts, as the server makes it. */
function funnel(...counts: [name: string, count: number][]): FunnelStepResult[] {
  const first = counts[0]?.[1] ?? 0;
  return counts.map(([name, count], index) => {
    const before = counts[index - 1]?.[1] ?? count;
    return {
      index: index + 1,
      name,
      count,
      rateFromFirst: first === 0 ? 0 : count / first,
      rateFromPrevious: index === 0 ? 1 : before === 0 ? 0 : count / before,
      dropped: count - (counts[index + 1]?.[1] ?? count),
      secondsFromPrevious: index === 0 || count === 0 ? null : { p50: 90, p90: 300, avg: 120 },
      value: null,
    };
  });
}

const salon = funnel(['/pricing', 200], ['booking_start', 80], ['booking_done', 60]);

describe('funnel bars', () => {
  it('are as wide as their share of the first step, with what was lost beside them', () => {
    expect(
      funnelBars(salon).map(({ share, lostShare, dropped, dropRate }) => ({ share, lostShare, dropped, dropRate })),
    ).toEqual([
      { share: 1, lostShare: 0, dropped: 120, dropRate: 0.6 },
      { share: 0.4, lostShare: 0.6, dropped: 20, dropRate: 0.25 },
      // 20 of 200 were lost on the way here.
      { share: 0.3, lostShare: 0.1, dropped: 0, dropRate: 0 },
    ]);
  });

  it('have no width, and not NaN, where nobody came', () => {
    expect(funnelBars(funnel(['/a', 0], ['/b', 0])).map((bar) => [bar.share, bar.lostShare, bar.dropRate])).toEqual([
      [0, 0, 0],
      [0, 0, 0],
    ]);
  });
});

describe('the sentence over a funnel', () => {
  it('names the step where most are lost, and how many go the whole way', () => {
    expect(leakSentence(salon, 'visitor')).toBe(
      'Biggest leak: /pricing → booking_start. 120 of 200 visitors (60%) went no further; 30% went the whole way.',
    );
  });

  it('goes by people lost, not by rate: 100 of 1,000 outweigh 9 of 10', () => {
    const leak = biggestLeak(funnel(['/', 1000], ['/a', 900], ['/b', 890], ['/c', 790]));
    // Both lose 100; the earlier one is named.
    expect(leak?.from.name).toBe('/');
    expect(biggestLeak(funnel(['/', 110], ['/a', 10], ['/b', 1]))?.from.name).toBe('/');
  });

  it('says so when nothing leaks, when nobody came, and when there is one step only', () => {
    expect(leakSentence(funnel(['/a', 5], ['/b', 5]), 'visitor')).toBe(
      'Nothing leaks: all 5 visitors went the whole way.',
    );
    expect(leakSentence(funnel(['/a', 0], ['/b', 0]), 'session')).toBe(
      'No session reached the first step in this range.',
    );
    expect(leakSentence(funnel(['/a', 1]), 'visitor')).toBe(
      '1 visitor reached /a. Add a second step to see who goes on.',
    );
  });
});

describe('funnel steps', () => {
  it('are read from a link, and what is not a step is left out', () => {
    expect(
      parseSteps([
        { match: { path: '/pricing' } },
        { match: {} },
        'x',
        { match: { event: 'booking_start', props: { plan: 'pro', n: 1 } }, name: 'Booking', optional: true },
      ]),
    ).toEqual([
      { match: { path: '/pricing' } },
      { match: { event: 'booking_start', props: { plan: 'pro' } }, name: 'Booking', optional: true },
    ]);
    expect(parseSteps('steps')).toBeUndefined();
  });

  it('wait in the builder while half written', () => {
    expect(
      askableSteps([
        { match: { path: '/a', props: { '': 'x', plan: 'pro' } } },
        { match: { path: '' } },
        { match: { event: 'b', props: { '': '' } } },
      ]),
    ).toEqual([{ match: { path: '/a', props: { plan: 'pro' } } }, { match: { event: 'b' } }]);
  });

  it('move up and down, and stay at the ends', () => {
    const steps = [{ match: { path: '/a' } }, { match: { path: '/b' } }];
    expect(moveStep(steps, 1, -1)).toEqual([{ match: { path: '/b' } }, { match: { path: '/a' } }]);
    expect(moveStep(steps, 0, -1)).toBe(steps);
    expect(moveStep(steps, 1, 1)).toBe(steps);
  });

  it('are named by their match', () => {
    expect(matchName({ path: '/pricing' })).toBe('/pricing');
    expect(matchName({ event: 'pageview' })).toBe('any page');
    expect(matchName({ event: 'booking_start', path: '/book', props: { plan: 'pro' } })).toBe(
      'booking_start on /book where plan is pro',
    );
  });
});

describe('the first funnel', () => {
  it('goes from the pricing page over an event that starts something to one that ends it', () => {
    const seen = {
      pages: [
        { path: '/', count: 900 },
        { path: '/pricing', count: 300 },
      ],
      events: [
        { name: 'pageview', count: 2000 },
        { name: 'booking_done', count: 40 },
        { name: 'video_played', count: 400 },
        { name: 'booking_start', count: 90 },
      ],
    };
    expect(suggestSteps(seen)).toEqual([
      { match: { path: '/pricing' } },
      { match: { event: 'booking_start' } },
      { match: { event: 'booking_done' } },
    ]);
  });

  it('is made of the most viewed pages where there are no events', () => {
    const pages = ['/', '/about', '/contact', '/imprint'].map((path, index) => ({ path, count: 100 - index }));
    expect(suggestSteps({ pages, events: [{ name: 'engagement', count: 500 }] })).toEqual([
      { match: { path: '/' } },
      { match: { path: '/about' } },
      { match: { path: '/contact' } },
    ]);
  });

  it('is empty where nothing was seen', () => {
    expect(suggestSteps({ pages: [], events: [] })).toEqual([]);
  });
});

describe('an exclusion', () => {
  const steps = [
    { match: { path: '/' } },
    { match: { path: '' } },
    { match: { path: '/team' }, optional: true },
    { match: { path: '/prices' } },
    { match: { event: 'booked' } },
  ];
  const between = (from: number, to: number) =>
    askableExclusions([{ match: { event: 'logged_in' }, between: [from, to] }], steps)[0]?.between;

  it('is asked between the steps as the server counts them: the half-written second is not among them', () => {
    expect(between(1, 4)).toEqual([1, 3]);
    expect(between(4, 5)).toEqual([3, 4]);
  });

  it('holds on the whole way where a step it names may be left out, is half-written or gone', () => {
    expect([between(1, 3), between(2, 5), between(4, 6)]).toEqual([undefined, undefined, undefined]);
  });

  it('is read from the address with the steps it lies between', () => {
    const match = { event: 'logged_in' };
    expect(
      parseExclusions([
        { match, between: [1, 3] },
        { match, between: [3, 1] },
        { match, between: ['1', 2] },
        { between: [1, 2] },
      ]),
    ).toEqual([{ match, between: [1, 3] }, { match }, { match }]);
  });
});
