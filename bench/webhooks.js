// @ts-check
// Webhooks a second to receivers on this machine, twenty that answer and one that hangs: `npm run bench -- webhooks [--seconds N] [--rate N]`.
// Every message is stored and signed, and every attempt is on the disk before the next one to its endpoint: all as in the product, but
// for the question whether a case is still abandoned, which is answered "yes" here. Prints a table and one line of JSON.
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';

const goodEndpoints = 20;

if (isMainThread) await bench();
else receive();

/** The receivers, in a thread of their own: `/hang` takes a request and never answers. Tells the main thread what arrived, and when. */
function receive() {
  if (!parentPort) throw new Error('no parent');
  const port = parentPort;
  /** @type {[string, number][]} */
  let arrived = [];
  const server = createServer((request, response) => {
    request.resume();
    if (request.url === '/hang') return;
    request.on('end', () => {
      arrived.push([String(request.headers['webhook-id']), Date.now()]);
      response.writeHead(204).end();
    });
  });
  server.listen(0, '127.0.0.1', () => port.postMessage({ url: `http://127.0.0.1:${portOf(server)}` }));
  setInterval(() => {
    if (arrived.length > 0) port.postMessage({ arrived });
    arrived = [];
  }, 50);
}

/** @param {import('node:http').Server} server */
function portOf(server) {
  return /** @type {import('node:net').AddressInfo} */ (server.address()).port;
}

/** @param {string} name a module of the built collector; not a literal import, so that the type check leaves the build alone */
function built(name) {
  return import(new URL(`../dist/collector/${name}.js`, import.meta.url).href);
}

async function bench() {
  const { values } = parseArgs({
    options: { seconds: { type: 'string', default: '20' }, rate: { type: 'string', default: '550' } },
  });
  const worker = new Worker(new URL(import.meta.url));
  /** @type {Map<string, number>} */
  const arrivedAt = new Map();
  /** @type {string} */
  const url = await new Promise((resolve) => {
    worker.on('message', (/** @type {{ url?: string, arrived?: [string, number][] }} */ message) => {
      if (message.url) resolve(message.url);
      for (const [id, at] of message.arrived ?? []) arrivedAt.set(id, at);
    });
  });
  const folder = await mkdtemp(join(tmpdir(), 'telltale-bench-'));
  try {
    const store = await openStore(join(folder, 'state.db'), url);
    // What a process that has just started does is compile.
    await measure(store, arrivedAt, { atOnce: 1_000 });
    const steady = await measure(store, arrivedAt, { perSecond: Number(values.rate), seconds: Number(values.seconds) });
    const burst = await measure(store, arrivedAt, { atOnce: 10_000 });
    await store.dispatcher.stop();
    await store.state.close();
    print({ steady, burst });
  } finally {
    await rm(folder, { recursive: true, force: true });
    await worker.terminate();
  }
}

