// @ts-check
// Files that are cut short, changed, from a newer release, or find no room.
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { until } from '../../scripts/until.js';
import { demand, pause } from './fault.js';
import { openEngine, openWorld } from './world.js';

/** @typedef {import('./world.js').World} World */

/** @param {string} name */
const built = (name) => import(new URL(`../../dist/collector/${name}.js`, import.meta.url).href);

/** Names of the segment files, oldest first. @param {World} world */
const segments = (world) =>
  readdirSync(world.spool)
    .filter((name) => name.endsWith('.ndjson'))
    .sort();

/** Leaves segments behind that wait, with nothing running. @param {World} world */
async function leaveWaiting(world) {
  const site = await world.site();
  await world.drained();
  world.proxy.become('away');
  const shipped = new Set(segments(world));
  const visitors = world.visitors(site);
  await until(() => segments(world).filter((name) => !shipped.has(name)).length >= 4, 30_000);
  await visitors.stop();
  await world.end('SIGKILL');
  return { site, waiting: segments(world).filter((name) => !shipped.has(name)) };
}

/** Starts again after that and lets everything through. @param {World} world */
async function recover(world) {
  world.proxy.become('pass');
  const startMs = await world.start();
  return [startMs + (await world.drained())];
}

/** Rows in quarantine. @param {World} world */
function countQuarantined(world) {
  return readdirSync(join(world.spool, 'quarantine')).length;
}

/**
 * A small file system in memory at `path`; needs the right to mount one.
 * @template Result @param {string} path @param {number} mebibytes @param {() => Promise<Result>} work
 */
