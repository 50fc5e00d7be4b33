import { copyFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'libsql';
import { expect, test } from 'vitest';
import { openState } from '../../collector/state/database.ts';
import { loadSites } from '../../collector/state/sites.ts';
import { readWatermark, writeWatermark } from '../../collector/state/watermarks.ts';
import { tempFolder } from '../support/temp-folder.ts';

const now = () => Date.parse('2026-09-01T10:00:00Z');

test('state: what was written is there after opening it again', async () => {
  const file = join(tempFolder(), 'state.db');
  const first = openState(file);
  const site = await (await loadSites(first, now)).create({ domain: 'shop.example', timezone: 'UTC' });
  await first.close();

  const second = openState(file);
  expect((await loadSites(second, now)).byPublicId(site.publicId)).toEqual(site);
  await second.close();
});

test('state: after closing, the file alone is a complete copy', async () => {
  const folder = tempFolder();
  const state = openState(join(folder, 'state.db'));
  await (await loadSites(state, now)).create({ domain: 'shop.example', timezone: 'UTC' });
  await state.close();
  copyFileSync(join(folder, 'state.db'), join(folder, 'copy.db'));
  const copy = openState(join(folder, 'copy.db'));
  expect((await loadSites(copy, now)).list()).toHaveLength(1);
  await copy.close();
});

test('state: every migration is recorded once', async () => {
  const file = join(tempFolder(), 'state.db');
  await openState(file).close();
  await openState(file).close();
  const database = new Database(file);
  const names = (database.prepare('SELECT name FROM schema_migrations').all() as { name: string }[]).map(
    (row) => row.name,
  );
  const files = readdirSync(new URL('../../collector/state/migrations/', import.meta.url));
  expect(names.toSorted()).toEqual(files.toSorted());
  database.close();
});

test('state: writes reach the disk before they are answered, and references are checked', async () => {
  const file = join(tempFolder(), 'state.db');
  const state = openState(file);
  const database = new Database(file);
  expect(database.prepare('PRAGMA journal_mode').all()).toEqual([{ journal_mode: 'wal' }]);
  database.close();
  const orphan = { id: 'f1', site_id: 99, name: 'x', definition: '{}', created_at: '2026-09-01T10:00:00.000Z' };
  await expect(state.db.insertInto('funnels').values(orphan).execute()).rejects.toThrow(/FOREIGN KEY/);
  await state.close();
});

test('state: a file that is something else is refused with a sentence, and left as it is', () => {
  const file = join(tempFolder(), 'state.db');
  writeFileSync(file, 'Dear diary, '.repeat(1_000));
  expect(() => openState(file)).toThrow(
    /state\.db cannot be opened: the file is damaged or is not a Telltale state store/,
  );
});

test('state: a folder that is missing is named', () => {
  const file = join(tempFolder(), 'missing', 'state.db');
  expect(() => openState(file)).toThrow(/cannot be opened: the folder is missing or may not be written/);
});

test('state: a store that a newer version has changed is refused', async () => {
  const file = join(tempFolder(), 'state.db');
  await openState(file).close();
  const database = new Database(file);
  database.exec("INSERT INTO schema_migrations VALUES ('999_future.sql', '2027-01-01T00:00:00.000Z')");
  database.close();
  expect(() => openState(file)).toThrow(/a newer version of Telltale has changed it \(999_future\.sql\)/);
});

test('state: a boolean is an error, not the end of the process', async () => {
  const state = openState(':memory:');
  const yes = true as unknown as 0 | 1;
  await expect(state.db.selectFrom('rules').selectAll().where('enabled', '=', yes).execute()).rejects.toThrow(
    'The state store has no booleans: write 0 or 1.',
  );
  await state.close();
});

test('state: a transaction that fails leaves nothing behind', async () => {
  const state = openState(':memory:');
  const broken = state.db.transaction().execute(async (transaction) => {
    await writeWatermark(transaction, 'detection', '2026-09-01T10:00:00.000Z');
    throw new Error('power cut');
  });
  await expect(broken).rejects.toThrow('power cut');
  expect(await readWatermark(state.db, 'detection')).toBeNull();
  await writeWatermark(state.db, 'detection', 'one');
  await writeWatermark(state.db, 'detection', 'two');
  expect(await readWatermark(state.db, 'detection')).toBe('two');
  await state.close();
});
