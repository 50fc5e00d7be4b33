// @ts-check
// Events a second over HTTP: the real collector with its event database shipping meanwhile, beside servers that keep nothing.
// `npm run bench -- ingest [--seconds 8] [--rounds 3] [--connections 64]`
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { openEngine, openWorld } from './chaos/world.js';

const run = promisify(execFile);
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '8' },
    rounds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '64' },
  },
});
const seconds = Number(values.seconds);
const rounds = Number(values.rounds);
const connections = Number(values.connections);

/** @param {string} name @param {string[]} args */
const script = (name, ...args) => [fileURLToPath(new URL(`./${name}.js`, import.meta.url)), ...args];

/**
 * @param {{ url: string, site?: string, events: number, rate?: number }} target
 * @returns {Promise<{ requests: number, p50: number, p99: number }>}
 */
async function fire({ url, site = 'bench', events, rate }) {
  const options = { url, site, events, rate, seconds, connections };
  const { stdout } = await run(process.execPath, script('beacons', JSON.stringify(options)));
  return JSON.parse(stdout);
}

/** @param {string[]} args */
async function bareServer(...args) {
  const child = spawn(process.execPath, script('bare-server', ...args), { stdio: ['pipe', 'pipe', 'inherit'] });
  const url = await new Promise((resolve) => child.stdout.once('data', (text) => resolve(String(text).trim())));
  return { url: /** @type {string} */ (url), close: () => child.stdin.end() };
}

/** @param {number[]} numbers */
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

const folder = mkdtempSync(join(tmpdir(), 'telltale-bench-'));
const engine = await openEngine(join(folder, 'engine'));
const world = await openWorld({ folder, engine, faulty: false });
const [bare, parsing, keeping] = [await bareServer(), await bareServer('parse'), await bareServer('keep', folder)];
const rows = [];
try {
  await world.start();
  const { publicId: site, number } = await world.site();
  const ours = { url: world.url(), site };
  await fire({ ...ours, events: 1 });
  for (const events of [1, 10]) {
    /** @type {Record<'bare' | 'parsing' | 'keeping' | 'ours', number[]>} */
    const requests = { bare: [], parsing: [], keeping: [], ours: [] };
    /** @type {Record<'p50' | 'p99' | 'p99AtHalf', number[]>} */
    const times = { p50: [], p99: [], p99AtHalf: [] };
    for (let round = 0; round < rounds; round++) {
      requests.bare.push((await fire({ ...bare, events })).requests);
      requests.parsing.push((await fire({ ...parsing, events })).requests);
      requests.keeping.push((await fire({ ...keeping, events })).requests);
      const result = await fire({ ...ours, events });
      requests.ours.push(result.requests);
      times.p50.push(result.p50);
      times.p99.push(result.p99);
    }
    const rate = Math.round(median(requests.ours));
    // What piled up at the full rate is not part of it.
    await world.drained();
    for (let round = 0; round < rounds; round++) {
      times.p99AtHalf.push((await fire({ ...ours, events, rate: Math.round(rate / 2) })).p99);
    }
    rows.push({
      events,
      bare: Math.round(median(requests.bare)),
      parsing: Math.round(median(requests.parsing)),
      keeping: Math.round(median(requests.keeping)),
      requests: rate,
      eventsPerSecond: rate * events,
      ofBare: Math.round((rate / median(requests.bare)) * 100) / 100,
      ofParsing: Math.round((rate / median(requests.parsing)) * 100) / 100,
      ofKeeping: Math.round((rate / median(requests.keeping)) * 100) / 100,
      p50: median(times.p50),
      p99: median(times.p99),
      p99AtHalf: median(times.p99AtHalf),
      worstP99AtHalf: Math.max(...times.p99AtHalf),
    });
  }
  await world.drained();
  const [[stored = '0', different = '0'] = []] = await engine.ask(
    `SELECT count(), uniqExact(page_id, seq) FROM events WHERE site_id = ${number}`,
  );
  console.log(
    '| events a request | (a) bare, req/s | (b) with JSON.parse, req/s | (c) and rows on the disk, req/s | Telltale, req/s | events/s | of (a) | of (b) | of (c) | p50 | p99 | p99 at half the rate |',
  );
  console.log('|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|');
  for (const row of rows) {
    const { events, ofBare, ofParsing, ofKeeping, p50, p99, p99AtHalf } = row;
    const counts = [row.bare, row.parsing, row.keeping, row.requests, row.eventsPerSecond];
    const numbers = counts.map((count) => count.toLocaleString('en'));
    console.log(
      `| ${events} | ${numbers.join(' | ')} | ${ofBare} | ${ofParsing} | ${ofKeeping} | ${p50} ms | ${p99} ms | ${p99AtHalf} ms |`,
    );
  }
  console.log(
    JSON.stringify({ bench: 'ingest', connections, stored: Number(stored), different: Number(different), rows }),
  );
} finally {
  bare.close();
  parsing.close();
  keeping.close();
  await world.close();
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
}
