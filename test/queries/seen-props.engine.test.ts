import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seenProps } from '../../collector/queries/seen-props.ts';
import { type TestDatabase, testDatabase } from '../support/engine.ts';

const nowMs = Date.UTC(2026, 8, 1, 12);
let database: TestDatabase;

beforeAll(async () => {
  database = await testDatabase();
  await database.insert([
    { name: 'order', ts: '2026-09-01 11:00:00.000', props: { plan: 'pro', colour: 'red' } },
    { name: 'order', ts: '2026-09-01 11:05:00.000', props: { plan: 'basic' } },
    { name: 'visit', ts: '2026-09-01 11:06:00.000', props: { room: '4' } },
    // Longer ago than 30 days.
    { name: 'order', ts: '2026-07-01 11:00:00.000', props: { coupon: 'x' } },
    { site_id: 2, name: 'order', ts: '2026-09-01 11:00:00.000', props: { secret: 'x' } },
  ]);
});

afterAll(() => database.drop());

describe('the properties of an event', () => {
  it('are those of the last 30 days, of this site and this event, the most frequent first', async () => {
    expect(await seenProps(database.clickhouse, { siteId: 1, nowMs, event: 'order' })).toEqual({
      items: [
        { key: 'plan', count: 2 },
        { key: 'colour', count: 1 },
      ],
    });
  });

  it('are none for an event that nobody has sent', async () => {
    expect(await seenProps(database.clickhouse, { siteId: 1, nowMs, event: 'party' })).toEqual({ items: [] });
  });
});
