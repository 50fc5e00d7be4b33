import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { inject } from 'vitest';
import { type ClickHouse, createClickHouse } from '../../collector/clickhouse/client.ts';
import { migrate } from '../../collector/clickhouse/migrate.ts';
import type { EventRow } from '../../collector/contract/row.ts';
import { createLog } from '../../collector/log.ts';
import './global-engine.ts';
import { plainColumns } from './plain-columns.ts';

export interface TestDatabase {
  clickhouse: ClickHouse;
  database: string;
  /** Stores events; what a row leaves out is filled in by `eventRow`. */
  insert(rows: Partial<EventRow>[]): Promise<void>;
  /** Drops the database and closes the client. */
  drop(): Promise<void>;
}

/** A fresh migrated database on the engine that all tests of the run share. */
export async function testDatabase(): Promise<TestDatabase> {
  const database = `test_${randomUUID().replaceAll('-', '')}`;
  const clickhouse = createClickHouse({ ...inject('engine'), database, log: createLog('silent') });
  await migrate(clickhouse, { database });
  return {
    clickhouse,
    database,
    async insert(rows) {
      const text = rows.map((row) => `${JSON.stringify(eventRow(row))}\n`).join('');
      await clickhouse.insertLines({ table: 'events', token: randomUUID(), lines: () => Readable.from([text]) });
    },
    async drop() {
      await clickhouse.command(`DROP DATABASE IF EXISTS ${database}`, {}, { database: 'default' });
      await clickhouse.close();
    },
  };
}

/**
 * A whole event row: a page view of `/` by visitor 1 of site 1 on 2026-09-01 at 12:00 UTC, but for what is given.
 * TRICKY: rows of `intents` whose `received_at` is older than 60 days by the real clock are dropped at once (TTL).
 */
export function eventRow(row: Partial<EventRow>): EventRow {
  return {
    ...plainColumns,
    id: randomUUID(),
    site_id: 1,
    ts: '2026-09-01 12:00:00.000',
    received_at: row.ts ?? '2026-09-01 12:00:00.000',
    visitor_id: '1',
    session_id: row.visitor_id ?? '1',
    page_id: '1',
    seq: 0,
    name: 'pageview',
    path: '/',
    prev_path: '',
    page_number: 1,
    language: 'de',
    ...row,
  };
}
