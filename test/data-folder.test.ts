import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openDataFolder, readRunFile } from '../collector/data-folder.ts';
import { tempFolder } from './support/temp-folder.ts';

const modeOf = (path: string) => statSync(path).mode & 0o777;

test('data folder: is made for this user only', () => {
  const path = join(tempFolder(), 'deep', 'telltale-data');
  const folder = openDataFolder(path);
  expect(modeOf(path)).toBe(0o700);
  folder.release();
});

test('data folder: a second start on it is refused with one sentence', () => {
  const path = tempFolder();
  const folder = openDataFolder(path);
  expect(() => openDataFolder(path)).toThrow(
    `Telltale already runs on ${path} (process ${process.pid}). Stop it first, or choose another folder with --data.`,
  );
  folder.release();
  openDataFolder(path).release();
  expect(readdirSync(path)).toEqual([]);
});

test('data folder: the lock of a process that died is taken over', async () => {
  const path = tempFolder();
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  writeFileSync(join(path, 'telltale.lock'), JSON.stringify({ pid: child.pid, began: '1' }));
  writeFileSync(join(path, 'run.json'), JSON.stringify({ pid: child.pid, port: 1, address: '', url: '', token: '' }));
  expect(readRunFile(path)).toBeNull();
  const folder = openDataFolder(path);
  expect(existsSync(join(path, 'run.json'))).toBe(false);
  folder.release();
});

test('data folder: a lock with a pid that now belongs to a later process is taken over', () => {
  const path = tempFolder();
  writeFileSync(join(path, 'telltale.lock'), JSON.stringify({ pid: process.pid, began: '1' }));
  openDataFolder(path).release();
});

test('data folder: a lock that cannot be read is taken over', () => {
  const path = tempFolder();
  writeFileSync(join(path, 'telltale.lock'), '{"pid":');
  openDataFolder(path).release();
});

test('data folder: commands find the running server, and only this user can read how', () => {
  const path = tempFolder();
  const folder = openDataFolder(path);
  expect(readRunFile(path)).toBeNull();
  folder.announce({ host: '0.0.0.0', port: 8400, publicUrl: 'https://stats.example.com' });
  expect(modeOf(join(path, 'run.json'))).toBe(0o600);
  expect(readRunFile(path)).toEqual({
    pid: process.pid,
    port: 8400,
    address: 'http://127.0.0.1:8400',
    url: 'https://stats.example.com',
    token: folder.localToken,
  });
  expect(folder.localToken).toMatch(/^[\w-]{43}$/);
  folder.release();
  folder.release();
  expect(readdirSync(path)).toEqual([]);
});

test('data folder: releasing leaves the lock of another process alone', () => {
  const path = tempFolder();
  const folder = openDataFolder(path);
  const others = JSON.stringify({ pid: 1, began: '1' });
  writeFileSync(join(path, 'telltale.lock'), others);
  folder.release();
  expect(readFileSync(join(path, 'telltale.lock'), 'utf8')).toBe(others);
});

test('data folder: a file in its place is named', () => {
  const path = join(tempFolder(), 'file');
  writeFileSync(path, '');
  expect(() => openDataFolder(path)).toThrow(
    `The data folder ${path} cannot be used: it must be a folder that this user may read and write.`,
  );
});
