// @ts-check
// Processes that are killed, stopped or started twice.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { until } from '../../scripts/until.js';
import { demand, pause } from './fault.js';

/** @typedef {import('./world.js').World} World */

/** Moments that differ, the same in every run. @param {number} run @param {number} mostMs */
const moment = (run, mostMs) => pause((run * 7_919) % mostMs);

/** A second collector on the same folder, on a port of its own. @param {World} world */
async function secondServer(world) {
  const child = spawn(process.execPath, [fileURLToPath(new URL('./collector.js', import.meta.url)), '/dev/null'], {
    env: { ...process.env, TELLTALE_DATA: world.data, TELLTALE_PORT: '0', CLICKHOUSE_URL: world.proxy.url },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  child.stderr.on('data', (piece) => {
    text += piece;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  return { code, text };
}

/** @type {Record<string, import('./fault.js').Fault>} */
export const faultsOfProcesses = {
  'kill collector': {
    about: 'kill -9 of the collector at any moment, under 500 events a second',
    runs: { full: 50, quick: 3 },
    async run({ runs, world }) {
      const site = await world.site();
      const visitors = world.visitors(site);
      const recoveryMs = [];
      for (let run = 0; run < runs; run++) {
        await pause(400);
        await moment(run, 900);
        await world.end('SIGKILL');
        recoveryMs.push(await world.start());
      }
      await visitors.stop();
      return { runs, site, recoveryMs };
    },
  },

  'kill between insert and checkpoint': {
    about: 'kill -9 when the event database has a segment and the spool does not know yet',
    runs: { full: 50, quick: 3 },
    async run({ runs, world }) {
      const site = await world.site();
      const visitors = world.visitors(site);
      await world.end('SIGKILL');
      for (let run = 0; run < runs; run++) {
        // Each life repeats the segment at which the one before was killed; every other goes one further.
        await world.start({ killAfter: 1 + (run % 2) });
        await world.gone();
      }
      const recoveryMs = [await world.start()];
      await visitors.stop();
      return { runs, site, recoveryMs };
    },
  },

  'kill event database': {
    about: 'kill -9 of the event database while it is written to; events are taken all the time',
    runs: { full: 30, quick: 2 },
    async run({ runs, world }) {
      const site = await world.site();
      const visitors = world.visitors(site);
      const recoveryMs = [];
      for (let run = 0; run < runs; run++) {
        await pause(500);
        await moment(run, 1_100);
        await world.engine.kill();
        const back = performance.now();
        const shipped = await world.metric('telltale_shipped_rows_total');
        await until(async () => (await world.metric('telltale_shipped_rows_total')) > shipped, 60_000);
        recoveryMs.push(performance.now() - back);
      }
      await visitors.stop();
      const refused = [...visitors.answers().statuses].filter(([status]) => status !== 202);
      demand(refused.length === 0, `events were refused meanwhile: ${JSON.stringify(refused)}`);
      return { runs, site, recoveryMs };
    },
  },

  'kill everything': {
    about: 'kill -9 of collector and event database at once',
    runs: { full: 5, quick: 1 },
    async run({ runs, world }) {
      const site = await world.site();
      const visitors = world.visitors(site);
      const recoveryMs = [];
      for (let run = 0; run < runs; run++) {
        await pause(1_000);
        await moment(run, 1_000);
        await Promise.all([world.end('SIGKILL'), world.engine.kill()]);
        recoveryMs.push(await world.start());
      }
      await visitors.stop();
      return { runs, site, recoveryMs };
    },
  },

  'restart under load': {
    about: 'SIGTERM, exit code 0 within ten seconds, start again',
    runs: { full: 10, quick: 1 },
    async run({ runs, world }) {
      const site = await world.site();
      const visitors = world.visitors(site);
      const recoveryMs = [];
      for (let run = 0; run < runs; run++) {
        await pause(700);
        const asked = performance.now();
        const code = await world.end('SIGTERM');
        const tookMs = performance.now() - asked;
        demand(code === 0 && tookMs < 10_000, `it ended with ${code} after ${tookMs} ms`);
        recoveryMs.push(tookMs + (await world.start()));
      }
      await visitors.stop();
      return { runs, site, recoveryMs };
    },
  },

  'two servers on one folder': {
    about: 'the second one ends by itself within two seconds, and the first does not notice',
    runs: { full: 3, quick: 0 },
    async run({ runs, world }) {
      const site = await world.site();
      const visitors = world.visitors(site);
      const recoveryMs = [];
      for (let run = 0; run < runs; run++) {
        const started = performance.now();
        const { code, text } = await secondServer(world);
        recoveryMs.push(performance.now() - started);
        demand(code === 1 && /already runs on/.test(text), `the second server ended with ${code}: ${text}`);
      }
      await visitors.stop();
      return { runs, site, recoveryMs };
    },
  },
};
