// @ts-check
// The collector as its users run it, but for one thing: `node collector.js LOG [N]` writes id and hash of every segment that
// ClickHouse has taken to LOG, and with N kills itself after the Nth of them, before the checkpoint says so.
import { createHash } from 'node:crypto';
import { appendFileSync, readFileSync } from 'node:fs';

const [log = '', killAfter = '0'] = process.argv.slice(2);
const built = (/** @type {string} */ name) => import(new URL(`../../dist/collector/${name}.js`, import.meta.url).href);
const { parseConfig } = await built('config');
const { serve } = await built('main');

let inserts = 0;
await serve(parseConfig(process.env), {
  afterInsert: async (/** @type {{ id: string, path: string }} */ { id, path }) => {
    appendFileSync(log, `${id} ${createHash('sha256').update(readFileSync(path)).digest('hex')}\n`);
    inserts += 1;
    if (inserts === Number(killAfter)) process.kill(process.pid, 'SIGKILL');
  },
});