/** @param {string} file @param {string} url */
async function openStore(file, url) {
  const [
    { openState },
    { loadSites },
    { createEndpoint },
    { createDispatcher },
    { createLog },
    { addToOutbox },
    events,
  ] = await Promise.all(
    [
      'state/database',
      'state/sites',
      'state/endpoints',
      'webhooks/dispatcher',
      'log',
      'webhooks/outbox',
      'webhooks/events',
    ].map(built),
  );
  const state = openState(file);
  const sites = await loadSites(state, Date.now);
  const site = await sites.create({ domain: 'example.com', timezone: 'UTC' });
  /** @param {string} path @returns {Promise<string>} */
  const addEndpoint = async (path) =>
    (await createEndpoint(state, { siteId: site.id, endpoint: { name: path, url: url + path }, nowMs: Date.now() })).id;
  const hanging = await addEndpoint('/hang');
  /** @type {string[]} */
  const good = [];
  for (let number = 0; number < goodEndpoints; number += 1) good.push(await addEndpoint(`/good/${number}`));
  const dispatcher = createDispatcher({
    state,
    now: Date.now,
    log: createLog('silent'),
    allow: ['127.0.0.1/32'],
    isStillAbandoned: async () => 'yes',
    random: Math.random,
  });
  const data = events.sampleAbandonment(site.publicId, new Date().toISOString());
  let made = 0;
  return {
    state,
    dispatcher,
    /** Stores messages for the good endpoints in turn, and a twentieth as many for the one that hangs. @param {number} count */
    async add(count) {
      const nowMs = Date.now();
      await state.db.transaction().execute(async (/** @type {unknown} */ trx) => {
        for (let index = 0; index < count; index += 1) {
          made += 1;
          const message = { type: 'lead.updated', timestamp: new Date(nowMs).toISOString(), data };
          const parts = { siteId: site.id, message, nextAtMs: nowMs, nowMs };
          await addToOutbox(trx, { ...parts, endpointId: good[made % goodEndpoints], once: [`good-${made}`] });
          if (made % goodEndpoints === 0) {
            await addToOutbox(trx, { ...parts, endpointId: hanging, once: [`hang-${made}`] });
          }
        }
      });
    },
    /** When each message for a good endpoint was stored. @param {number} sinceMs */
    async stored(sinceMs) {
      /** @type {{ id: string, next_at_ms: number }[]} */
      const rows = await state.db
        .selectFrom('deliveries')
        .select(['id', 'next_at_ms'])
        .where('endpoint_id', '!=', hanging)
        .where('created_at', '>=', new Date(sinceMs).toISOString())
        .execute();
      return rows;
    },
  };
}

/**
 * @param {Awaited<ReturnType<typeof openStore>>} store
 * @param {Map<string, number>} arrivedAt
 * @param {{ perSecond: number, seconds: number } | { atOnce: number }} load
 */
async function measure(store, arrivedAt, load) {
  const startedMs = Date.now();
  const usedBefore = process.cpuUsage();
  const total = 'atOnce' in load ? load.atOnce : load.perSecond * load.seconds;
  const before = arrivedAt.size;
  if ('atOnce' in load) await store.add(load.atOnce);
  const beganMs = 'atOnce' in load ? Date.now() : startedMs;
  store.dispatcher.start();
  let added = 'atOnce' in load ? total : 0;
  while (arrivedAt.size - before < total) {
    if (!('atOnce' in load)) {
      const planned = Math.min(total, Math.floor(((Date.now() - startedMs) / 1000) * load.perSecond));
      if (planned > added) await store.add(planned - added);
      added = planned;
    }
    if (Date.now() - startedMs > 300_000) throw new Error(`only ${arrivedAt.size - before} of ${total} arrived`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const used = process.cpuUsage(usedBefore);
  const rows = await store.stored(startedMs);
  const waits = rows.map(({ id, next_at_ms }) => (arrivedAt.get(id) ?? Number.NaN) - next_at_ms).sort((a, b) => a - b);
  const lastMs = Math.max(...rows.map(({ id }) => arrivedAt.get(id) ?? Number.NaN));
  const quantile = (/** @type {number} */ rate) => waits[Math.ceil(waits.length * rate) - 1] ?? Number.NaN;
  return {
    messages: rows.length,
    perSecond: Math.round(rows.length / ((lastMs - beganMs) / 1000)),
    p50Ms: quantile(0.5),
    p95Ms: quantile(0.95),
    maxMs: quantile(1),
    /** Of this process, the receivers included: the same on a busy machine. */
    cpuMs: Math.round((used.user + used.system) / 10 / rows.length) / 100,
  };
}

/** @param {Record<'steady' | 'burst', Awaited<ReturnType<typeof measure>>>} results */
function print(results) {
  console.log(`\n${goodEndpoints} endpoints that answer, 1 that hangs\n`);
  console.log('load      messages  a second   p50 ms   p95 ms   max ms   CPU ms each');
  for (const [name, row] of Object.entries(results)) {
    const cells = [row.messages, row.perSecond, row.p50Ms, row.p95Ms, row.maxMs, row.cpuMs].map((cell) =>
      String(cell).padStart(9),
    );
    console.log(`${name.padEnd(9)}${cells.join('')}`);
  }
  console.log(`\n${JSON.stringify({ bench: 'webhooks', goodEndpoints, ...results })}`);
}
