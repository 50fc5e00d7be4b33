import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../collector/clickhouse/migrate.ts';
import { dedupSelfTest } from '../../collector/clickhouse/self-test.ts';
import { param, sql } from '../../collector/clickhouse/sql.ts';
import { type EventRow, toTimestamp } from '../../collector/contract/row.ts';
import { eventRow, type TestDatabase, testDatabase } from '../support/engine.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

const send = (token: string, rows: Partial<EventRow>[], table = 'events') =>
  database.clickhouse.insertLines({
    table,
    token,
    lines: () => Readable.from(rows.map((row) => `${JSON.stringify(eventRow(row))}\n`)),
  });

async function countOf(name: string, table: 'events' | 'intents' = 'events'): Promise<number> {
  const from = table === 'events' ? sql`events` : sql`intents`;
  const { rows } = await database.clickhouse.query<{ count: number }>(
    sql`SELECT toUInt32(count()) AS count FROM ${from} WHERE name = ${param.string(name)}`,
    { name: 'test' },
  );
  return rows[0]?.count ?? 0;
}

describe('insertLines', () => {
  it('stores a batch once, however often it is sent with the same token', async () => {
    for (let send_ = 0; send_ < 3; send_ += 1) await send('batch-1', [{ name: 'once' }, { name: 'once' }]);
    expect(await countOf('once')).toBe(2);
  });

  it('stores equal rows of two batches twice, because they are two events', async () => {
    await send('batch-2', [{ name: 'twice' }]);
    await send('batch-3', [{ name: 'twice' }]);
    expect(await countOf('twice')).toBe(2);
  });

  it('does the same for intents', async () => {
    // Intents are kept for 60 days after they arrived, by the clock of the engine.
    const arrived = { name: 'intent', received_at: toTimestamp(Date.now()) };
    await send('batch-4', [arrived], 'intents');
    await send('batch-4', [arrived], 'intents');
    expect(await countOf('intent', 'intents')).toBe(1);
  });

  it('keeps a batch in which one title holds half a character', async () => {
    const broken = JSON.stringify(eventRow({ name: 'surrogate', title: 'TITLE' })).replace('TITLE', '\\ud800');
    const lines = () => Readable.from([`${broken}\n${JSON.stringify(eventRow({ name: 'surrogate' }))}\n`]);
    await database.clickhouse.insertLines({ table: 'events', token: 'batch-6', lines });
    expect(await countOf('surrogate')).toBe(2);
  });

  it('says that data which can never be stored is refused for good, and stores nothing of it', async () => {
    const bad = { ...eventRow({ name: 'bad' }), site_id: 'not a number' };
    const lines = () => Readable.from([`${JSON.stringify(eventRow({ name: 'bad' }))}\n${JSON.stringify(bad)}\n`]);
    await expect(database.clickhouse.insertLines({ table: 'events', token: 'batch-7', lines })).rejects.toMatchObject({
      permanent: true,
    });
    expect(await countOf('bad')).toBe(0);
  });

  it('fails, and may be repeated, where reading the batch breaks off', async () => {
    const lines = () =>
      Readable.from(
        (async function* () {
          yield `${JSON.stringify(eventRow({ name: 'broken_off' }))}\n`;
          throw new Error('the disk is gone');
        })(),
      );
    await expect(
      database.clickhouse.insertLines({ table: 'events', token: 'batch-8', lines }),
    ).rejects.not.toMatchObject({
      permanent: true,
    });
    await send('batch-8', [{ name: 'broken_off' }]);
    expect(await countOf('broken_off')).toBe(1);
  });

  it('keeps ids that are larger than a JavaScript number', async () => {
    await send('batch-9', [{ name: 'large', visitor_id: '18446744073709551615' }]);
    const { rows } = await database.clickhouse.query(sql`SELECT visitor_id FROM events WHERE name = 'large'`, {
      name: 'test',
    });
    expect(rows).toEqual([{ visitor_id: '18446744073709551615' }]);
  });
});

describe('migrate', () => {
  it('may be repeated and records each file once', async () => {
    await send('batch-10', [{ name: 'kept' }]);
    await migrate(database.clickhouse, { database: database.database });
    await migrate(database.clickhouse, { database: database.database });
    const { rows } = await database.clickhouse.query<{ name: string }>(
      sql`SELECT name FROM schema_migrations ORDER BY version`,
      { name: 'test' },
    );
    expect(rows.map(({ name }) => name)).toEqual([
      '001_events.sql',
      '002_intents.sql',
      '003_sessions.sql',
      '004_moments.sql',
      '005_session_ends.sql',
    ]);
    expect(await countOf('kept')).toBe(1);
  });

  it('goes on where a crash left a table that is not recorded yet', async () => {
    await database.clickhouse.command('TRUNCATE TABLE schema_migrations');
    await migrate(database.clickhouse, { database: database.database });
    expect(await countOf('kept')).toBe(1);
  });
});

describe('the self-test', () => {
  it('is content with a server that drops repeated batches, and leaves nothing behind', async () => {
    await dedupSelfTest(database.clickhouse);
    const { rows } = await database.clickhouse.query(
      sql`SELECT name FROM system.tables WHERE database = currentDatabase() AND name LIKE 'dedup_self_test%'`,
      { name: 'test' },
    );
    expect(rows).toEqual([]);
  });

  it('names the likely cause where batches are stored twice', async () => {
    const forgetful = {
      ...database.clickhouse,
      insertLines: (options: { table: string; token: string; lines: () => NodeJS.ReadableStream }) =>
        database.clickhouse.insertLines({ ...options, token: `${options.token}${Math.random()}` }),
    };
    await expect(dedupSelfTest(forgetful)).rejects.toThrow(/stored 2 rows .* must be 1.*likely cause/);
  });
});

// Last: the tests of `migrate` would go through each of its partitions.
describe('a long history', () => {
  it('of 15 years is stored in one batch, once', async () => {
    // 180 months, more than ClickHouse takes by default.
    const months = Array.from({ length: 180 }, (_, month) => ({
      name: 'history',
      ts: new Date(Date.UTC(2010, month, 15)).toISOString().replace('T', ' ').replace('Z', ''),
    }));
    await send('batch-5', months);
    await send('batch-5', months);
    expect(await countOf('history')).toBe(180);
  });
});
