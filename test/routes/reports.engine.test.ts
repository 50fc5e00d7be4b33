import { afterAll, beforeAll, expect, it } from 'vitest';
import { goalReportRequest } from '../../collector/contract/goals.ts';
import { goalReport } from '../../collector/queries/goal-report.ts';
import { type TestDatabase, testDatabase } from '../support/engine.ts';

/*
 * September: visitors 1 to 4. 1 books twice (80 and none), 2 books once (20), 3 reads the contact page, 4 only looks. August: visitor 1 books once.
 */
const goals = [
  { id: 'booked', name: 'Booked', match: { event: 'booking_done' }, value: 50, createdAt: '' },
  { id: 'contact', name: 'Contact', match: { path: '/contact' }, createdAt: '' },
  { id: 'bought', name: 'Bought', match: { event: 'purchase' }, createdAt: '' },
];

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  const booked = { name: 'booking_done', path: '/book' };
  await database.insert([
    { visitor_id: '1', ts: '2026-09-01 10:00:00.000' },
    { ...booked, visitor_id: '1', ts: '2026-09-01 10:01:00.000', value: 80, device: 'mobile' },
    { ...booked, visitor_id: '1', ts: '2026-09-02 10:01:00.000', value: 0 },
    { ...booked, visitor_id: '2', ts: '2026-09-02 10:01:00.000', value: 20 },
    { visitor_id: '3', ts: '2026-09-02 10:01:00.000', path: '/contact' },
    { visitor_id: '4', ts: '2026-09-02 10:01:00.000' },
    { ...booked, visitor_id: '1', ts: '2026-08-15 10:01:00.000', value: 10 },
  ]);
});
afterAll(() => database.drop());

const ask = (request: object) =>
  goalReport(database.clickhouse, {
    siteId: 1,
    timezone: 'UTC',
    goals,
    request: goalReportRequest.parse({ from: '2026-09-01', to: '2026-10-01', ...request }),
  });

it('goals: counts conversions and visitors, and values an event without a value as the goal says', async () => {
  const { visitors, goals: found } = await ask({});
  expect(visitors).toBe(4);
  expect(found.map(({ goal, result }) => [goal.id, result])).toEqual([
    // 80 + 50 + 20
    ['booked', { conversions: 3, units: 2, rate: 0.5, value: 150 }],
    ['contact', { conversions: 1, units: 1, rate: 0.25, value: null }],
    ['bought', { conversions: 0, units: 0, rate: 0, value: null }],
  ]);
});

it('goals: compares with the time before', async () => {
  // The 30 days before September begin on 2 August.
  const { comparison } = await ask({ compare: 'previous' });
  expect(comparison).toMatchObject({ from: '2026-08-02T00:00:00.000Z', visitors: 1 });
  expect(comparison?.goals[0]).toEqual({
    id: 'booked',
    result: { conversions: 1, units: 1, rate: 1, value: 10 },
  });
});

it('goals: a site without goals has visitors only', async () => {
  const answer = await goalReport(database.clickhouse, {
    siteId: 1,
    timezone: 'UTC',
    goals: [],
    request: goalReportRequest.parse({ from: '2026-09-01', to: '2026-10-01' }),
  });
  expect(answer).toMatchObject({ visitors: 4, goals: [] });
});
