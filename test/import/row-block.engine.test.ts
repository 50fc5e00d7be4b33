import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sql } from '../../collector/clickhouse/sql.ts';
import { type EventRow, toTimestamp } from '../../collector/contract/row.ts';
import { createRowBlock } from '../../collector/import/row-block.ts';
import { eventRow, type TestDatabase, testDatabase } from '../support/engine.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

const start = Date.UTC(2026, 2, 1);
const id = fc.bigInt({ min: 0n, max: 0xffff_ffff_ffff_ffffn }).map(String);
const text = fc.oneof(
  fc.constantFrom('', 'Chrome', '/pricing'),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'grapheme' }),
);
const money = fc.integer({ min: -(10 ** 15), max: 10 ** 15 }).map((hundredths) => hundredths / 10_000);

const row: fc.Arbitrary<{ ms: number; row: EventRow }> = fc
  .record({
    ms: fc.integer({ min: start, max: start + 40 * 24 * 60 * 60 * 1000 }),
    ids: fc.tuple(id, id, id),
    counts: fc.tuple(fc.integer({ min: 0, max: 0xffff_ffff }), fc.nat(65_535), fc.nat(100)),
    texts: fc.array(text, { minLength: 20, maxLength: 20 }),
    props: fc.dictionary(fc.string({ minLength: 1 }), text, { maxKeys: 4 }),
    value: fc.oneof(fc.constantFrom(0, 49.9, -3, 99_999_999_999_999), money),
    flag: fc.constantFrom<0 | 1>(0, 1),
  })
  .map(({ ms, ids, counts, texts, props, value, flag }) => {
    const [name = '', path = '', prev_path = '', host = '', title = '', country = '', region = '', city = ''] = texts;
    const [browser = '', browser_version = '', os = '', os_version = '', language = '', referrer = ''] = texts.slice(8);
    const [source = '', medium = '', campaign = '', term = '', content = '', currency = ''] = texts.slice(14);
    const platform = { browser, browser_version, os, os_version, language };
    const arrival = { referrer, source, medium, campaign, term, content, channel: 'email' as const };
    return {
      ms,
      row: eventRow({
        ...{ ts: toTimestamp(ms), visitor_id: ids[0], session_id: ids[1], page_id: ids[2] },
        ...{ seq: counts[0], engaged_ms: counts[0], page_number: counts[1], scroll: counts[2] },
        ...{ name, path, prev_path, host, title, country, region, city, ...platform, ...arrival },
        ...{ props, value, currency, persistent: flag, clock_replaced: flag, device: 'mobile' },
      }),
    };
  });

async function stored(): Promise<unknown[]> {
  const { rows } = await database.clickhouse.query(
    sql`SELECT * REPLACE (toString(value) AS value) FROM events ORDER BY page_id, visitor_id, session_id, ts`,
    { name: 'test' },
  );
  await database.clickhouse.command('TRUNCATE TABLE events');
  return rows;
}

test('row block: ClickHouse answers with the same rows as from lines of JSON, whatever is in them', async () => {
  // One block for all batches: what it keeps of one must not show in the next.
  const block = createRowBlock(400);
  const insertBlock = async (rows: readonly { ms: number; row: EventRow }[]) => {
    for (const { ms, row: one } of rows) block.add(one, ms);
    await database.clickhouse.insertBlock({ table: 'events', token: randomUUID(), block: block.take() });
  };
  await fc.assert(
    fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 60 }), async (rows) => {
      await insertBlock(rows);
      const fromBlock = await stored();
      await database.insert(rows.map(({ row: one }) => one));
      expect(fromBlock).toEqual(await stored());
    }),
    { numRuns: 12 },
  );

  // More different texts than one byte counts, and more properties than rows.
  const many = Array.from({ length: 400 }, (_, index) => ({
    ms: start + index,
    row: eventRow({
      ts: toTimestamp(start + index),
      page_id: String(index),
      path: `/page-${index}`,
      title: 'Preisliste – Größe',
      props: Object.fromEntries(Array.from({ length: index % 9 }, (__, key) => [`key-${key}`, `${index}`])),
    }),
  }));
  await insertBlock(many);
  const fromBlock = await stored();
  await database.insert(many.map(({ row: one }) => one));
  expect(fromBlock).toEqual(await stored());
});

test('row block: nothing is lost without a word', () => {
  const block = createRowBlock(1);
  expect(block.take()).toEqual([]);
  block.add(eventRow({}), start);
  expect(() => block.add(eventRow({}), start)).toThrow('A block was made for 1 rows.');
});
