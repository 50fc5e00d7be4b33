import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { sql } from '../../collector/clickhouse/sql.ts';
import type { FunnelAnswer } from '../../collector/contract/funnel.ts';
import type { BreakdownAnswer, OverviewAnswer } from '../../collector/contract/overview.ts';
import { seededRandom } from '../../collector/demo/seeded-random.ts';
import { createShip } from '../../collector/shipping.ts';
import { openSpool } from '../../collector/spool/spool.ts';
import { openState } from '../../collector/state/database.ts';
import { type TestDatabase, testDatabase } from '../support/engine.ts';
import { questionApp } from '../support/question-app.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { openDoor, view } from './door.ts';
import { hostileBody } from './hostile-bodies.ts';

const unlimited = { perSecond: Number.POSITIVE_INFINITY, burst: Number.POSITIVE_INFINITY };
const rates = { address: unlimited, site: unlimited };
const day = { from: '2026-09-01', to: '2026-09-02' };

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

/** Rows of a door on their way through a real spool into ClickHouse; resolves when they are there. */
async function ship(rows: Awaited<ReturnType<typeof openDoor>>['rows']) {
  const spool = await openSpool({ folder: tempFolder(), ship: createShip(database.clickhouse) });
  for (let start = 0; start < rows.length; start += 5_000) await spool.append(rows.slice(start, start + 5_000));
  await spool.flush();
  const status = spool.status();
  await spool.close();
  return status;
}

/** The questions of a site over HTTP. */
function questionsOf(siteId: number) {
  const state = openState(`${tempFolder()}/state.db`);
  onTestFinished(() => state.close());
  const now = () => Date.parse('2026-09-02T13:00:00Z');
  return questionApp({ clickhouse: database.clickhouse, state, now, site: { id: siteId } });
}

test('duplicates: ten thousand events sent three times, shuffled, over a restart and for 23 hours, count once at once', async () => {
  const count = 10_000;
  const random = seededRandom(7);
  const sends = Array.from({ length: 3 * count }, (_, index) => ({ number: index % count, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ number }) => number);
  const orders = (numbers: number[]) =>
    numbers.map((number) => ({ id: `order-${number}`, name: 'order', visitor: `v${number % 2_500}` }));
  let door = await openDoor({ rates });
  const { clock } = door;
  let stored: typeof door.rows = [];
  for (let start = 0; start < sends.length; start += 100) {
    if (start === sends.length / 2) {
      stored = door.rows;
      door = await openDoor({ rates, clock, retained: stored });
    }
    const answer = await door.server(orders(sends.slice(start, start + 100)));
    // Every repeat is answered as if it had been kept: its sender is done with it.
    expect(answer.accepted + answer.dropped.length).toBe(100);
    // 300 requests over 23 hours.
    clock.advance((23 * 60 * 60 * 1000) / 300);
  }
  const rows = [...stored, ...door.rows];
  expect(rows).toHaveLength(count);
  await ship(rows);

  // At once: nothing here waits for a merge.
  const { ask } = questionsOf(1);
  const range = { from: '2026-09-01', to: '2026-09-03' };
  const overview = await ask<OverviewAnswer>('/overview', range);
  expect(overview.body).toMatchObject({ totals: { events: count, visitors: 2_500 } });
  const funnel = await ask<FunnelAnswer>('/funnel', {
    ...range,
    steps: [{ match: { event: 'order' } }, { match: { event: 'order' } }],
    window: '24h',
  });
  expect(funnel.body.steps[0]).toMatchObject({ count: 2_500 });
  const { rows: twice } = await database.clickhouse.query<{ count: string; ids: string }>(
    sql`SELECT count() AS count, uniqExact(page_id) AS ids FROM events WHERE name = 'order'`,
    { name: 'test' },
  );
  expect(twice).toEqual([{ count: String(count), ids: String(count) }]);
});

/** More of them take more time and find no more: docs/reliability.md has the figures of a longer run. */
const hostileBodies = Number(process.env.TELLTALE_HOSTILE_BODIES ?? 10_000);

