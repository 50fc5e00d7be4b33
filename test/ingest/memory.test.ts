import { readdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openCountries } from '../../collector/ingest/country.ts';
import { createLiveFeed } from '../../collector/ingest/live-feed.ts';
import { createSeenEvents, keyOf } from '../../collector/ingest/seen-events.ts';
import { openSeenJournal } from '../../collector/ingest/seen-journal.ts';
import { createLog } from '../../collector/log.ts';
import { openState } from '../../collector/state/database.ts';
import { loadSalts } from '../../collector/state/salts.ts';
import { fakeClock } from '../support/clock.ts';
import { tempFolder } from '../support/temp-folder.ts';

const hour = 3_600_000;

test('seen events: remembers for at least 24 and at most 48 hours', () => {
  const seen = createSeenEvents();
  seen.add(keyOf(1, 'early'), 0);
  seen.add(keyOf(1, 'late'), 23 * hour);
  seen.add(keyOf(1, 'next day'), 24 * hour);
  expect([seen.has(keyOf(1, 'early')), seen.has(keyOf(1, 'late'))]).toEqual([true, true]);
  seen.add(keyOf(1, 'day after'), 48 * hour);
  expect([seen.has(keyOf(1, 'early')), seen.has(keyOf(1, 'late')), seen.has(keyOf(1, 'next day'))]).toEqual([
    false,
    false,
    true,
  ]);
});

test('seen events: knows exactly what was added, however many', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 3_000 }), (ids) => {
      const seen = createSeenEvents();
      const added = ids.filter((_, index) => index % 2 === 0);
      for (const id of added) seen.add(keyOf(7, id), 0);
      expect(ids.filter((id) => seen.has(keyOf(7, id)))).toEqual(added);
      expect(added.some((id) => seen.has(keyOf(8, id)))).toBe(false);
    }),
    { numRuns: 20 },
  );
});

test('seen journal: an id is known after a restart, also one that the spool has not kept, for 24 hours at least', async () => {
  const clock = fakeClock();
  const folder = join(tempFolder(), 'seen');
  const open = () => openSeenJournal({ folder, now: clock.now, log: createLog('silent') });
  const first = await open();
  expect(first.found).toBe(false);
  for (let hour = 0; hour < 24; hour++) {
    first.add(keyOf(1, `order-${hour}`), clock.now());
    // Each hour is a file.
    await first.close();
    clock.advance(60 * 60 * 1000);
  }
  const second = await open();
  expect(second.found).toBe(true);
  expect(Array.from({ length: 24 }, (_, hour) => second.has(keyOf(1, `order-${hour}`)))).not.toContain(false);
  expect([second.has(keyOf(2, 'order-1')), second.has(keyOf(1, 'order-99'))]).toEqual([false, false]);
  expect(await readdir(folder)).toHaveLength(24);
  // Files of ids that are forgotten anyway go.
  clock.advance(2 * 24 * 60 * 60 * 1000);
  second.add(keyOf(1, 'late'), clock.now());
  await second.close();
  expect(await readdir(folder)).toHaveLength(2);
});

test('seen journal: a file that a crash cut short is read to its last whole id', async () => {
  const clock = fakeClock();
  const folder = tempFolder();
  const open = () => openSeenJournal({ folder, now: clock.now, log: createLog('silent') });
  const first = await open();
  first.add(keyOf(1, 'a'), clock.now());
  first.add(keyOf(1, 'b'), clock.now());
  await first.close();
  const [name = ''] = await readdir(folder);
  await truncate(join(folder, name), 13);
  const second = await open();
  expect([second.has(keyOf(1, 'a')), second.has(keyOf(1, 'b'))]).toEqual([true, false]);
});

test('salts: the same all day and after a restart, another the next day, gone after two', async () => {
  const clock = fakeClock('2026-09-01T08:00:00Z');
  const state = await openState(':memory:');
  const salts = await loadSalts(state, clock.now);
  const first = salts.today(clock.now());
  expect(first).toMatch(/^[0-9a-f]{64}$/);

  clock.set('2026-09-01T23:59:59Z');
  expect((await loadSalts(state, clock.now)).today(clock.now())).toBe(first);

  clock.set('2026-09-02T00:00:00Z');
  const second = salts.today(clock.now());
  expect(second).not.toBe(first);
  expect(salts.yesterday(clock.now())).toBe(first);

  clock.set('2026-09-03T00:00:00Z');
  const restarted = await loadSalts(state, clock.now);
  expect(restarted.yesterday(clock.now())).toBe(second);
  const kept = await state.db.selectFrom('salts').select('day').orderBy('day').execute();
  expect(kept.map(({ day }) => day)).toEqual(['2026-09-02', '2026-09-03', '2026-09-04']);
  await state.close();
});

test('salts: a process that slept for days stores the salt it goes on with', async () => {
  const clock = fakeClock('2026-09-01T08:00:00Z');
  const state = await openState(':memory:');
  const salts = await loadSalts(state, clock.now);
  clock.set('2026-09-09T08:00:00Z');
  const used = salts.today(clock.now());
  await expect
    .poll(
      async () => (await state.db.selectFrom('salts').selectAll().where('day', '=', '2026-09-09').execute())[0]?.salt,
    )
    .toBe(used);
  expect(salts.today(clock.now())).toBe(used);
  await state.close();
});

test('live feed: keeps the last 100 of each site, and tells who listens', () => {
  const feed = createLiveFeed();
  const heard: string[] = [];
  const stop = feed.subscribe(1, (event) => heard.push(event.path));
  const event = (path: string) => ({ at: '', name: 'pageview', path, host: '', country: '', device: '', source: '' });
  for (let number = 1; number <= 101; number++) feed.publish(1, event(`/${number}`));
  feed.publish(2, event('/other'));
  stop();
  feed.publish(1, event('/unheard'));
  expect(feed.recent(1)).toHaveLength(100);
  expect(feed.recent(1).at(-1)?.path).toBe('/unheard');
  expect(feed.recent(2).map(({ path }) => path)).toEqual(['/other']);
  expect(heard).toHaveLength(101);
});

test('countries: knows public addresses and says nothing of private ones', async () => {
  const countryOf = await openCountries();
  // Well-known public name servers.
  expect(countryOf('8.8.8.8')).toBe('US');
  expect(countryOf('2001:4860:4860::8888')).toBe('US');
  expect(['10.0.0.1', '192.168.1.1', '127.0.0.1', '::1', '', 'nonsense'].map(countryOf)).toEqual([
    '',
    '',
    '',
    '',
    '',
    '',
  ]);
});