async function withFileSystem(path, mebibytes, work) {
  mkdirSync(path, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', path]);
  try {
    return await work();
  } finally {
    execFileSync('umount', ['-l', path]);
  }
}

/** A file that takes all there is. @param {string} path */
function fill(path) {
  const piece = Buffer.alloc(64 * 1024);
  try {
    for (;;) appendFileSync(path, piece);
  } catch {
    // Full.
  }
}

/** @type {Record<string, import('./fault.js').Fault>} */
export const faultsOfDisk = {
  'torn tail': {
    about: 'the last record of a segment is cut in the middle, as by a loss of power',
    runs: { full: 3, quick: 0 },
    async run({ runs, world }) {
      const { site, waiting } = await leaveWaiting(world);
      const last = join(world.spool, waiting.at(-1) ?? '');
      for (let run = 0; run < runs; run++) appendFileSync(last, '{"id":"half of an ev');
      const recoveryMs = await recover(world);
      const torn = await world.metric('telltale_spool_torn_tails');
      demand(torn === 1, `${torn} torn tails were counted`);
      return { runs: 1, site, recoveryMs };
    },
  },

  'flipped bit': {
    about: 'one bit of one record changes on the disk: that record is set aside, all others are stored',
    runs: { full: 1, quick: 1 },
    async run({ world }) {
      const { site, waiting } = await leaveWaiting(world);
      const path = join(world.spool, waiting[1] ?? '');
      const bytes = readFileSync(path);
      const place = bytes.indexOf('"name"', Math.floor(bytes.length / 2)) + 9;
      bytes[place] = (bytes[place] ?? 0) ^ 1;
      writeFileSync(path, bytes);
      const recoveryMs = await recover(world);
      const damaged = await world.metric('telltale_spool_damaged_rows');
      demand(damaged === 1, `${damaged} damaged rows were counted`);
      return { runs: 1, site, recoveryMs, setAside: 1 };
    },
  },

  'poison row': {
    about: 'a row that ClickHouse refuses: found by halving, set aside with the reason, all others are stored',
    runs: { full: 1, quick: 1 },
    async run({ world }) {
      const { toRecord, toRow } = await built('spool/record');
      const { site, waiting } = await leaveWaiting(world);
      const before = countQuarantined(world);
      const path = join(world.spool, waiting[1] ?? '');
      const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean);
      const middle = Math.floor(lines.length / 2);
      lines[middle] = toRecord({ ...toRow(Buffer.from(lines[middle] ?? '')), ts: 'yesterday' }).trimEnd();
      writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
      const recoveryMs = await recover(world);
      const found = countQuarantined(world) - before;
      demand(found === 1, `${found} rows were set aside`);
      return { runs: 1, site, recoveryMs, setAside: 1 };
    },
  },

  'segment of a newer release': {
    about: 'the collector refuses to start, names the file and touches nothing',
    runs: { full: 1, quick: 0 },
    async run({ world }) {
      const { site, waiting } = await leaveWaiting(world);
      const name = waiting[0] ?? '';
      const newer = name.replace('.v1.', '.v2.');
      renameSync(join(world.spool, name), join(world.spool, newer));
      const before = segments(world).map((one) => `${one} ${statSync(join(world.spool, one)).mtimeMs}`);
      const child = world.launch();
      await world.gone();
      demand(child.exitCode === 1, `it ended with ${child.exitCode}`);
      demand(world.printed().includes(newer), `it does not name the file: ${world.printed()}`);
      const after = segments(world).map((one) => `${one} ${statSync(join(world.spool, one)).mtimeMs}`);
      demand(String(before) === String(after), 'it changed something');
      renameSync(join(world.spool, newer), join(world.spool, name));
      return { runs: 1, site, recoveryMs: await recover(world) };
    },
  },

  'disk full (spool)': {
    about: 'a file system of 64 MiB: 503 with Retry-After before the reserve is used, the dashboard goes on',
    runs: { full: 1, quick: 0 },
    async run({ world, folder }) {
      await world.drained();
      await world.end('SIGTERM');
      const small = join(folder, 'small');
      const outcome = await withFileSystem(small, 64, async () => {
        const own = await openWorld({ folder: small, engine: world.engine, database: 'small' });
        try {
          await own.start();
          const site = await own.site();
          own.proxy.become('away');
          const visitors = own.visitors(site, { rate: 20_000, batch: 10, senders: 4, bytes: 4_000 });
          await until(async () => (visitors.answers().statuses.get(503) ?? 0) > 0, 60_000);
          const refusedAt = performance.now();
          await until(async () => (await own.metric('telltale_spool_full')) === 1, 10_000);
          demand(performance.now() - refusedAt < 5_000, 'the metric came late');
          demand((await fetch(`${own.url()}/healthz`)).ok, 'the process does not answer');
          demand((await fetch(`${own.url()}/login`)).ok, 'the dashboard does not answer');
          const ready = await fetch(`${own.url()}/readyz`).then((response) => response.text());
          demand(ready.includes('nearly full'), `readiness says ${ready}`);
          await visitors.stop();
          own.proxy.become('pass');
          const recoveryMs = [await own.drained()];
          const refused = visitors.answers().statuses.get(503);
          return { runs: 1, site, recoveryMs, verdict: await own.verdict(site), note: `${refused} answers of 503` };
        } finally {
          await own.close();
        }
      });
      await world.start();
      return outcome;
    },
  },

  'disk full (event database)': {
    about: 'the event database has no room: nothing is set aside, and it goes on by itself when there is room',
    runs: { full: 1, quick: 0 },
    async run({ folder }) {
      const small = join(folder, 'small-engine');
      return withFileSystem(small, 400, async () => {
        const engine = await openEngine(join(small, 'engine'));
        const own = await openWorld({ folder: join(folder, 'beside-small-engine'), engine });
        try {
          await own.start();
          const site = await own.site();
          const visitors = own.visitors(site);
          await pause(2_000);
          const ballast = join(small, 'ballast');
          fill(ballast);
          const failures = await own.metric('telltale_shipped_failures_total');
          await until(async () => (await own.metric('telltale_shipped_failures_total')) > failures + 1, 60_000);
          await pause(2_000);
          rmSync(ballast);
          await visitors.stop();
          const recoveryMs = [await own.drained()];
          const setAside = await own.metric('telltale_spool_quarantined_rows');
          demand(setAside === 0, `${setAside} good rows were set aside`);
          return { runs: 1, site, recoveryMs, verdict: await own.verdict(site) };
        } finally {
          await own.close();
          await engine.close();
        }
      });
    },
  },
};
