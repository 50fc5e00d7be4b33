import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openSpool } from '../../collector/spool/spool.ts';
import { pageview } from '../support/factories.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { runCommand } from './run-command.ts';

/** A data folder whose spool holds three rows that ClickHouse does not have. */
async function withWaitingRows() {
  const data = tempFolder();
  const folder = join(data, 'spool');
  const spool = await openSpool({ folder, ship: () => Promise.reject(new Error('ClickHouse is away.')) });
  await spool.append([pageview({ visitor: 'ana' }), pageview({ visitor: 'ben' }), pageview({ visitor: 'cleo' })]);
  await spool.close();
  const segment = readdirSync(folder).find((name) => name.endsWith('.ndjson')) ?? '';
  return { data, segment: join(folder, segment) };
}

test('spool status: counts what waits for ClickHouse', async () => {
  const { data, segment } = await withWaitingRows();
  const { status, stdout } = await runCommand('spool status --json', { data });
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toEqual({
    pendingSegments: 1,
    pendingRows: 3,
    pendingBytes: readFileSync(segment).length,
    keptSegments: 0,
    keptBytes: 0,
    quarantinedRows: 0,
  });
});

test('spool status: a folder without a spool has nothing waiting', async () => {
  const { status, stdout } = await runCommand('spool status', { data: tempFolder() });
  expect(status).toBe(0);
  expect(stdout).toContain('Waiting for ClickHouse: 0 rows, 0 bytes in 0 segments\n');
});

test('spool verify: an unfinished write is no damage', async () => {
  const { data, segment } = await withWaitingRows();
  appendFileSync(segment, '{"id":"half of a ro');
  const { status, stdout } = await runCommand('spool verify --json', { data });
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ checkedRows: 3, damagedRows: 0, unfinishedBytes: 19 });
});

test('spool verify: a row that changed on disk is found, and nothing is repaired', async () => {
  const { data, segment } = await withWaitingRows();
  const [first = '', ...others] = readFileSync(segment, 'utf8').split('\n');
  const damaged = [first.replace('pageview', 'pageviex'), ...others].join('\n');
  writeFileSync(segment, damaged);
  const { status, stdout, stderr } = await runCommand('spool verify', { data });
  expect(status).toBe(1);
  expect(stdout).toContain('Checked: 2 rows, of which 1 damaged; 0 bytes unfinished\n');
  expect(stderr).toBe('1 rows are damaged. Check this disk.\n');
  expect(readFileSync(segment, 'utf8')).toBe(damaged);
});

test('spool verify: a checkpoint that cannot be read is named', async () => {
  const data = tempFolder();
  mkdirSync(join(data, 'spool'));
  writeFileSync(join(data, 'spool', 'spool.json'), 'oops');
  const { status, stderr } = await runCommand('spool verify', { data });
  expect(status).toBe(1);
  expect(stderr).toMatch(/spool\.json is damaged\. Restore it from a backup/);
});
