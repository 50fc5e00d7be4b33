import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClickHouse, createClickHouse } from '../../collector/clickhouse/client.ts';
import { type EmbeddedEngine, startEmbeddedEngine } from '../../collector/clickhouse/embedded-engine.ts';
import { migrate } from '../../collector/clickhouse/migrate.ts';
import { Sql, sql } from '../../collector/clickhouse/sql.ts';
import { createLog } from '../../collector/log.ts';
import { eventRow } from '../support/engine.ts';

const log = createLog('silent');
const memoryBytes = 1024 ** 3;

let folder: string;
let engine: EmbeddedEngine;
let clickhouse: ClickHouse;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'telltale-engine-test-'));
  engine = await startEmbeddedEngine({ folder, memoryBytes, log });
  clickhouse = createClickHouse({ ...engine, database: 'telltale', log });
  await migrate(clickhouse, { database: 'telltale' });
});

afterAll(async () => {
  await clickhouse.close();
  await engine.stop();
  await rm(folder, { recursive: true, force: true });
});

const store = (name: string) =>
  clickhouse.insertLines({
    table: 'events',
    token: name,
    lines: () => Readable.from([`${JSON.stringify(eventRow({ name }))}\n`]),
  });

async function countOf(name: string): Promise<number> {
  const { rows } = await clickhouse.query<{ count: number }>(
    sql`SELECT toUInt32(count()) AS count FROM events WHERE name = ${new Sql([`'${name}'`])}`,
    { name: 'test' },
  );
  return rows[0]?.count ?? 0;
}

async function ask(account: { user: string; password: string }, statement: string): Promise<string> {
  const answer = await fetch(`${engine.url}/?database=telltale`, {
    method: 'POST',
    body: statement,
    headers: { 'x-clickhouse-user': account.user, 'x-clickhouse-key': account.password, connection: 'close' },
  });
  return answer.text();
}

describe('the embedded engine', () => {
  it('comes back after kill -9 at the same address, with every acknowledged row', async () => {
    await store('before_the_kill');
    const killed = engine.pid();
    process.kill(killed, 'SIGKILL');
    await expect.poll(() => countOf('before_the_kill').catch(() => -1), { timeout: 120_000 }).toBe(1);
    await expect.poll(() => engine.pid()).not.toBe(killed);
  });

  it('still knows after kill -9 which batches it has', async () => {
    await store('sent_again');
    process.kill(engine.pid(), 'SIGKILL');
    await expect
      .poll(
        () =>
          store('sent_again')
            .then(() => 'stored')
            .catch(() => 'down'),
        { timeout: 120_000 },
      )
      .toBe('stored');
    expect(await countOf('sent_again')).toBe(1);
  });

  it('refuses a second engine on the same folder in one sentence', async () => {
    await expect(startEmbeddedEngine({ folder, memoryBytes, log })).rejects.toThrow(
      /^Another Telltale already uses this data folder .*choose another folder/,
    );
    expect(await clickhouse.ping()).toBe(true);
  });

  it('keeps its password in a file that only its owner can read', async () => {
    const file = join(folder, 'password');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await readFile(file, 'utf8')).trim()).toBe(engine.password);
    expect(await readFile(join(folder, 'users.xml'), 'utf8')).not.toContain(engine.password);
  });

  it('gives the account without a password nothing to read, write or reach', async () => {
    const nobody = { user: 'default', password: '' };
    for (const statement of [
      'SELECT count() FROM events',
      'INSERT INTO events (site_id) VALUES (1)',
      'DROP TABLE events',
      "SELECT * FROM url('http://127.0.0.1:1/', CSV, 'a String')",
      'SYSTEM SHUTDOWN',
    ]) {
      expect(await ask(nobody, statement)).toContain('ACCESS_DENIED');
    }
    expect(await ask({ user: 'collector', password: '' }, 'SELECT 1')).toContain('AUTHENTICATION_FAILED');
  });

  it('lets the reader read, and neither write nor reach files or other hosts', async () => {
    expect(await ask(engine.reader, 'SELECT count() FROM events')).toMatch(/^\d+\n$/);
    for (const statement of [
      'INSERT INTO events (site_id) VALUES (1)',
      'ALTER TABLE events DELETE WHERE 1',
      'DROP TABLE events',
      "SELECT * FROM url('http://127.0.0.1:1/', CSV, 'a String')",
      "SELECT * FROM file('/etc/passwd', LineAsString)",
      "SELECT * FROM remote('127.0.0.1:1', system.one)",
    ]) {
      expect(await ask(engine.reader, statement)).toMatch(/ACCESS_DENIED|READONLY/);
    }
    expect(await ask(engine.reader, 'SELECT 1 SETTINGS max_execution_time = 1000')).toContain(
      'SETTING_CONSTRAINT_VIOLATION',
    );
  });

  it('says in words that it is away, and that a question is too heavy', async () => {
    const heavy = sql`SELECT count() FROM numbers(1000000) AS a CROSS JOIN numbers(1000000) AS b WHERE a.number + b.number = 7 SETTINGS max_execution_time = 1`;
    await expect(clickhouse.query(heavy, { name: 'heavy' })).rejects.toMatchObject({
      code: 'query_too_heavy',
      status: 422,
    });
    const away = createClickHouse({ ...engine, url: 'http://127.0.0.1:9', database: 'telltale', log });
    await expect(away.query(sql`SELECT 1`, { name: 'away' })).rejects.toMatchObject({ code: 'database_unavailable' });
    expect(await away.ping()).toBe(false);
    await away.close();
  });
});
