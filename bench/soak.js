// @ts-check
// `npm run bench -- soak [--minutes 20] [--rate 500]`: the product under even load for a while. Ends with 1 where the collector's memory
// moves by more than a tenth after the first quarter, where a file grows that should not, or where an event is lost or doubled.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { openEngine, openWorld } from './chaos/world.js';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '20' }, rate: { type: 'string', default: '500' } },
});
const minutes = Number(values.minutes);
const rate = Number(values.rate);
const traffic = { rate, batch: 5, senders: 16, everyday: true };
const sampleEveryMs = 5_000;
/** The journal of the state store is folded into it at 4 MB. */
const stillBytes = 5 * 1024 ** 2;

/** Resident memory in MB. @param {number | undefined} pid */
function memoryOf(pid) {
  const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

/** Bytes by kind of file: segments are one kind, as are the ids that were seen. @param {string} folder */
function sizes(folder) {
  /** @type {Record<string, number>} */
  const found = {};
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const stat = statSync(join(folder, name), { throwIfNoEntry: false });
    if (!stat?.isFile()) continue;
    const kind = relative('.', name).replace(/[^/]*(?=\.v\d+\.ndjson$)|\d+(?=\.ids$)/, '*');
    found[kind] = (found[kind] ?? 0) + stat.size;
  }
  return found;
}

const folder = mkdtempSync(join(tmpdir(), 'telltale-soak-'));
const engine = await openEngine(join(folder, 'engine'));
const world = await openWorld({ folder, engine, faulty: false });
try {
  await world.start();
  const site = await world.site();
  const visitors = world.visitors(site, traffic);
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 60_000;
  /** @type {{ minute: number, collector: number, engine: number }[]} */
  const samples = [];
  /** @type {Record<string, number> | undefined} */
  let before;
  while (elapsed() < minutes) {
    await new Promise((resolve) => setTimeout(resolve, sampleEveryMs));
    samples.push({ minute: elapsed(), collector: memoryOf(world.pid()), engine: memoryOf(engine.pid()) });
    if (elapsed() >= minutes / 4) before ??= sizes(world.data);
  }
  const after = sizes(world.data);
  await visitors.stop();
  await world.drained();
  const verdict = await world.verdict(site);

  const later = samples.filter(({ minute }) => minute >= minutes / 4);
  const middle = (/** @type {'collector' | 'engine'} */ who) => {
    const sorted = later.map((sample) => sample[who]).sort((a, b) => a - b);
    return sorted[Math.floor(sorted.length / 2)] ?? 0;
  };
  const median = middle('collector');
  const least = Math.min(...later.map(({ collector }) => collector));
  const most = Math.max(...later.map(({ collector }) => collector));
  const percent = (/** @type {number} */ megabytes) => `${(100 * (megabytes / median - 1)).toFixed(1)} %`;

  console.log('| minute | collector | event database |\n|---:|---:|---:|');
  for (let minute = 1; minute <= minutes; minute++) {
    const sample = samples.findLast((one) => one.minute <= minute);
    if (sample) console.log(`| ${minute} | ${Math.round(sample.collector)} MB | ${Math.round(sample.engine)} MB |`);
  }
  const grown = Object.entries(after)
    .map(([kind, bytes]) => ({ kind, bytes: bytes - (before?.[kind] ?? 0) }))
    .filter(({ bytes }) => bytes > stillBytes);
  console.log(`\n${(verdict.acknowledged / (minutes * 60)).toFixed(0)} events/s, p99 ${Math.round(verdict.p99)} ms.`);
  console.log(`Memory after minute ${minutes / 4}: ${Math.round(median)} MB, ${percent(least)} to +${percent(most)}.`);
  for (const { kind, bytes } of grown) console.log(`Grown: ${kind} by ${(bytes / 2 ** 20).toFixed(1)} MB.`);
  console.log(
    JSON.stringify({ bench: 'soak', minutes, rate, median, least, most, grown, engine: middle('engine'), verdict }),
  );
  const expected = ['spool/*.v1.ndjson', 'seen/*.ids'];
  const flat = most <= median * 1.1 && least >= median * 0.9;
  const fine = flat && verdict.lost === 0 && verdict.twice === 0 && grown.every(({ kind }) => expected.includes(kind));
  process.exitCode = fine ? 0 : 1;
} finally {
  await world.close();
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
}
