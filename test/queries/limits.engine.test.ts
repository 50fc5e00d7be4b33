import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sql, sql } from '../../collector/clickhouse/sql.ts';
import { limits } from '../../collector/contract/limits.ts';
import { breakdownRequest } from '../../collector/contract/overview.ts';
import { breakdown } from '../../collector/queries/breakdown.ts';
import { type TestDatabase, testDatabase } from '../support/engine.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await database.insert(
    Array.from({ length: 5_000 }, (_, number) => ({
      name: 'order',
      page_id: String(number),
      props: { id: `order-${String(number).padStart(4, '0')}` },
    })),
  );
});
afterAll(() => database.drop());

describe('a property with a different value on every event', () => {
  it.each([10, limits.breakdownRows])(
    'is answered with its first %i values, and says that it is cut',
    async (limit) => {
      const request = breakdownRequest.parse({ from: '2026-09-01', to: '2026-09-02', dimension: 'prop:id', limit });
      const answer = await breakdown(database.clickhouse, { siteId: 1, timezone: 'UTC', request });
      expect(answer.items).toHaveLength(limit);
      expect(answer.items[0]).toMatchObject({ key: 'order-0000', events: 1 });
      expect(answer).toMatchObject({ total: 5_000, cut: true });
    },
  );

  it('cannot be asked for in more rows than a breakdown has', () => {
    const asked = { from: '2026-09-01', to: '2026-09-02', dimension: 'prop:id', limit: limits.breakdownRows + 1 };
    expect(breakdownRequest.safeParse(asked).success).toBe(false);
  });

  it('does not say that it is cut where everything is shown', async () => {
    const request = breakdownRequest.parse({ from: '2026-09-01', to: '2026-09-02', dimension: 'event' });
    const answer = await breakdown(database.clickhouse, { siteId: 1, timezone: 'UTC', request });
    expect(answer).toMatchObject({ total: 1 });
    expect(answer.cut).toBeUndefined();
  });
});

describe('the account that reads', () => {
  it.each<[string, Sql]>([
    ['rows', sql`SELECT number FROM numbers(300000)`],
    ['memory', sql`SELECT sum(length(range(400000000 + number))) FROM numbers(10) SETTINGS max_block_size = 1`],
    ['time', sql`SELECT sum(sleepEachRow(1)) FROM numbers(30) SETTINGS max_block_size = 1, max_execution_time = 1`],
  ])('is stopped where an answer takes too much %s, with a sentence for people', async (_, statement) => {
    await expect(database.clickhouse.query(statement, { name: 'heavy' })).rejects.toMatchObject({
      code: 'query_too_heavy',
      status: 422,
    });
  });

  it.each<[string, Sql]>([
    ['erase', sql`TRUNCATE TABLE events`],
    ['raise its own limits', sql`SELECT 1 SETTINGS max_execution_time = 1000`],
    ['read files', sql`SELECT * FROM file('/etc/passwd', 'LineAsString')`],
    ['reach other hosts', sql`SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')`],
  ])('cannot %s', async (_, statement) => {
    await expect(database.clickhouse.query(statement, { name: 'forbidden' })).rejects.toMatchObject({
      code: 'internal',
    });
  });
});
