import { chmodSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Check, checkClock, checkNode, checkProcessor } from '../../collector/cli/doctor.ts';
import { openDataFolder } from '../../collector/data-folder.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { runCommand } from './run-command.ts';

/** Something that answers every request like this; the test knows only its port. */
async function answering(status: number, body: string): Promise<number> {
  const server = createServer((_request, response) => response.writeHead(status).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function doctor(line = '', env: Record<string, string> = {}) {
  const data = env.TELLTALE_DATA ?? join(tempFolder(), 'data');
  const { status, stdout } = await runCommand(`doctor --json${line}`, { data, env: { TELLTALE_PORT: '0', ...env } });
  const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: Check[] };
  return { status, ok, checks, found: (name: string) => checks.find((check) => check.name === name) };
}

test('doctor: a machine that can run Telltale passes every check', async () => {
  const { status, ok, checks } = await doctor();
  expect(checks.filter((check) => !check.ok)).toEqual([]);
  expect([status, ok]).toEqual([0, true]);
  expect(checks.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['node', 'settings', 'data folder', 'disk', 'event database', 'port']),
  );
});

test('doctor: says in words what is wrong, and fails', async () => {
  const taken = await answering(200, '');
  const data = tempFolder();
  mkdirSync(join(data, 'open'));
  chmodSync(join(data, 'open'), 0o755);
  const line = `doctor --port ${taken} --data ${join(data, 'open')}`;
  const { status, stdout, stderr } = await runCommand(line);
  expect(status).toBe(1);
  expect(stdout).toContain(
    `WRONG  port            ${taken} on 127.0.0.1 is in use by another program. Choose another with --port.`,
  );
  expect(stdout).toContain(`can be opened by other users of this machine. Run: chmod 700 ${join(data, 'open')}`);
  expect(stderr).toMatch(/^2 of \d checks failed\.\n$/);
});

test('doctor: every bad setting is a check of its own, and the others go on', async () => {
  const { status, checks, found } = await doctor('', {
    TELLTALE_LOG: 'loud',
    TELLTALE_SCAN_INTERVAL: 'often',
    TELLTALE_PORT: '0',
  });
  expect(status).toBe(1);
  expect(checks.filter(({ name, ok }) => name === 'settings' && !ok)).toHaveLength(2);
  expect(found('disk')).toMatchObject({ ok: true });
});

test('doctor: asks a ClickHouse of your own for its version and its clock', async () => {
  const good = await doctor('', { CLICKHOUSE_URL: `http://127.0.0.1:${await answering(200, '26.7.2.1\n')}` });
  expect(good.found('event database')).toMatchObject({
    ok: true,
    detail: expect.stringMatching(/^ClickHouse 26\.7\.2\.1 at /),
  });
  expect(good.found('clock')).toMatchObject({ ok: true });
  const refusing = await doctor('', {
    CLICKHOUSE_URL: `http://127.0.0.1:${await answering(403, 'Code: 516. Authentication failed')}`,
  });
  expect(refusing.found('event database')?.detail).toContain('refuses: Code: 516. Authentication failed');
  const gone = await doctor('', { CLICKHOUSE_URL: 'http://127.0.0.1:1' });
  expect(gone.found('event database')).toEqual({
    name: 'event database',
    ok: false,
    detail: 'http://127.0.0.1:1 does not answer. Start ClickHouse, or correct CLICKHOUSE_URL.',
  });
});

test('doctor: next to a running server it asks the server, and does not call its port taken', async () => {
  const data = tempFolder();
  const folder = openDataFolder(data);
  const ready = '{"status":"not ready","database":"The event database does not answer.","spool":"ok"}';
  folder.announce({ host: '127.0.0.1', port: await answering(503, ready), publicUrl: 'http://localhost' });
  const { found } = await doctor('', { TELLTALE_DATA: data });
  folder.release();
  expect(found('port')).toBeUndefined();
  expect(found('server')).toEqual({
    name: 'server',
    ok: false,
    detail: 'database: The event database does not answer.; spool: ok',
  });
});

test('doctor: sees rows that were set aside and a clock that was set back', async () => {
  const data = tempFolder();
  mkdirSync(join(data, 'spool', 'quarantine'), { recursive: true });
  writeFileSync(join(data, 'spool', 'quarantine', 'one.json'), '{}');
  writeFileSync(join(data, 'state.db'), '');
  const tomorrow = Date.now() / 1000 + 86_400;
  utimesSync(join(data, 'state.db'), tomorrow, tomorrow);
  const { found } = await doctor('', { TELLTALE_DATA: data });
  expect(found('spool')?.detail).toMatch(
    /^0 events wait for ClickHouse in 0 segments, 1 are set aside\. Look at the reasons/,
  );
  expect(found('clock')?.detail).toContain('was set back');
});

test('doctor: knows which Node, which processor and which clock will do', () => {
  expect(['20.18.3', '18.20.0', '20.19.0', '22.1.0'].map((version) => checkNode(version).ok)).toEqual([
    false,
    false,
    true,
    true,
  ]);
  expect(checkProcessor('flags\t\t: fpu sse4_1 sse4_2 popcnt\n').ok).toBe(true);
  expect(checkProcessor('flags\t\t: fpu sse4_1\nbugs\t\t: sse4_2\n').ok).toBe(false);
  expect([checkClock(10_000, 5_000).ok, checkClock(10_000, 15_001).ok]).toEqual([true, false]);
});
