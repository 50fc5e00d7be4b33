// @ts-check
// Events a second from an NDJSON file to rows that ClickHouse answers with, in one process with the embedded engine:
// `npm run build && npm run bench -- import [events]`. In the same run: JSON.parse of the same lines, and a bare
// INSERT … FORMAT Native of the finished rows. Prints a table, and one line of JSON for comparisons. Wall time depends on what else
// the machine does; processor time of either process, and the ratio to JSON.parse, hardly do.
import { createReadStream, createWriteStream, readFileSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

/** @param {string} name a module of the built collector; not a literal import, so that the type check leaves the build alone */
const built = (name) => import(new URL(`../dist/collector/${name}.js`, import.meta.url).href);

const browsers = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
];
const names = ['pageview', 'pageview', 'pageview', 'engagement', 'form_start', 'pricing_viewed', 'booking_start'];

/** Ten sessions are open at a time, of 8 events each, in order of time over 60 days. @param {string} file @param {number} events */
async function writeHistory(file, events) {
  const out = createWriteStream(file);
  const start = Date.UTC(2026, 2, 1);
  const stepMs = Math.floor((60 * 24 * 60 * 60 * 1000) / events);
  for (let index = 0; index < events; index++) {
    const session = Math.floor(index / 80) * 10 + (index % 10);
    const visitor = (session * 7_919) % Math.ceil(events / 20);
    const name = names[(index * 31) % names.length] ?? '';
    const line = JSON.stringify({
      id: `event-${index}`,
      name,
      at: new Date(start + index * stepMs).toISOString(),
      visitor: `visitor-${visitor}`,
      url: `https://example.com/treatments/${(index * 17) % 200}${index % 40 === 0 ? '?utm_source=letter&utm_medium=email' : ''}`,
      ref: 'https://www.google.com/',
      title: `Treatment ${(index * 17) % 200} – Example`,
      props: { plan: 'pro', room: `room-${index % 30}` },
      userAgent: browsers[visitor % browsers.length],
    });
    if (!out.write(`${line}\n`)) await new Promise((resolve) => out.once('drain', () => resolve(undefined)));
  }
  out.end();
  await finished(out);
}

