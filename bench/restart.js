// @ts-check
// `npm run bench -- restart [--megabytes 1024] [--rounds 3]`: how long the collector takes to be ready again after kill -9 while so much
// waits in its spool for a ClickHouse that is away, and again once all of it was shipped. Prints a table and one line of JSON.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { until } from '../scripts/until.js';
import { openEngine, openWorld } from './chaos/world.js';

const { values } = parseArgs({
  options: { megabytes: { type: 'string', default: '1024' }, rounds: { type: 'string', default: '3' } },
});
const [megabytes, rounds] = [Number(values.megabytes), Number(values.rounds)];
const folder = mkdtempSync(join(tmpdir(), 'telltale-restart-'));
const engine = await openEngine(join(folder, 'engine'));
const world = await openWorld({ folder, engine });

const heldMegabytes = () => {
  let bytes = 0;
  // A segment may be gone by the time it is looked at.
  for (const name of readdirSync(world.spool))
    bytes += statSync(join(world.spool, name), { throwIfNoEntry: false })?.size ?? 0;
  return bytes / 2 ** 20;
};

/** Each restart, ms. */
async function restarts() {
  const times = [];
  for (let round = 0; round < rounds; round += 1) {
    await world.end('SIGKILL');
    times.push(Math.round(await world.start()));
  }
  return times;
}

try {
  await world.start();
  const site = await world.site();
  await world.drained();
  world.proxy.become('away');
  const visitors = world.visitors(site, { rate: 60_000, batch: 50, senders: 16, bytes: 1_000 });
  await until(
    () => heldMegabytes() >= megabytes,
    600_000,
    () => 'the spool did not fill',
  );
  await visitors.stop();
  const events = await world.metric('telltale_spool_pending_rows');
  const held = Math.round(heldMegabytes());
  const waiting = await restarts();
  world.proxy.become('pass');
  await world.caughtUp(300_000);
  await world.drained();
  const shipped = await restarts();
  const { lost, twice } = await world.verdict(site);
  console.log('| spool | events in it | ready again after kill -9, s |');
  console.log('|---|---:|---:|');
  for (const [what, times] of Object.entries({ 'waits for ClickHouse': waiting, 'all shipped': shipped }))
    console.log(
      `| ${held} MB, ${what} | ${events.toLocaleString('en')} | ${times.map((ms) => (ms / 1_000).toFixed(1)).join(', ')} |`,
    );
  console.log(JSON.stringify({ bench: 'restart', megabytes: held, events, waiting, shipped, lost, twice }));
  process.exitCode = lost === 0 && twice === 0 ? 0 : 1;
} finally {
  await world.close();
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
}
