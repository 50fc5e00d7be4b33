import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FunnelRequest, funnelRequest } from '../../collector/contract/funnel.ts';
import type { EventRow } from '../../collector/contract/row.ts';
import { funnel } from '../../collector/queries/funnel.ts';
import { funnelSuggestions } from '../../collector/queries/funnel-suggestions.ts';
import { funnelWhy } from '../../collector/queries/funnel-why.ts';
import { type TestDatabase, testDatabase } from '../support/engine.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

const range = { from: '2026-09-01', to: '2026-09-02' };
const steps: FunnelRequest['steps'] = [
  { match: { path: '/' } },
  { match: { path: '/book' } },
  { match: { event: 'paid' } },
];
const row = (siteId: number, visitor: number, minute: number, more: Partial<EventRow>): Partial<EventRow> => ({
  site_id: siteId,
  visitor_id: String(visitor),
  page_id: String(visitor * 100 + minute),
  ts: `2026-09-01 12:${String(minute).padStart(2, '0')}:00.000`,
  ...more,
});

describe('what tells those who dropped from those who went on', () => {
  it('is the browser in which the booking page is broken, and nothing that is chance', async () => {
    // 200 people see the booking page. Of the 40 with Safari 4 pay, of the 160 with Firefox 120.
    // Their numbers begin at 1, for session 0 is no visit.
    await database.insert(
      Array.from({ length: 200 }, (_, index) => index + 1).flatMap((visitor) => {
        const safari = visitor <= 40;
        const pays = safari ? visitor <= 4 : visitor <= 160;
        const shared = {
          browser: safari ? 'Safari' : 'Firefox',
          // Every other person: tells nothing.
          country: visitor % 2 === 0 ? 'DE' : 'AT',
        };
        const variant = { props: { variant: safari ? 'b' : 'a', [`note ${visitor}`]: 'x' } };
        return [
          row(1, visitor, 0, { path: '/', ...shared }),
          row(1, visitor, 1, { path: '/book', ...shared, ...variant }),
          ...(pays ? [row(1, visitor, 2, { name: 'paid', path: '/book', ...shared })] : []),
        ];
      }),
    );
    const request = { ...funnelRequest.parse({ ...range, steps }), step: 2 };
    const question = { siteId: 1, timezone: 'UTC', request };
    const answer = await funnelWhy(database.clickhouse, question);
    // 76 dropped: 36 with Safari, 40 with Firefox. 124 went on: 4 and 120.
    const safari = answer.items.find(({ value }) => value === 'Safari');
    expect(safari).toMatchObject({ droppedWith: 36, dropped: 76, wentOnWith: 4, wentOn: 124 });
    expect(answer.items.map(({ dimension, value }) => `${dimension} ${value}`).sort()).toEqual([
      'browser Firefox',
      'browser Safari',
      'prop:variant a',
      'prop:variant b',
    ]);
    expect(safari?.ratio).toBeCloseTo(36 / 76 / (4 / 124), 9);
    expect(safari?.significance).toBeLessThan(0.001);
    // Two browsers, two countries, two variants: what everybody has, and notes of one person, are not compared.
    expect(answer.compared).toBe(6);
    const { steps: counted } = await funnel(database.clickhouse, question);
    expect(counted[1]?.dropped).toBe(76);
  });

  it.each(['ordered', 'strict', 'any'] as const)('speaks of everybody at the step, in %s order', async (order) => {
    const request = { ...funnelRequest.parse({ ...range, steps, order, by: 'session' }), step: 2 };
    const answer = await funnelWhy(database.clickhouse, { siteId: 1, timezone: 'UTC', request });
    expect(answer.items[0]).toMatchObject({ dropped: 76, wentOn: 124 });
  });

  it('has nothing to say of the last step, and refuses one that is not there', async () => {
    const request = { ...funnelRequest.parse({ ...range, steps }), step: 3 };
    const question = { siteId: 1, timezone: 'UTC', request };
    expect((await funnelWhy(database.clickhouse, question)).items).toEqual([]);
    const beyond = { ...question, request: { ...request, step: 4 } };
    await expect(funnelWhy(database.clickhouse, beyond)).rejects.toMatchObject({ details: [{ path: 'step' }] });
  });
});

describe('funnel suggestions', () => {
  it('are the three most travelled ways to each goal, goals found where none are set', async () => {
    const ways = [
      // Four by /pricing and /book, one of them with a detour back to /pricing.
      ['/', '/pricing', '/book'],
      ['/', '/pricing', '/book'],
      ['/', '/pricing', '/book'],
      ['/', '/pricing', '/', '/pricing', '/book'],
      ['/blog', '/book'],
      ['/blog', '/book'],
      ['/a', '/b', '/c', '/d', '/book'],
      // Straight to the booking page, which is on one of the ways and the goal's own page on the other.
      ['/book'],
    ];
    await database.insert(
      ways.flatMap((pages, index) => [
        ...pages.map((path, minute) => row(2, index + 1, minute, { path })),
        row(2, index + 1, 20, { name: 'paid', path: '/book' }),
        row(2, index + 1, 21, { path: '/thanks' }),
      ]),
    );
    // Written by a server about somebody who was not on the site: in session 0, which is no visit.
    await database.insert([row(2, 0, 0, { path: '/' }), row(2, 0, 21, { path: '/thanks' })]);
    const question = { siteId: 2, timezone: 'UTC', request: range };
    const goals = [{ goal: 'g1', name: 'Thanks', match: { path: '/thanks' } }];
    const { items } = await funnelSuggestions(database.clickhouse, { ...question, goals });
    expect(items.map(({ goal, name, count }) => [goal, name, count])).toEqual([
      ['g1', '/ → /pricing → /book → Thanks', 4],
      ['g1', '/blog → /book → Thanks', 2],
      ['g1', '/book → Thanks', 1],
    ]);
    expect(items[1]?.steps).toEqual([
      { match: { path: '/blog' } },
      { match: { path: '/book' } },
      { match: { path: '/thanks' } },
    ]);
    const found = await funnelSuggestions(database.clickhouse, { ...question, goals: [] });
    // The goal is on /book itself, so that page is no part of the way.
    expect(found.items.map(({ goal, name, count }) => [goal, name, count])).toEqual([
      ['paid', '/ → /pricing → paid', 4],
      ['paid', '/blog → paid', 2],
      ['paid', '/b → /c → /d → paid', 1],
    ]);
    const { steps: counted } = await funnel(database.clickhouse, {
      ...question,
      request: funnelRequest.parse({ ...range, steps: items[0]?.steps }),
    });
    expect(counted.at(-1)?.count).toBe(4);
  });
});
