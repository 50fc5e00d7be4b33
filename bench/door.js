// @ts-check
// Events a second through ingest and spool, in one process, without HTTP: `node scripts/build.js collector && node bench/door.js`.
// Every batch is acknowledged after its fdatasync. Prints a table, and one line of JSON for comparisons.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const senders = 64;
const unlimited = { perSecond: Infinity, burst: Infinity };
const userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

/** @param {number} eventsPerBatch @returns {(number: number) => Buffer} a beacon as the tracker sends it */
function beacons(eventsPerBatch) {
  return (number) =>
    Buffer.from(
      JSON.stringify({
        v: 1,
        site: 'bench',
        sent: Date.now(),
        visitor: `visitor-${number % 10_000}`,
        page: `page-${number}`,
        events: Array.from({ length: eventsPerBatch }, (_, seq) => ({
          seq,
          age: 250 - seq,
          name: seq === 0 ? 'pageview' : 'form_field',
          ...(seq === 0
            ? { url: `https://example.com/pricing/${number % 100}?utm_source=letter&utm_medium=email` }
            : {}),
          ref: 'https://www.google.com/',
          title: 'Pricing – Example',
          props: { plan: 'pro', field: `field-${seq}` },
        })),
      }),
    );
}

/** @param {number} seconds @param {number} eventsPerBatch @param {(body: Buffer) => unknown} take */
async function measure(seconds, eventsPerBatch, take) {
  const make = beacons(eventsPerBatch);
  // Made beforehand: the time of the sender is not the time of the door.
  const bodies = Array.from({ length: Math.ceil(60_000 / eventsPerBatch) }, (_, number) => make(number));
  let next = 0;
  const started = performance.now();
  const until = started + seconds * 1000;
  const send = async () => {
    while (performance.now() < until) {
      const body = bodies[next];
      if (!body) return;
      next += 1;
      await take(body);
    }
  };
  await Promise.all(Array.from({ length: senders }, send));
  return Math.round((next * eventsPerBatch) / ((performance.now() - started) / 1000));
}

/** @param {string} name a module of the built collector; not a literal import, so that the type check leaves the build alone */
const built = (name) => import(new URL(`../dist/collector/${name}.js`, import.meta.url).href);

async function openDoor() {
  const { createIngest } = await built('ingest/ingest');
  const { createLiveFeed } = await built('ingest/live-feed');
  const { openCountries } = await built('ingest/country');
  const { createSeenEvents } = await built('ingest/seen-events');
  const { createLog } = await built('log');
  const { createMetrics } = await built('metrics');
  const { openSpool } = await built('spool/spool');
  const { siteSettings } = await built('contract/manage');
  const folder = await mkdtemp(join(tmpdir(), 'telltale-bench-'));
  const metrics = createMetrics();
  const spool = await openSpool({ folder, metrics, ship: async () => {} });
  const site = {
    id: 1,
    publicId: 'bench',
    name: 'Bench',
    domains: ['example.com'],
    timezone: 'UTC',
    settings: siteSettings.parse({}),
    createdAt: '',
    firstEventAt: '',
  };
  const ingest = await createIngest({
    sites: { byPublicId: () => site, markFirstEvent: () => {} },
    spool,
    seen: Object.assign(createSeenEvents(), { found: false }),
    salts: { today: () => 'today', yesterday: () => 'yesterday' },
    geo: await openCountries(),
    matchersFor: () => [],
    identify: async () => {},
    live: createLiveFeed(),
    metrics,
    drops: { count: () => {} },
    rates: { address: unlimited, site: unlimited },
    log: createLog('silent'),
    now: Date.now,
  });
  /** @type {Record<string, string>} */
  const headers = { 'user-agent': userAgent, 'accept-language': 'de-AT,de;q=0.9', origin: 'https://example.com' };
  return {
    /** @param {Buffer} body */
    async take(body) {
      const header = (/** @type {string} */ name) => headers[name];
      const reply = await ingest.beacon({ body, contentType: 'text/plain', header, address: '127.0.0.1' });
      if (reply.status !== 202 || reply.dropped) throw new Error(JSON.stringify(reply));
    },
    async close() {
      await spool.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** @param {{ seconds?: number }} [options] */
export async function ingestSpeed({ seconds = 5 } = {}) {
  const rows = [];
  const warmUp = await openDoor();
  await measure(2, 7, warmUp.take);
  await warmUp.close();
  for (const eventsPerBatch of [1, 7, 50]) {
    const parseOnly = await measure(seconds, eventsPerBatch, async (body) => JSON.parse(body.toString()));
    const door = await openDoor();
    const durable = await measure(seconds, eventsPerBatch, door.take);
    await door.close();
    rows.push({ eventsPerBatch, durable, parseOnly, ratio: Math.round((parseOnly / durable) * 10) / 10 });
  }
  return rows;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const rows = await ingestSpeed();
  console.log('| events a batch | events/s, durable | events/s, JSON.parse only | ratio |\n|---:|---:|---:|---:|');
  for (const { eventsPerBatch, durable, parseOnly, ratio } of rows) {
    console.log(
      `| ${eventsPerBatch} | ${durable.toLocaleString('en')} | ${parseOnly.toLocaleString('en')} | ${ratio} |`,
    );
  }
  console.log(JSON.stringify({ bench: 'door', senders, rows }));
}
