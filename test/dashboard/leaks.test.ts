import { describe, expect, it } from 'vitest';
import type { Leak, LeaksAnswer } from '../../collector/contract/leaks.ts';
import {
  leakFunnel,
  leakRows,
  leaksSummary,
  lookedSentence,
  openPart,
  rateBars,
  sinceWords,
  sureness,
  whoSentence,
} from '../../dashboard/features/leaks/report-data.ts';

/** Phones lose people between the prices and the booking since 10 September. */
const phones: Leak = {
  id: 'leak_1',
  kind: 'behaviour',
  place: 'page',
  where: '/prices',
  from: { path: '/prices' },
  to: { event: 'booking_start' },
  countedFrom: '2026-09-10',
  sentence: 'Since 10 September, phone visitors leave /prices twice as often.',
  reached: 400,
  lost: 180,
  rate: 0.45,
  baseline: 0.3,
  excess: 60,
  since: '2026-09-10',
  who: { dimension: 'device', value: 'mobile', rate: 0.6, share: 0.92 },
  moneyAtRisk: 2400.4,
  significance: 0.00002,
};
const everybody: Leak = {
  ...phones,
  id: 'leak_2',
  since: null,
  countedFrom: '2026-09-01',
  who: null,
  moneyAtRisk: null,
  excess: 11,
};
const broken: Leak = { ...everybody, id: 'leak_3', kind: 'tracking', place: 'tracking', excess: 300 };

const range = { from: '2026-09-01', to: '2026-10-01' };
/** The whole range: midnight in Berlin. */
const through = '2026-09-30T22:00:00.000Z';
const asked = { range, through, timezone: 'Europe/Berlin', filters: [] };
const answer = (...items: Leak[]): LeaksAnswer => ({ through, items, looked: 42, notes: [], elapsedMs: 3 });

describe('a leak', () => {
  it('opens as a funnel of its two steps, in its segment, from its first day to the last day of the range', () => {
    expect(leakFunnel(phones, { ...asked, segment: true, lost: false })).toEqual({
      steps: [{ match: { path: '/prices' } }, { match: { event: 'booking_start' } }],
      by: 'session',
      range: 'custom',
      from: '2026-09-10',
      to: '2026-09-30',
      f: 'device:is:mobile',
    });
  });

  it('opens its number as the list of everybody lost, within the filters of the screen', () => {
    expect(
      leakFunnel(
        { ...phones, countedFrom: '2026-09-20' },
        { ...asked, filters: [{ dimension: 'country', op: 'is', value: ['AT'] }], segment: false, lost: true },
      ),
    ).toMatchObject({ from: '2026-09-20', f: 'country:is:AT', drop: 1 });
  });

  it('ends its list with the report where that ends before the range does', () => {
    const halfPastTwo = '2026-09-30T12:30:00.000Z';
    expect(leakFunnel(phones, { ...asked, through: halfPastTwo, segment: false, lost: true })).toMatchObject({
      to: '2026-09-30',
      until: halfPastTwo,
    });
  });

  it('of a form field opens those who left the form at this field', () => {
    const at = { event: 'form_abandon', props: { form: 'Quote', field: 'phone' } };
    const field: Leak = {
      ...everybody,
      place: 'field',
      from: { event: 'form_start' },
      to: { event: 'form_submit' },
      at,
    };
    const steps = (lost: boolean) => leakFunnel(field, { ...asked, segment: false, lost })?.steps?.[0];
    expect(steps(true)).toEqual({ match: at });
    expect(steps(false)).toEqual({ match: { event: 'form_start' } });
  });

  it('is no funnel where nobody goes from one step to another', () => {
    const consent = { ...broken, from: { event: 'pageview' }, to: { event: 'pageview' } };
    expect(leakFunnel(consent, { ...asked, segment: true, lost: false })).toBeNull();
  });

  it('draws those it is about, everybody, and what was usual', () => {
    expect(rateBars(phones).map(({ label, rate }) => [label, rate])).toEqual([
      ['Device: Mobile', 0.6],
      ['Everybody', 0.45],
      ['Before', 0.3],
    ]);
    expect(rateBars(everybody).map(({ label }) => label)).toEqual(['Now', 'Elsewhere']);
  });

  it('says who, since when and how sure in plain words', () => {
    expect(whoSentence(phones.who)).toBe('Device: Mobile (92% of the loss)');
    expect(whoSentence(null)).toBe('Everybody alike');
    expect(sinceWords('2026-09-10', '2026')).toBe('Sep 10');
    expect(sinceWords(null, '2026')).toBe('As long as the data goes back');
    expect(sureness(0.00002).words).toBe('Very sure');
    // 1 / 0.00002 = 50,000.
    expect(sureness(0.00002).help).toContain('less than once in 50,000 looks');
    expect(sureness(0.009).words).toBe('Sure enough to look');
    expect(sureness(0).words).toBe('As good as certain');
  });
});

describe('the report', () => {
  it('is told in two sentences, broken tracking apart and without a price', () => {
    // 60 + 11 visits; only the first has a price.
    expect(leaksSummary(answer(phones, everybody, broken), 'EUR')).toBe(
      '2 places lose more people than usual, and 1 event looks broken rather than left. About 71 visits lost beyond the usual, worth about €2,400.',
    );
    expect(leaksSummary(answer(broken), 'EUR')).toBe('1 event looks broken rather than left.');
    expect(leaksSummary(answer(), 'EUR')).toBe('No leak stands out.');
  });

  it('says what was looked at where nothing was found', () => {
    expect(lookedSentence(42, range, '2026')).toMatch(/^42 places were compared from Sep 1 to Sep 30/);
    expect(lookedSentence(0, range, '2026')).toMatch(/^Nothing could be compared/);
  });

  it('becomes a table with the numbers as they are', () => {
    expect(leakRows([phones])[0]).toMatchObject({ Reached: 400, Lost: 180, Rate: 0.45, Who: 'Device: Mobile' });
  });
});

describe('the tabs', () => {
  it('begin with the report; a link that names cases opens the cases', () => {
    expect(openPart({})).toBe('where');
    expect(openPart({ state: 'notified' })).toBe('cases');
    expect(openPart({ case: 'abc' })).toBe('cases');
    expect(openPart({ part: 'rules', state: 'notified' })).toBe('rules');
  });
});
