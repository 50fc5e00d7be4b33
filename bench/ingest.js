// @ts-check
// Events a second over HTTP: the real collector with its event database shipping meanwhile, beside servers that keep nothing.
// `npm run bench -- ingest [--seconds 8] [--rounds 3] [--connections 64]`
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import { openEngine, openWorld } from './chaos/world.js';

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
const userAgent =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36';
let pages = 0;

/** A page view as the tracker sends it, or with `events` above 1 what follows on the page too. @param {string} site @param {number} events */
function beacon(site, events) {
  pages += 1;
  return JSON.stringify({
    v: 1,
    site,
    sent: Date.now(),
    visitor: `018f3c7a-${(pages % 20_000).toString(16).padStart(8, '0')}`,
    page: `p${pages.toString(36)}`,
    events: Array.from({ length: events }, (_, seq) =>
      seq === 0
        ? {
            seq,
            age: 120,
            name: 'pageview',
            url: `https://shop.example/articles/article-${pages % 500}?utm_source=letter&utm_medium=email&utm_campaign=autumn`,
            ref: 'https://www.google.com/',
            title: `Article ${pages % 500} – Example`,
          }
        : { seq, age: 100 - seq, name: 'form_field', props: { form: 'booking', field: `field-${seq}` } },
    ),
  });
}

/** @param {{ url: string, site?: string, events: number, rate?: number }} target */
async function fire({ url, site = 'bench', events, rate }) {
  const result = await autocannon({
    url: `${url}/e`,
    method: 'POST',
    connections,
    duration: seconds,
    headers: { 'content-type': 'text/plain', 'user-agent': userAgent, origin: 'https://shop.example' },
    ...(rate ? { overallRate: rate } : {}),
    setupClient: (client) => {
      client.setBody(beacon(site, events));
      client.on('response', () => client.setBody(beacon(site, events)));
    },
  });
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${result.non2xx} refused, ${result.errors} errors`);
  return { requests: result.requests.total / result.duration, p50: result.latency.p50, p99: result.latency.p99 };
}

/** @param {string[]} args */
async function bareServer(...args) {
  const file = fileURLToPath(new URL('./bare-server.js', import.meta.url));
  const child = spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const url = await new Promise((resolve) => child.stdout.once('data', (text) => resolve(String(text).trim())));
  return { url: /** @type {string} */ (url), close: () => child.stdin.end() };
}

/** @param {number[]} numbers */
const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;

const folder = mkdtempSync(join(tmpdir(), 'telltale-bench-'));
const engine = await openEngine(join(folder, 'engine'));
const world = await openWorld({ folder, engine });
const [bare, parsing] = [await bareServer(), await bareServer('parse')];
const rows = [];
try {
  await world.start();
  const { publicId: site, number } = await world.site();
  const ours = { url: world.url(), site };
  await fire({ ...ours, events: 1 });
  for (const events of [1, 10]) {
    /** @type {Record<'bare' | 'parsing' | 'ours', number[]>} */
    const requests = { bare: [], parsing: [], ours: [] };
    let [p50, p99] = [0, 0];
    for (let round = 0; round < rounds; round++) {
      requests.bare.push((await fire({ ...bare, events })).requests);
      requests.parsing.push((await fire({ ...parsing, events })).requests);
      const result = await fire({ ...ours, events });
      requests.ours.push(result.requests);
      [p50, p99] = [result.p50, result.p99];
    }
    const rate = Math.round(median(requests.ours));
    const half = await fire({ ...ours, events, rate: Math.round(rate / 2) });
    rows.push({
      events,
      bare: Math.round(median(requests.bare)),
      parsing: Math.round(median(requests.parsing)),
      requests: rate,
      eventsPerSecond: rate * events,
      ofBare: Math.round((rate / median(requests.bare)) * 100) / 100,
      ofParsing: Math.round((rate / median(requests.parsing)) * 100) / 100,
      p50,
      p99,
      p99AtHalf: half.p99,
    });
  }
  await world.drained();
  const [[stored = '0', different = '0'] = []] = await engine.ask(
    `SELECT count(), uniqExact(page_id, seq) FROM events WHERE site_id = ${number}`,
  );
  console.log(
    '| events a request | (a) bare, req/s | (b) with JSON.parse, req/s | Telltale, req/s | events/s | of (a) | of (b) | p50 | p99 | p99 at half the rate |',
  );
  console.log('|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|');
  for (const row of rows) {
    const { events, eventsPerSecond, ofBare, ofParsing, p50, p99, p99AtHalf } = row;
    const numbers = [row.bare, row.parsing, row.requests, eventsPerSecond].map((count) => count.toLocaleString('en'));
    console.log(
      `| ${events} | ${numbers.join(' | ')} | ${ofBare} | ${ofParsing} | ${p50} ms | ${p99} ms | ${p99AtHalf} ms |`,
    );
  }
  console.log(
    JSON.stringify({ bench: 'ingest', connections, stored: Number(stored), different: Number(different), rows }),
  );
} finally {
  bare.close();
  parsing.close();
  await world.close();
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
}