/** @param {string} file @param {{ events?: number }} [options] */
export async function importSpeed(file, { events = 500_000 } = {}) {
  await writeHistory(file, events);
  const { size } = await stat(file);

  const lines = await firstLines(file);
  const parsing = performance.now();
  for (const line of lines) JSON.parse(line);
  const parseSeconds = ((performance.now() - parsing) / 1000 / lines.length) * events;

  const { startEmbeddedEngine } = await built('clickhouse/embedded-engine');
  const { createClickHouse } = await built('clickhouse/client');
  const { migrate } = await built('clickhouse/migrate');
  const { createLog } = await built('log');
  const { createMetrics } = await built('metrics');
  const { openState } = await built('state/database');
  const { siteSettings } = await built('contract/manage');
  const { openCountries } = await built('ingest/country');
  const { createImports } = await built('import/imports');
  const { formats } = await built('import/formats');
  const { openSource } = await built('import/open-source');
  const { importRecords } = await built('cli/import-records');
  const log = createLog('warn');
  const folder = await mkdtemp(join(tmpdir(), 'telltale-bench-'));
  const engine = await startEmbeddedEngine({ folder: join(folder, 'engine'), memoryBytes: 4 * 1024 ** 3, log });
  const clickhouse = createClickHouse({ ...engine, database: 'telltale', log });
  const state = openState(join(folder, 'state.db'));
  try {
    await migrate(clickhouse, { database: 'telltale' });
    /** Every insert of the import, to be repeated without it. @type {{ table: string, token: string, block: readonly Buffer[] }[]} */
    const inserts = [];
    /** @param {{ table: string, token: string, block: readonly Buffer[] }} insert */
    const insertBlock = async (insert) => {
      inserts.push(insert);
      await clickhouse.insertBlock(insert);
    };
    const imports = createImports({
      clickhouse: { query: clickhouse.query, insertBlock },
      spool: { flush: async () => {} },
      state,
      sites: { markFirstEvent: () => {} },
      geo: await openCountries(),
      metrics: createMetrics(),
      now: Date.now,
    });
    const site = {
      id: 1,
      publicId: 'bench',
      name: 'Bench',
      domains: ['example.com'],
      timezone: 'UTC',
      createdAt: '',
      firstEventAt: '',
    };

    const engineBefore = processorSeconds(engine.pid());
    const cpuBefore = process.cpuUsage();
    const importing = performance.now();
    const source = await openSource(file, process.stdin);
    const target = await imports.start({ ...site, settings: siteSettings.parse({}) });
    const summary = await importRecords(formats.events(source.bytes, { origin: '' }), target, () => {});
    const importSeconds = (performance.now() - importing) / 1000;
    const { user, system } = process.cpuUsage(cpuBefore);
    const engineSeconds = processorSeconds(engine.pid()) - engineBefore;
    const [{ rows }] = (await clickhouse.query(await countAll(), { name: 'bench' })).rows;
    if (summary.kept !== events || Number(rows) !== events) throw new Error(`kept ${summary.kept}, stored ${rows}`);

    const again = performance.now();
    const second = await imports.start({ ...site, settings: siteSettings.parse({}) });
    const repeated = await importRecords(
      formats.events((await openSource(file, process.stdin)).bytes, { origin: '' }),
      second,
      () => {},
    );
    const againSeconds = (performance.now() - again) / 1000;
    if (repeated.kept !== 0) throw new Error(`the same file again added ${repeated.kept}`);

    await clickhouse.command('TRUNCATE TABLE events');
    const bare = performance.now();
    for (const insert of inserts) await clickhouse.insertBlock({ ...insert, token: `bare:${insert.token}` });
    const insertSeconds = (performance.now() - bare) / 1000;

    /** @param {number} seconds */
    const rate = (seconds) => Math.round(events / seconds);
    return {
      events,
      megabytes: Math.round(size / 1e6),
      importPerSecond: rate(importSeconds),
      /** Processor time of an event, microseconds: of this process, and of the engine. */
      nodeMicroseconds: Math.round((user + system) / (events / 10)) / 10,
      engineMicroseconds: Math.round(engineSeconds / (events / 1e7)) / 10,
      againPerSecond: rate(againSeconds),
      parsePerSecond: rate(parseSeconds),
      insertPerSecond: rate(insertSeconds),
      toParse: Math.round((importSeconds / parseSeconds) * 100) / 100,
      toInsert: Math.round((importSeconds / insertSeconds) * 100) / 100,
    };
  } finally {
    await state.close();
    await clickhouse.close();
    await engine.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** As many whole lines as 64 MB hold. @param {string} file */
async function firstLines(file) {
  const pieces = [];
  for await (const piece of createReadStream(file, { end: 64_000_000 })) pieces.push(piece);
  return Buffer.concat(pieces).toString().split('\n').slice(0, -1);
}

/** Time that a process has had the processor, as Linux counts it in hundredths of a second. @param {number} pid */
function processorSeconds(pid) {
  const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
  const [user = 0, system = 0] = fields.split(' ').slice(11, 13).map(Number);
  return (user + system) / 100;
}

async function countAll() {
  const { sql } = await built('clickhouse/sql');
  return sql`SELECT count() AS rows FROM events`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = await mkdtemp(join(tmpdir(), 'telltale-bench-file-'));
  try {
    const found = await importSpeed(join(folder, 'history.ndjson'), { events: Number(process.argv[2] ?? 500_000) });
    console.log('| what | events/s | import takes so many times as long |\n|---|---:|---:|');
    console.log(`| import: file → rows ClickHouse answers with | ${found.importPerSecond.toLocaleString('en')} | 1 |`);
    console.log(`| the same file again (adds nothing) | ${found.againPerSecond.toLocaleString('en')} | |`);
    console.log(`| JSON.parse of the same lines | ${found.parsePerSecond.toLocaleString('en')} | ${found.toParse} |`);
    console.log(
      `| bare INSERT of the finished rows | ${found.insertPerSecond.toLocaleString('en')} | ${found.toInsert} |`,
    );
    console.log(
      `Processor time of an event: ${found.nodeMicroseconds} µs, of the engine ${found.engineMicroseconds} µs.`,
    );
    console.log(JSON.stringify({ bench: 'import', ...found }));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