test('hostile corpus: of ten thousand bodies everything kept is stored, nothing is refused, and the memory stays flat', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const door = await openDoor({ site: { id: 2, settings: { anyHost: true } }, rates });
  let kept = 0;
  const heap: number[] = [];
  for (let round = 0; round < hostileBodies / 1_000; round++) {
    for (const body of fc.sample(hostileBody, { numRuns: 1_000, seed: round })) {
      const reply = await door.sendRaw(body);
      if (![202, 400, 413].includes(reply.status)) expect(body.toString()).toBe(reply.status);
    }
    kept += door.rows.length;
    // One row that ClickHouse refuses would be set aside here.
    expect(await ship(door.rows.splice(0))).toMatchObject({ quarantinedRows: 0 });
    collect();
    heap.push(process.memoryUsage().heapUsed / 1024 ** 2);
  }
  expect(kept).toBeGreaterThan(2_000);
  // Nearly every body is a visitor of its own, and the latest 200,000 are remembered.
  expect((heap.at(-1) ?? 0) - (heap[1] ?? 0)).toBeLessThan(20 + (kept * 600) / 1024 ** 2);
  const { rows: stored } = await database.clickhouse.query<{ count: string; months: string }>(
    sql`SELECT count() AS count, uniqExact(toYYYYMM(ts)) AS months FROM events WHERE site_id = 2`,
    { name: 'test' },
  );
  expect(stored[0]?.count).toBe(String(kept));
  expect(Number(stored[0]?.months)).toBeLessThanOrEqual(2);
});

test('characters: a thousand samples of every plane come back as they were sent', async () => {
  const door = await openDoor({ site: { id: 3 }, rates });
  const points: number[] = [];
  for (let point = 0x20; point <= 0x10ffff; point += 1_115) if (point < 0xd800 || point > 0xdfff) points.push(point);
  const samples = points.filter((point) => point !== 0x7f).map((point) => `<${String.fromCodePoint(point)}>`);
  expect(samples.length).toBeGreaterThan(950);
  for (let start = 0; start < samples.length; start += 50) {
    const events = samples
      .slice(start, start + 50)
      .map((title, seq) => view('/a', { seq, title, props: { [title]: title } }));
    await door.send({ page: `p${start}`, events });
  }
  expect(await ship(door.rows)).toMatchObject({ quarantinedRows: 0 });
  const { rows } = await database.clickhouse.query<{ title: string; props: Record<string, string> }>(
    sql`SELECT title, props FROM events WHERE site_id = 3`,
    { name: 'test' },
  );
  expect(rows.map(({ title }) => title).sort()).toEqual([...samples].sort());
  expect(rows.every(({ title, props }) => props[title] === title)).toBe(true);
});

test('SQL injection: five hundred payloads in names, paths, properties and filters find what is literally called that, and nothing else', async () => {
  const stems = [
    "'; DROP TABLE events; --",
    "' OR 1 = 1 --",
    "') OR ('1' = '1",
    '" OR ""="',
    '\\',
    "\\'; SELECT 1; --",
    '{p1:String}',
    '{site:UInt32}',
    "' UNION ALL SELECT password FROM users --",
    '`; TRUNCATE TABLE events; --',
    '%',
    '_',
    "' AND sleep(3) --",
    '0x27 OR 1',
    '/**/OR/**/1=1',
    "'||(SELECT version())||'",
    ') FORMAT JSON; --',
    "' INTO OUTFILE '/tmp/x' --",
    "' FROM url('http://127.0.0.1', 'LineAsString') --",
    '\u2019 OR 1=1',
    'char(39)',
    '$${}$$',
    '?',
    "'''",
    '--',
  ];
  const payloads = Array.from({ length: 500 }, (_, index) => `${stems[index % stems.length]}${index}`);
  const door = await openDoor({ site: { id: 4 }, rates });
  for (const [index, payload] of payloads.entries()) {
    await door.send({
      page: `p${index}`,
      visitor: `v${index}`,
      events: [
        {
          seq: 0,
          age: 0,
          name: payload,
          url: 'https://example.com/a',
          props: { note: payload, [payload.slice(0, 60)]: '1' },
        },
      ],
    });
  }
  await ship(door.rows);

  const { ask } = questionsOf(4);
  const count = async (dimension: string, value: string[]) =>
    (await ask<OverviewAnswer>('/overview', { ...day, filters: [{ dimension, op: 'is', value }] })).body.totals.events;
  for (let start = 0; start < payloads.length; start += 50) {
    expect(await count('event', payloads.slice(start, start + 50))).toBe(50);
  }
  for (const payload of payloads.slice(0, stems.length)) {
    expect(await count('event', [payload])).toBe(1);
    expect(await count('prop:note', [payload])).toBe(1);
  }
  const { body } = await ask<BreakdownAnswer>('/breakdown', {
    ...day,
    dimension: 'event',
    metric: 'events',
    limit: 500,
  });
  expect(body.items.map(({ key, events }) => `${events} ${key}`).sort()).toEqual(payloads.map((p) => `1 ${p}`).sort());
});
