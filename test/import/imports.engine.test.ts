import { expect, onTestFinished, test } from 'vitest';
import { sql } from '../../collector/clickhouse/sql.ts';
import { siteSettings } from '../../collector/contract/manage.ts';
import { createImports, type ImportDependencies } from '../../collector/import/imports.ts';
import { createMetrics } from '../../collector/metrics.ts';
import { openState } from '../../collector/state/database.ts';
import type { SiteRecord } from '../../collector/state/sites.ts';
import { testDatabase } from '../support/engine.ts';
import { eventsOf, fixture } from './records.ts';

const site: SiteRecord = {
  id: 1,
  publicId: 'shop',
  name: 'Shop',
  domains: ['example.com'],
  timezone: 'UTC',
  settings: siteSettings.parse({}),
  createdAt: '',
  firstEventAt: '2015-01-01T00:00:00Z',
};
const dayMs = 24 * 60 * 60 * 1000;

/** An empty installation whose clock can be moved. Each `open` is a new process that remembers nothing of the one before. */
async function installation() {
  const { clickhouse, drop } = await testDatabase();
  const state = openState(':memory:');
  onTestFinished(async () => {
    await state.close();
    await drop();
  });
  let now = Date.UTC(2026, 8, 1);
  const open = (changed: Partial<ImportDependencies> = {}) =>
    createImports({
      clickhouse,
      spool: { flush: async () => {} },
      state,
      sites: { markFirstEvent: () => {} },
      geo: () => '',
      metrics: createMetrics(),
      now: () => now,
      window: { events: 40, ahead: 20, insert: 100 },
      ...changed,
    });
  const importAll = async (lines: readonly object[], changed?: Partial<ImportDependencies>) => {
    const run = await open(changed).start(site);
    await run.take(lines.map((event, index) => ({ number: index + 1, event: { ...event } })));
    return run.end();
  };
  /** Every event with the session it was put into, in an order of its own. */
  const stored = async () =>
    (
      await clickhouse.query<Record<string, string>>(
        sql`SELECT page_id, visitor_id, session_id, page_number, prev_path, source, toString(ts) AS at FROM events ORDER BY page_id, seq`,
        { name: 'test' },
      )
    ).rows;
  const counts = async () =>
    (
      await clickhouse.query<Record<string, string>>(
        sql`SELECT count() AS rows, uniqExact(page_id) AS events, uniqExact(visitor_id) AS visitors, uniqExact(session_id) AS sessions FROM events`,
        { name: 'test' },
      )
    ).rows[0];
  return { clickhouse, open, importAll, stored, counts, wait: (days: number) => (now += days * dayMs) };
}

/** 30 visitors, a page every 5 minutes each, with a break of 35 minutes after every fourth: 600 page views in 150 sessions. */
function history(): { id: string; at: number; name: string; visitor: string; url: string; ref?: string }[] {
  const events = [];
  for (let visitor = 0; visitor < 30; visitor++) {
    for (let page = 0; page < 20; page++) {
      const minutes = page * 5 + Math.floor(page / 4) * 30 + visitor * 7;
      events.push({
        id: `${visitor}-${page}`,
        at: Date.UTC(2024, 2, 31, 20) + minutes * 60_000,
        name: 'pageview',
        visitor: `visitor ${visitor}`,
        url: `https://example.com/page-${page}`,
        ...(page % 4 === 0 ? { ref: page % 8 === 0 ? 'https://www.google.com/' : 'https://news.example.net/' } : {}),
      });
    }
  }
  return events.toSorted((one, other) => one.at - other.at);
}

test('import: cuts the sessions of history by its own time, each with the source of its first event', async () => {
  const { importAll, counts, stored } = await installation();
  expect(await importAll(history())).toMatchObject({ read: 600, kept: 600, dropped: {} });
  expect(await counts()).toEqual({ rows: '600', events: '600', visitors: '30', sessions: '150' });
  const rows = await stored();
  expect(rows.filter(({ page_number }) => Number(page_number) === 1)).toHaveLength(150);
  // Sessions 1, 3 and 5 of each visitor began at Google: 3 of 5, so 18 of 30 pages.
  expect(rows.filter(({ source }) => source === 'google')).toHaveLength(30 * 12);
  expect(rows.filter(({ source }) => source === 'news.example.net')).toHaveLength(30 * 8);
});

test('import: lines that are out of order by less than it looks ahead make the same sessions', async () => {
  const one = await installation();
  const other = await installation();
  await one.importAll(history());
  // Blocks of 15 events, each block backwards.
  const shuffled = history().map((_, index, all) => all[index - (index % 15) + 14 - (index % 15)] ?? {});
  await other.importAll(shuffled);
  expect(await other.stored()).toEqual(await one.stored());
});

test('import: the same file adds nothing, also weeks later, when everything but ClickHouse has forgotten it', async () => {
  const { importAll, counts, wait } = await installation();
  await importAll(history());
  expect(await importAll(history())).toMatchObject({ kept: 0, dropped: { duplicate: 600 } });
  wait(30);
  expect(await importAll(history())).toMatchObject({ kept: 0, dropped: { duplicate: 600 } });
  // A file that has grown adds what is new: 3 events, of which one continues the last session of visitor 29.
  const last = history().at(-1);
  const grown = [1, 2, 60].map((minutes) => ({
    ...last,
    id: `new-${minutes}`,
    at: (last?.at ?? 0) + minutes * 60_000,
  }));
  expect(await importAll([...history(), ...grown])).toMatchObject({ kept: 3, dropped: { duplicate: 600 } });
  expect(await counts()).toMatchObject({ rows: '603', events: '603', sessions: '151' });
});

