import { expect, test } from 'vitest';
import { param, sql } from '../../collector/clickhouse/sql.ts';
import { createShip } from '../../collector/shipping.ts';
import { openSpool } from '../../collector/spool/spool.ts';
import { openDoor, view } from '../ingest/door.ts';
import { testDatabase } from '../support/engine.ts';
import { event } from '../support/factories.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { away } from './fake-clickhouse.ts';

test('ClickHouse stores a segment once, however often its answer is lost', async () => {
  const { clickhouse } = await testDatabase();
  const ship = createShip(clickhouse);
  let lost = 3;
  const spool = await openSpool({
    folder: tempFolder(),
    retry: { firstMs: 1, maxMs: 5 },
    ship: async (shipment) => {
      await ship(shipment);
      if (lost-- > 0) throw away();
    },
  });
  // Intents expire 60 days after they were received, by the engine's own clock.
  const receivedAt = new Date().toISOString();
  const rows = Array.from({ length: 500 }, (_, number) =>
    event('order', {
      receivedAt,
      at: number % 2 === 0 ? '10:00' : '2026-08-01T10:00:00Z',
      intent: number % 10 === 0 ? 1 : 0,
    }),
  );
  await spool.append(rows);
  await spool.flush();
  await spool.close();
  const count = async (table: 'events' | 'intents') => {
    const from = table === 'events' ? sql`events` : sql`intents`;
    const answer = await clickhouse.query<{ count: string }>(sql`SELECT count() AS count FROM ${from}`, {
      name: 'test',
    });
    return Number(answer.rows[0]?.count);
  };
  expect([await count('events'), await count('intents')]).toEqual([500, 50]);
});

test('what ingest makes of an event arrives in every column, exact to the last digit', async () => {
  const door = await openDoor({ matchersFor: () => [() => true] });
  await door.send({
    events: [
      view('/a', { seq: 1, title: 'Preis "€" \\ 😀\ud800', props: { value: 99_999_999_999_999, 'a"b': '\u0000x' } }),
      view('/a', { seq: 2, name: 'order', props: { value: 0.1 } }),
      view('/a', { seq: 3, name: 'order', props: { value: -0.00005 } }),
      view('/a', { seq: 4, name: 'engagement', props: { engaged_ms: 1e12, scroll: 33 } }),
    ],
  });
  expect(door.rows).toHaveLength(4);
  const { clickhouse } = await testDatabase();
  const spool = await openSpool({ folder: tempFolder(), ship: createShip(clickhouse) });
  await spool.append(door.rows);
  await spool.flush();
  expect(spool.status().quarantinedRows).toBe(0);
  await spool.close();
  const stored = await clickhouse.query<Record<string, unknown>>(
    sql`SELECT seq, toString(visitor_id) AS visitor, toString(session_id) AS session, toString(ts) AS time, title, props,
          toString(value) AS value, currency, engaged_ms, scroll
        FROM events WHERE site_id = ${param.uint32(1)} ORDER BY seq`,
    { name: 'test' },
  );
  const [first] = door.rows;
  expect(stored.rows).toMatchObject([
    {
      seq: 1,
      visitor: first?.visitor_id,
      session: first?.session_id,
      time: '2026-09-01 12:00:00.000',
      title: 'Preis "€" \\ 😀\ufffd',
      props: { 'a"b': 'x' },
      value: '99999999999999',
      currency: 'EUR',
    },
    { seq: 2, value: '0.1' },
    { seq: 3, value: '0' },
    { seq: 4, engaged_ms: 4_294_967_295, scroll: 33 },
  ]);
});
