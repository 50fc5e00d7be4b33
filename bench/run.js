// @ts-check
// `npm run bench -- NAME [options]`: runs one benchmark. Each prints a table and one line of JSON.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Name and what it measures. @type {Record<string, string>} */
const benches = {
  import: 'events a second from a file to rows that ClickHouse answers with (after npm run build)  [events]',
  door: 'events a second through ingest and spool alone, acknowledged after the disk has them',
  ingest:
    'events a second over HTTP while they are shipped, beside servers that keep nothing  [--seconds N] [--rounds N]',
  attacks: 'what honest visitors notice while somebody attacks  [--seconds N]',
  restart: 'time to be ready after kill -9 with a full spool  [--megabytes N] [--rounds N]',
  soak: 'memory and files of the product under even load  [--minutes N] [--rate N]',
  queries: 'our questions beside the shapes of other products, on 20 million events  [--events N] [--rounds N]',
  webhooks: 'webhooks a second to twenty receivers that answer and one that hangs  [--seconds N] [--rate N]',
  detection:
    'rows read and milliseconds of a detection tick, beside the plain question over the events  [--events N] [--ticks N]',
  ledger: 'list of leads, lead page, balance of a week at 200,000 leads  [--leads N] [--events N] [--rounds N]',
  leaving: 'twelve ways to leave a page: sent, stored, twice, in Chromium and Firefox  [--visits N]',
  'page-cost': 'paint, delay and blocked time of a page with the tag and without, at 4 × slow-down  [--rounds N]',
  'random-walk': 'random things done by a script, and what of them is stored  [--actions N] [--seed N]',
  'tracker-size': 'bytes of the tracker as visitors download it (after npm run build)',
};

const [name = '', ...rest] = process.argv.slice(2);
if (!(name in benches)) {
  console.error(`Say what to measure: npm run bench -- NAME\n`);
  for (const [known, what] of Object.entries(benches)) console.error(`  ${known.padEnd(14)}${what}`);
  process.exit(1);
}
const file = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
process.exit(spawnSync(process.execPath, [file, ...rest], { stdio: 'inherit' }).status ?? 1);