test('import: what is older than the site keeps is counted and left out', async () => {
  const { importAll, counts } = await installation();
  const borderMs = Date.UTC(2024, 2, 31, 22);
  const young = history().filter(({ at }) => at >= borderMs).length;
  expect(await importAll(history(), { keptFromMs: () => borderMs })).toMatchObject({
    kept: young,
    dropped: { 'too-old': 600 - young },
  });
  expect(await counts()).toMatchObject({ events: String(young) });
});

test('import: events without a time are known again too', async () => {
  const { importAll, counts, wait } = await installation();
  const calls = [1, 2, 3].map((number) => ({ id: `call-${number}`, name: 'call' }));
  await importAll(calls);
  wait(3);
  expect(await importAll([...calls, ...calls])).toMatchObject({ kept: 0, dropped: { duplicate: 6 } });
  expect(await counts()).toMatchObject({ rows: '3' });
});

test('import: one that died anywhere is run again, and each event is there once, in the sessions it would have had', async () => {
  const whole = await installation();
  await whole.importAll(history());
  const expected = await whole.stored();

  for (const survivors of [0, 1, 3, 4]) {
    const { clickhouse, open, importAll, stored, wait } = await installation();
    let inserts = 0;
    const dying = {
      query: clickhouse.query,
      insertBlock: async (insert: Parameters<typeof clickhouse.insertBlock>[0]) => {
        inserts += 1;
        if (inserts > survivors) throw new Error('killed');
        await clickhouse.insertBlock(insert);
      },
    };
    const run = await open({ clickhouse: dying }).start(site);
    const lines = history().map((event, index) => ({ number: index + 1, event }));
    await expect(run.take(lines).then(run.end)).rejects.toThrow('killed');
    wait(9);
    expect(await importAll(history())).toMatchObject({
      kept: 600 - survivors * 120,
      dropped: survivors > 0 ? { duplicate: survivors * 120 } : {},
    });
    expect(await stored()).toEqual(expected);
  }
});

test('import: an insert whose answer was lost, and that arrives after the next import has looked, counts once', async () => {
  const { clickhouse, open, importAll, counts } = await installation();
  const late: (() => Promise<void>)[] = [];
  const dying = {
    query: clickhouse.query,
    insertBlock: async (insert: Parameters<typeof clickhouse.insertBlock>[0]) => {
      late.push(() => clickhouse.insertBlock(insert));
      throw new Error('killed');
    },
  };
  const run = await open({ clickhouse: dying }).start(site);
  const lines = history().map((event, index) => ({ number: index + 1, event }));
  await expect(run.take(lines).then(run.end)).rejects.toThrow('killed');
  // The next import looks first, and sees nothing of it.
  const slow = {
    query: clickhouse.query,
    insertBlock: async (insert: Parameters<typeof clickhouse.insertBlock>[0]) => {
      await late.shift()?.();
      await clickhouse.insertBlock(insert);
    },
  };
  expect(await importAll(history(), { clickhouse: slow })).toMatchObject({ kept: 600 });
  expect(await counts()).toMatchObject({ rows: '600', events: '600' });
});

test('import: an access log gives the figures that were counted by hand', async () => {
  const { importAll, clickhouse, counts } = await installation();
  const events = await eventsOf('access-log', fixture('access.log'));
  // 9 page views, one of them Google's robot.
  expect(await importAll(events)).toMatchObject({ read: 9, kept: 8, dropped: { bot: 1 } });
  // Visitors by day: .10 and .11 on the 17th, .10 again and .13 on the 18th. Sessions: .10 has two on the 17th.
  expect(await counts()).toEqual({ rows: '8', events: '8', visitors: '4', sessions: '5' });
  const { rows } = await clickhouse.query(
    sql`SELECT path, prev_path, page_number, source, device FROM events WHERE toDate(ts) = '2015-05-17' ORDER BY ts, page_number`,
    { name: 'test' },
  );
  expect(rows).toEqual([
    { path: '/', prev_path: '', page_number: 1, source: 'google', device: 'desktop' },
    expect.objectContaining({ path: '/', prev_path: '', page_number: 1, device: 'mobile' }),
    expect.objectContaining({ path: '/pricing', prev_path: '/', page_number: 2, device: 'mobile' }),
    { path: '/pricing', prev_path: '/', page_number: 2, source: 'google', device: 'desktop' },
    { path: '/pricing', prev_path: '/pricing', page_number: 3, source: 'google', device: 'desktop' },
    { path: '/contact', prev_path: '', page_number: 1, source: '', device: 'desktop' },
  ]);
});

test('import: a second one waits its turn, and takes over from one that fell silent', async () => {
  const { open, importAll, wait } = await installation();
  const imports = open();
  const first = await imports.start(site);
  await expect(imports.start(site)).rejects.toThrow('Another import into this site is running.');
  wait(1);
  const second = await imports.start(site);
  await expect(first.take([])).rejects.toThrow('ended by another one');
  expect(await second.end()).toMatchObject({ read: 0 });
  expect(await importAll([])).toMatchObject({ kept: 0 });
});
