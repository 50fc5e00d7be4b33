// @ts-check
// `npm run bench -- attacks [--seconds 6]`: what honest visitors notice while somebody attacks the product as it is started by its
// users, and what the attack costs it. Addresses are told by X-Forwarded-For, as by a proxy in front.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { openEngine, openWorld } from './chaos/world.js';

const run = promisify(execFile);
const { values } = parseArgs({ options: { seconds: { type: 'string', default: '6' } } });
const seconds = Number(values.seconds);
const sampleEveryMs = 100;

/** @typedef {{ requests: number, p50: number, p99: number, refused: number }} Fired */

/** @param {object} options see beacons.js @returns {Promise<Fired>} */
async function fire(options) {
  const script = fileURLToPath(new URL('./beacons.js', import.meta.url));
  const { stdout } = await run(process.execPath, [script, JSON.stringify({ events: 1, seconds, ...options })]);
  return JSON.parse(stdout);
}

/** Resident memory in MB, and processor time in seconds. @param {number | undefined} pid */
function costOf(pid) {
  const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  // Fields 14 and 15, in hundredths of a second; the second one, the name, may hold spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return { memory: Number(kilobytes) / 1024, processor: (Number(fields[11]) + Number(fields[12])) / 100 };
}

/** Connections that are held open until `end`. @param {string} url @param {number} count @param {(socket: import('node:net').Socket) => void} use */
function hold(url, count, use) {
  const { port } = new URL(url);
  const open = () => {
    const socket = connect(Number(port), '127.0.0.1');
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      if (!ended) open();
    });
    socket.once('connect', () => use(socket));
  };
  let ended = false;
  /** @type {Set<import('node:net').Socket>} */
  const sockets = new Set();
  for (let number = 0; number < count; number++) open();
  return () => {
    ended = true;
    for (const socket of sockets) socket.destroy();
  };
}

const head = 'POST /e HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n';
const piece = Buffer.from(`10000\r\n${' '.repeat(0x10000)}\r\n`);

/** @param {import('node:net').Socket} socket */
function upload(socket) {
  socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
  const push = () => {
    while (socket.writable && socket.write(piece));
  };
  socket.on('drain', push);
  push();
}

/** @param {import('node:net').Socket} socket */
function drip(socket) {
  socket.write(head);
  const timer = setInterval(() => socket.write('X'), 1_000);
  socket.once('close', () => clearInterval(timer));
}

/** Starts an attack; what it answers ends it. @type {Record<string, (target: { url: string, site: string }) => Promise<() => unknown>>} */
const attacks = {
  'nobody attacks': async () => () => {},
  'a flood of page views from one address': async (target) => {
    const flood = fire({ ...target, connections: 128, address: '203.0.113.66', any: true });
    return () => flood;
  },
  'a flood for sites that do not exist': async ({ url }) => {
    const flood = fire({ url, site: 'nowhere', connections: 128, any: true, rate: 10_000, address: 'each' });
    return () => flood;
  },
  '5,000 connections that say nothing': async ({ url }) => hold(url, 5_000, () => {}),
  '1,000 requests that drip a byte a second': async ({ url }) => hold(url, 1_000, drip),
  '100 uploads without end': async ({ url }) => hold(url, 100, upload),
};

const folder = mkdtempSync(join(tmpdir(), 'telltale-attacks-'));
const engine = await openEngine(join(folder, 'engine'));
const world = await openWorld({ folder, engine, faulty: false });
try {
  await world.start({ env: { TELLTALE_TRUST_PROXY: '1' } });
  const { publicId: site } = await world.site();
  const target = { url: world.url(), site };
  await fire({ ...target, connections: 16, rate: 500, address: 'each' });
  console.log('| attack | requests/s of it | honest, p50 | p99 | refused | memory | processor |');
  console.log('|---|---:|---:|---:|---:|---:|---:|');
  const rows = [];
  for (const [attack, start] of Object.entries(attacks)) {
    const before = costOf(world.pid());
    let most = before.memory;
    const sampling = setInterval(() => {
      most = Math.max(most, costOf(world.pid()).memory);
    }, sampleEveryMs);
    const started = performance.now();
    const end = await start(target);
    const honest = await fire({ ...target, connections: 16, rate: 200, address: 'each' });
    const flood = /** @type {Fired | undefined} */ (await end());
    clearInterval(sampling);
    const processor = (costOf(world.pid()).processor - before.processor) / ((performance.now() - started) / 1000);
    const row = { attack, ...honest, flood: flood?.requests ?? 0, grown: most - before.memory, processor };
    rows.push(row);
    console.log(
      `| ${attack} | ${Math.round(row.flood).toLocaleString('en')} | ${row.p50} ms | ${row.p99} ms | ${row.refused} | +${Math.round(row.grown)} MB | ${Math.round(100 * processor)} % |`,
    );
  }
  console.log(JSON.stringify({ bench: 'attacks', seconds, rows }));
} finally {
  await world.close();
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
}
