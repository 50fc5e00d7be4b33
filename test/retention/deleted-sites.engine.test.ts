import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { sql as question } from '../../collector/clickhouse/sql.ts';
import { createLog } from '../../collector/log.ts';
import { eraseDeletedSites } from '../../collector/retention/deleted-sites.ts';
import type { State } from '../../collector/state/database.ts';
import { loadSites } from '../../collector/state/sites.ts';
import { acting } from '../support/acting.ts';
import { event, pageview } from '../support/factories.ts';
import { memoryState } from '../support/state.ts';

const anyClickHouse = { command: async () => {} };
const log = createLog('silent');

/** A store with two sites, and a clock. */
async function twoSites() {
  const clock = { ms: Date.parse('2026-09-01T10:00:00Z') };
  const now = () => clock.ms;
  const { state, site } = await memoryState(now);
  const sites = await loadSites(state, now);
  const other = await sites.create({ domain: 'other.example', timezone: 'UTC' });
  return { clock, now, state, sites, site, other };
}

interface Column {
  name: string;
  type: string;
}

/** A row in every table that belongs to a site or to something of a site, whatever tables there are. Answers their names. */
async function fill(state: State, siteId: number): Promise<string[]> {
  await sql`PRAGMA ignore_check_constraints = ON`.execute(state.db);
  const { rows: tables } = await sql<{ name: string }>`
    SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'`.execute(state.db);
  const filled = new Map<string, unknown>([['sites', siteId]]);
  for (let before = 0; filled.size > before; ) {
    before = filled.size;
    for (const { name: table } of tables) {
      const { rows: columns } = await sql<Column>`SELECT name, type FROM pragma_table_info(${table})`.execute(state.db);
      const { rows: keys } = await sql<{ column: string; parent: string }>`
        SELECT "from" AS "column", "table" AS parent FROM pragma_foreign_key_list(${table})`.execute(state.db);
      const isOfSite = columns.some(({ name }) => name === 'site_id') || keys.some(({ parent }) => parent !== 'users');
      if (filled.has(table) || !isOfSite || keys.some(({ parent }) => !filled.has(parent))) continue;
      const values = Object.fromEntries(
        columns.map(({ name, type }) => {
          const parent = keys.find(({ column }) => column === name)?.parent;
          if (parent) return [name, filled.get(parent)];
          if (name === 'site_id') return [name, siteId];
          return [name, type === 'TEXT' ? `${table} ${siteId}` : type === 'BLOB' ? Buffer.from('x') : siteId];
        }),
      );
      await sql`INSERT INTO ${sql.table(table)} (${sql.join(Object.keys(values).map((name) => sql.ref(name)))})
        VALUES (${sql.join(Object.values(values))})`.execute(state.db);
      filled.set(table, values.id ?? null);
    }
  }
  filled.delete('sites');
  return [...filled.keys()];
}

async function rowsOf(state: State, tables: readonly string[]): Promise<Record<string, number>> {
  const counts: [string, number][] = [];
  for (const table of tables) {
    const { rows } = await sql<{ count: number }>`SELECT count(*) AS count FROM ${sql.table(table)}`.execute(state.db);
    counts.push([table, rows[0]?.count ?? 0]);
  }
  return Object.fromEntries(counts);
}

test('thirty days after a site was deleted nothing is left of it but its number, in whatever table; other sites keep all', async () => {
  const { clock, now, state, sites, site, other } = await twoSites();
  const tables = await fill(state, site.id);
  expect(tables.length).toBeGreaterThan(25);
  expect(await fill(state, other.id)).toEqual(tables);
  const two = await rowsOf(state, tables);
  expect(new Set(Object.values(two))).toEqual(new Set([2]));

  await sites.remove(site.id);
  clock.ms += 30 * 24 * 60 * 60_000 - 1;
  await eraseDeletedSites({ state, clickhouse: anyClickHouse, now, log });
  expect(await rowsOf(state, tables)).toEqual(two);

  clock.ms += 1;
  await eraseDeletedSites({ state, clickhouse: anyClickHouse, now, log });
  const one = await rowsOf(state, tables);
  expect(new Set(Object.values(one))).toEqual(new Set([1]));
  const { rows: foreign } = await sql`PRAGMA foreign_key_check`.execute(state.db);
  expect(foreign).toEqual([]);
  const row = await state.db.selectFrom('sites').selectAll().where('id', '=', site.id).executeTakeFirstOrThrow();
  expect(row).toMatchObject({ name: '', domains: '[]', erased_at: new Date(clock.ms).toISOString() });
  expect((await sites.create({ domain: 'third.example', timezone: 'UTC' })).id).toBe(other.id + 1);
});

test('thousands of records go as well', async () => {
  const { clock, now, state, sites, site, other } = await twoSites();
  await fill(state, site.id);
  await fill(state, other.id);
  await sql`INSERT INTO leads (id, site_id, person_id, number, traits, created_at, updated_at)
    WITH RECURSIVE counted(n) AS (SELECT 100 UNION ALL SELECT n + 1 FROM counted WHERE n < 2500)
    SELECT 'lead ' || n, ${site.id}, 'lead ' || n, n, '{}', '', '' FROM counted`.execute(state.db);
  await sites.remove(site.id);
  clock.ms += 31 * 24 * 60 * 60_000;
  await eraseDeletedSites({ state, clickhouse: anyClickHouse, now, log });
  expect(await rowsOf(state, ['leads'])).toEqual({ leads: 1 });
});

test('the events go too; where ClickHouse does not answer everything stays, and goes the next time', async () => {
  const { db, store, clock, arrive } = await acting();
  const { state } = store;
  const sites = await loadSites(state, clock.now);
  await sites.create({ domain: 'other.example', timezone: 'UTC' });
  const visit = (siteId: number) => [
    pageview({ site_id: siteId, visitor: 'v', at: '2026-09-01T10:00:00Z' }),
    event('booking_start', { site_id: siteId, visitor: 'v', at: '2026-09-01T10:00:01Z', props: { booking_id: 'b' } }),
  ];
  await arrive(...visit(1), ...visit(2));
  await sites.remove(1);
  clock.set('2026-10-02T10:00:00Z');
  const stored = async () => {
    const { rows } = await db.clickhouse.query<{ site_id: number; table: string; count: number }>(
      question`SELECT site_id, table, toFloat64(count()) AS count FROM (
        SELECT site_id, 'events' AS table FROM events UNION ALL SELECT site_id, 'intents' FROM intents UNION ALL SELECT site_id, 'sessions' FROM sessions FINAL
      ) GROUP BY site_id, table ORDER BY site_id, table`,
      { name: 'test' },
    );
    return rows.map(({ site_id, table, count }) => `${site_id} ${table} ${count}`);
  };
  const away = {
    command: async () => {
      throw new Error('connect ECONNREFUSED');
    },
  };
  await eraseDeletedSites({ state, clickhouse: away, now: clock.now, log });
  expect(await stored()).toEqual(['1 events 2', '1 intents 1', '1 sessions 1', '2 events 2', '2 sessions 1']);
  expect(await state.db.selectFrom('rules').select('site_id').execute()).not.toEqual([]);

  await eraseDeletedSites({ state, clickhouse: db.clickhouse, now: clock.now, log });
  expect(await stored()).toEqual(['2 events 2', '2 sessions 1']);
  expect(await state.db.selectFrom('rules').select('site_id').execute()).toEqual([]);
});
