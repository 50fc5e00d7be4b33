// @ts-check
// An event database that does not answer, not in time, or not to us.
import { until } from '../../scripts/until.js';
import { demand, pause } from './fault.js';

const liveRate = 200;

/** @type {Record<string, import('./fault.js').Fault>} */
export const faultsOfDatabase = {
  'event database away': {
    about: 'connections refused for 40 s (for an hour with the clock moved: test/spool)',
    runs: { full: 1, quick: 1 },
    async run({ quick, world }) {
      const site = await world.site();
      const visitors = world.visitors(site);
      await world.caughtUp();
      world.proxy.become('away');
      world.proxy.takeAttempts();
      const seconds = quick ? 5 : 40;
      await pause(seconds * 1_000);
      const attempts = world.proxy.takeAttempts();
      demand(attempts <= seconds + 1, `${attempts} connections were tried in ${seconds} s`);
      const age = await world.metric('telltale_spool_oldest_age_seconds');
      demand(Math.abs(age - seconds) < 4, `the oldest event is ${seconds} s old and the metric says ${age}`);
      world.proxy.become('pass');
      await visitors.stop();
      const recoveryMs = [await world.drained()];
      return { runs: 1, site, recoveryMs, note: `${attempts} attempts in ${seconds} s` };
    },
  },

  'backlog of an hour': {
    about: '720,000 events wait (an hour at 200 a second), and 200 a second keep coming while they drain',
    runs: { full: 1, quick: 0 },
    async run({ world }) {
      const site = await world.site();
      await world.drained();
      world.proxy.become('away');
      const hour = world.visitors(site, { rate: 30_000, batch: 50, senders: 16 });
      const waiting = () => world.metric('telltale_spool_pending_rows');
      await until(
        async () => (await waiting()) >= 720_000,
        300_000,
        () => 'the hour did not fill',
      );
      await hour.stop();
      const live = world.visitors(site, { rate: liveRate, senders: 4 });
      const rows = await waiting();
      const megabytes = (await world.metric('process_resident_memory_bytes')) / 2 ** 20;
      world.proxy.become('pass');
      const drainMs = await world.caughtUp(rows / 2);
      const newestMs = await world.untilVisible(site);
      demand(newestMs < 60_000, `an event was visible ${newestMs} ms after the backlog`);
      await live.stop();
      const rate = Math.round(rows / (drainMs / 1000));
      demand(rate >= 10 * liveRate, `it drained ${rate} events a second, less than ten times what came`);
      const note = [
        `${rows.toLocaleString('en')} events waited, ${rate.toLocaleString('en')} a second drained`,
        `a new one was visible ${(newestMs / 1000).toFixed(1)} s later`,
        `${Math.round(megabytes)} MB`,
      ].join(', ');
      return { runs: 1, site, recoveryMs: [drainMs], note };
    },
  },

  'slow event database': {
    about: 'every answer takes 5 s, while events are taken as fast as ever',
    runs: { full: 1, quick: 0 },
    async run({ world }) {
      const site = await world.site();
      world.proxy.become('slow');
      const visitors = world.visitors(site);
      await pause(11_000);
      await visitors.stop();
      world.proxy.become('pass');
      return { runs: 1, site, recoveryMs: [await world.drained()] };
    },
  },

  'slower than our patience': {
    about:
      'every answer takes 5 s and an insert is given up after 3 (2 minutes, unless it is set otherwise): all of them are committed',
    runs: { full: 5, quick: 0 },
    async run({ runs, world }) {
      const site = await world.site();
      await world.end('SIGTERM');
      await world.start({ env: { TELLTALE_INSERT_TIMEOUT: '3s' } });
      const visitors = world.visitors(site);
      const recoveryMs = await failInserts(world, runs, 'slow');
      await visitors.stop();
      return { runs, site, recoveryMs };
    },
  },

  'answers lost': {
    about: 'inserts are committed and the connection ends before the answer',
    runs: { full: 10, quick: 1 },
    async run({ runs, world }) {
      const site = await world.site();
      const visitors = world.visitors(site);
      const recoveryMs = await failInserts(world, runs, 'deaf');
      await visitors.stop();
      return { runs, site, recoveryMs };
    },
  },
};

/**
 * Each time until the shipper has counted a failure.
 * @param {import('./world.js').World} world
 * @param {number} runs
 * @param {'slow' | 'deaf'} how the way to the database fails
 * @returns {Promise<number[]>} milliseconds from its end to everything being stored
 */
async function failInserts(world, runs, how) {
  const recoveryMs = [];
  for (let run = 0; run < runs; run++) {
    await world.caughtUp();
    const failures = await world.metric('telltale_shipped_failures_total');
    world.proxy.become(how);
    await until(async () => (await world.metric('telltale_shipped_failures_total')) > failures, 30_000);
    world.proxy.become('pass');
    recoveryMs.push(await world.caughtUp());
  }
  return recoveryMs;
}
