import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createShip } from '../../collector/shipping.ts';
import { toRecord } from '../../collector/spool/record.ts';
import { event } from '../support/factories.ts';
import { away, refusal } from './fake-clickhouse.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'telltale-shipping-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A segment of three events, the second of which is an intent. The first only looks like one. */
async function segment() {
  const lines = [
    toRecord(event('note', { title: '"intent":1', props: { intent: '1' } })),
    toRecord(event('booking_start', { intent: 1, title: 'Zürich'.repeat(20_000) })),
    toRecord(event('pageview')),
  ];
  const path = join(folder, 'segment.ndjson');
  await writeFile(path, lines.join(''));
  return { lines, shipment: { id: 'spool-1', path, rows: 3, intents: 1 } };
}

function recorder(fail: (table: string) => Error | undefined = () => undefined) {
  const inserts: { table: string; token: string; body: string }[] = [];
  return {
    inserts,
    async insertLines({ table, token, lines }: { table: string; token: string; lines: () => NodeJS.ReadableStream }) {
      inserts.push({ table, token, body: await text(lines()) });
      const error = fail(table);
      if (error) throw error;
    },
  };
}

test('the file goes to events unchanged, its intents to intents unchanged, each with its token', async () => {
  const { lines, shipment } = await segment();
  const clickhouse = recorder();
  await createShip(clickhouse)(shipment);
  expect(clickhouse.inserts).toEqual([
    { table: 'events', token: 'spool-1:events', body: lines.join('') },
    { table: 'intents', token: 'spool-1:intents', body: lines[1] },
  ]);
});

test('a segment without intents is one insert', async () => {
  const { shipment } = await segment();
  const clickhouse = recorder();
  await createShip(clickhouse)({ ...shipment, intents: 0 });
  expect(clickhouse.inserts.map(({ table }) => table)).toEqual(['events']);
});

test('rows that events refuse are refused for good', async () => {
  const { shipment } = await segment();
  const clickhouse = recorder(() => refusal());
  await expect(createShip(clickhouse)(shipment)).rejects.toMatchObject({ permanent: true });
  expect(clickhouse.inserts).toHaveLength(1);
});

test('what intents refuse is repeated whole, because events has the rows already', async () => {
  const { shipment } = await segment();
  const clickhouse = recorder((table) => (table === 'intents' ? refusal() : undefined));
  await expect(createShip(clickhouse)(shipment)).rejects.not.toHaveProperty('permanent');
});

test('says when ClickHouse is away', async () => {
  const { shipment } = await segment();
  await expect(createShip(recorder(() => away()))(shipment)).rejects.toThrow('ECONNREFUSED');
});
