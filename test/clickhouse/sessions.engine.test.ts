import { Readable } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createClickHouse } from '../../collector/clickhouse/client.ts';
import { startEmbeddedEngine } from '../../collector/clickhouse/embedded-engine.ts';
import { migrate } from '../../collector/clickhouse/migrate.ts';
import { sql } from '../../collector/clickhouse/sql.ts';
import type { EventRow } from '../../collector/contract/row.ts';
import { createLog } from '../../collector/log.ts';
import { type TestDatabase, testDatabase } from '../support/engine.ts';
import { event, pageview } from '../support/factories.ts';
import { tempFolder } from '../support/temp-folder.ts';

type Client = TestDatabase['clickhouse'];

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterEach(async () => {
  await database.clickhouse.command('TRUNCATE TABLE events');
  await database.clickhouse.command('TRUNCATE TABLE sessions');
});
afterAll(() => database.drop());

const linesOf = (rows: EventRow[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

function send(token: string, rows: EventRow[], clickhouse: Client = database.clickhouse): Promise<void> {
  return clickhouse.insertLines({ table: 'events', token, lines: () => Readable.from([linesOf(rows)]) });
}

async function stored(clickhouse: Client = database.clickhouse) {
  const { rows } = await clickhouse.query<Record<string, unknown>>(
    sql`SELECT toString(session_id) AS id, toFloat64(toUnixTimestamp64Milli(ended) - toUnixTimestamp64Milli(started)) AS ms,
      toFloat64(pageviews) AS pageviews, toFloat64(events) AS events, toFloat64(arraySum(mapValues(engaged))) AS engaged,
      tupleElement(entry, 3) AS entry, tupleElement(exit, 3) AS exit, source
    FROM sessions FINAL ORDER BY session_id`,
    { name: 'test' },
  );
  return rows;
}

/** The slow obvious way: the sessions of the rows of `events` as they are now. */
async function folded(clickhouse: Client = database.clickhouse) {
  const { rows } = await clickhouse.query<Record<string, unknown>>(
    sql`SELECT toString(session_id) AS id, toFloat64(toUnixTimestamp64Milli(max(ts)) - toUnixTimestamp64Milli(min(ts))) AS ms,
      toFloat64(countIf(name = 'pageview')) AS pageviews, toFloat64(countIf(name != 'engagement')) AS events,
      toFloat64(arraySum(maxMap([page_id], [engaged_ms]).2)) AS engaged,
      argMinIf(path, (ts, seq), name = 'pageview') AS entry, argMaxIf(path, (ts, seq), name = 'pageview') AS exit,
      max(source) AS source
    FROM events GROUP BY session_id ORDER BY session_id`,
    { name: 'test' },
  );
  return rows;
}

const visit = [
  pageview({ page_id: '7', path: '/', at: '10:00', source: 'google' }),
  event('engagement', { page_id: '7', path: '/', at: '10:01', engaged_ms: 20_000, source: 'google' }),
  event('engagement', { page_id: '7', path: '/', at: '10:02', engaged_ms: 30_000, source: 'google' }),
  pageview({ page_id: '8', path: '/pricing', at: '10:03', source: 'google' }),
  event('engagement', { page_id: '8', path: '/pricing', at: '10:05', engaged_ms: 5_000, source: 'google' }),
];
// From 10:00 to 10:05, two page views and no other event, 30 s on one page and 5 s on the other.
const asOneRow = {
  ms: 300_000,
  pageviews: 2,
  events: 2,
  engaged: 35_000,
  entry: '/',
  exit: '/pricing',
  source: 'google',
};

describe('a session is one row', () => {
  it('that counts a repeated batch once', async () => {
    for (let times = 0; times < 3; times += 1) await send('visit', visit);
    expect(await stored()).toMatchObject([asOneRow]);
  });

  it('that counts equal rows of two batches twice, because they are two events', async () => {
    await send('one', [visit[0] as EventRow]);
    await send('two', [visit[0] as EventRow]);
    expect(await stored()).toMatchObject([{ pageviews: 2, events: 2 }]);
  });

  it('and the same row, whatever the order and the batches its events arrive in', async () => {
    for (const [index, row] of [...visit].reverse().entries()) await send(`late-${index}`, [row]);
    expect(await stored()).toMatchObject([asOneRow]);
    await database.clickhouse.command('OPTIMIZE TABLE sessions FINAL');
    expect(await stored()).toMatchObject([asOneRow]);
  });

  it('that begins earlier and has another first page, once a late event says so', async () => {
    await send('visit', visit);
    await send('later', [pageview({ page_id: '6', path: '/blog', at: '09:50' })]);
    expect(await stored()).toMatchObject([{ ...asOneRow, ms: 900_000, pageviews: 3, events: 3, entry: '/blog' }]);
  });

  it('in one piece across months, although its events lie in two', async () => {
    const rows = [
      pageview({ path: '/', at: '2026-08-31T23:59:00Z' }),
      pageview({ path: '/pricing', at: '2026-09-01T00:01:00Z' }),
    ];
    for (let times = 0; times < 3; times += 1) await send('months', rows);
    expect(await stored()).toMatchObject([{ ms: 120_000, pageviews: 2, entry: '/', exit: '/pricing' }]);
  });

  it('without a first page where nobody viewed one', async () => {
    await send('call', [event('call', { path: '' })]);
    expect(await stored()).toMatchObject([{ pageviews: 0, events: 1, entry: '', exit: '' }]);
    await send('view', [pageview({ path: '/thanks', at: '10:10' })]);
    expect(await stored()).toMatchObject([{ pageviews: 1, events: 2, entry: '/thanks', exit: '/thanks' }]);
  });

  it('that is gone when its visitor is erased', async () => {
    await send('two people', [pageview({ visitor: 'ana' }), pageview({ visitor: 'ben', source: 'newsletter' })]);
    const ana = pageview({ visitor: 'ana' }).visitor_id;
    for (const table of ['events', 'sessions']) {
      await database.clickhouse.command(`ALTER TABLE ${table} DELETE WHERE visitor_id = ${ana}`, { mutations_sync: 1 });
    }
    expect(await stored()).toMatchObject([{ source: 'newsletter' }]);
    expect(await stored()).toEqual(await folded());
  });
});

it('a killed database neither loses nor doubles a session, when what failed is sent again', async () => {
  const engine = await startEmbeddedEngine({ folder: tempFolder(), memoryBytes: 1024 ** 3, log: createLog('silent') });
  const clickhouse = createClickHouse({ ...engine, database: 'killed', log: createLog('silent') });
  try {
    await migrate(clickhouse, { database: 'killed' });
    let failures = 0;
    // 2,000 events of 500 sessions in each batch, in three months; half of the sessions go on in the next batch.
    const batch = (number: number) =>
      Array.from({ length: 2_000 }, (_, index) => {
        const person = String(number * 250 + Math.floor(index / 4));
        const month = 6 + (Number(person) % 3);
        const path = `/page-${index % 4}-${number}`;
        return pageview({ visitor: person, path, at: `2026-0${month}-15T10:0${number % 10}:0${index % 4}Z` });
      });
    const answers = async () => {
      const deadline = Date.now() + 30_000;
      while (Date.now() < deadline && !(await clickhouse.ping())) await new Promise((go) => setTimeout(go, 50));
    };
    for (let number = 0; number < 7; number += 1) {
      const rows = batch(number);
      // The last kill may have come after the batch before: what is dead cannot be killed.
      await answers();
      // Killed somewhere between the arrival of the batch and long after it was stored.
      const killer = setTimeout(() => process.kill(engine.pid(), 'SIGKILL'), number * 25);
      for (let done = false; !done; ) {
        done = await send(`batch-${number}`, rows, clickhouse).then(
          () => true,
          () => false,
        );
        if (done) continue;
        failures += 1;
        await answers();
      }
      clearTimeout(killer);
      // As if the answer had been lost.
      await send(`batch-${number}`, rows, clickhouse).catch(() => undefined);
    }
    expect(failures).toBeGreaterThan(2);
    await answers();
    const { rows } = await clickhouse.query<{ count: number }>(sql`SELECT toUInt32(count()) AS count FROM events`, {
      name: 'test',
    });
    expect(rows).toEqual([{ count: 14_000 }]);
    expect(await stored(clickhouse)).toEqual(await folded(clickhouse));
  } finally {
    await clickhouse.close();
    await engine.stop();
  }
});
