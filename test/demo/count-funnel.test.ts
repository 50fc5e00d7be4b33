import { expect, test } from 'vitest';
import type { FunnelRequest } from '../../collector/contract/funnel.ts';
import { byVisitor, countFunnel } from '../../collector/demo/count-funnel.ts';
import { midnightMs, type Visit } from '../../collector/demo/visitors.ts';

const funnel: FunnelRequest = {
  from: '2026-06-01',
  to: '2026-06-02',
  window: '30m',
  order: 'ordered',
  by: 'visitor',
  steps: [{ match: { path: '/prices' } }, { match: { event: 'booking_start' } }],
};

/** A visit of acts written as `minute name [path]`. */
function visit(visitor: string, device: 'mobile' | 'desktop', acts: string[], day = '2026-06-01'): Visit {
  return {
    id: `${visitor}-${day}`,
    day: 0,
    person: { visitor, device, country: 'DE', ip: '141.20.1.1', userAgent: '' },
    source: { name: 'direct', ref: '', query: '' },
    startedAt: midnightMs(day) + 10 * 3_600_000,
    acts: acts.map((act) => {
      const [minute, name = '', path = '/'] = act.split(' ');
      return { second: Number(minute) * 60, name, path, title: '' };
    }),
  };
}

const ana = visit('ana', 'mobile', ['0 pageview /prices', '5 booking_start']);
const ben = visit('ben', 'desktop', ['0 booking_start', '5 pageview /prices']);
const cem = visit('cem', 'desktop', ['0 pageview /prices', '31 booking_start']);
const dea = visit('dea', 'mobile', ['0 pageview /prices', '40 pageview /prices?a=1', '60 booking_start']);
const eve = visit('eve', 'mobile', ['0 pageview /prices', '5 booking_start'], '2026-06-02');

test('counts each visitor once, at the deepest step, in order, inside the window and the range', () => {
  // Ana and Dea (her second try) arrive. Ben came the wrong way round, Cem a minute too late, Eve a day too late.
  expect(countFunnel(byVisitor([ana, ben, cem, dea, eve]), funnel)).toEqual([4, 2]);
});

test('a visitor of two visits is one visitor', () => {
  const again = visit('ana', 'mobile', ['100 pageview /prices']);
  expect(countFunnel(byVisitor([ana, again]), funnel)).toEqual([1, 1]);
});

test('filters by device', () => {
  const filters = [{ dimension: 'device', op: 'is', value: ['desktop'] }] satisfies FunnelRequest['filters'];
  expect(countFunnel(byVisitor([ana, ben, cem, dea]), { ...funnel, filters })).toEqual([2, 0]);
});
