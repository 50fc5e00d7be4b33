import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, onTestFinished, test } from 'vitest';
import { createRateLimit } from '../../collector/ingest/rate-limit.ts';
import { openState } from '../../collector/state/database.ts';
import { loadSites } from '../../collector/state/sites.ts';
import { fakeClock } from '../support/clock.ts';
import { tempFolder } from '../support/temp-folder.ts';
import { openDoor, view } from './door.ts';
import { batch, listen, openApp } from './door-app.ts';

/** A request from that address, as the socket of a real one would say. */
function from(address: string) {
  return { incoming: { socket: { remoteAddress: address } } };
}

const quick = { headersTimeout: 200, requestTimeout: 400, keepAliveTimeout: 200, connectionsCheckingInterval: 50 };

test('slow loris: headers and bodies that drip, and connections that say nothing, are ended; others are served meanwhile', async () => {
  const { post, dial, door } = await listen({ limits: quick });
  const drip = (text: string) => {
    const connection = dial();
    const bytes = [...text];
    const timer = setInterval(() => connection.socket.write(bytes.shift() ?? 'a'), 20);
    onTestFinished(() => clearInterval(timer));
    return connection;
  };
  const head = 'POST /e HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n';
  const headers = drip(`${head}X-Long: `);
  const body = dial();
  body.socket.write(`${head}Content-Length: 5000\r\n\r\n`);
  const dripping = setInterval(() => body.socket.write(' '), 20);
  onTestFinished(() => clearInterval(dripping));
  const silent = Array.from({ length: 50 }, () => dial());

  expect((await post(batch(view('/a')))).status).toBe(202);
  await Promise.all([headers, body, ...silent].map(({ ended }) => ended));
  expect(await headers.answer).toMatch(/^HTTP\/1.1 408/);
  expect(await body.answer).toMatch(/^HTTP\/1.1 408|^$/);
  const { values } = await door.metrics.requestsUnreadable.get();
  expect(values.find(({ labels }) => labels.why === 'too slow')?.value).toBeGreaterThan(50);
  expect((await post(batch(view('/b', { seq: 1 })))).status).toBe(202);
  expect(door.rows).toHaveLength(2);
});

test('slow loris: one address holds no more connections than it may, and all together no more than the server has', async () => {
  const { post, dial, door, server } = await listen({ maxConnections: 8, perAddress: 3, isShared: () => false });
  const held = [1, 2, 3].map(() => dial('127.0.0.2'));
  await Promise.all(held.map(({ socket }) => new Promise((done) => socket.once('connect', done))));
  await dial('127.0.0.2').ended;
  // Another address is not affected.
  expect((await post(batch(view('/a')))).status).toBe(202);
  // Connections that end make room.
  held[0]?.socket.destroy();
  await expect.poll(async () => (await door.metrics.connections.get()).values[0]?.value).toBeLessThan(4);
  const again = dial('127.0.0.2');
  again.socket.write('GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
  expect(await again.answer).toMatch(/^HTTP\/1.1 404/);
  const dropped = new Promise((done) => server.once('drop', done));
  for (let last = 3; last < 12; last++) dial(`127.0.0.${last}`);
  await dropped;
  const { values } = await door.metrics.connectionsRefused.get();
  expect(values.map(({ labels }) => labels.limit).sort()).toEqual(['address', 'total']);
});

test('forged site id: ten thousand invented sites cost no look-up in the store and leave nothing behind', async () => {
  const state = openState(`${tempFolder()}/state.db`);
  const sites = await loadSites(state, Date.now);
  const site = await sites.create({ domain: 'example.com', timezone: 'UTC' });
  // Whoever asks the store from here on fails.
  await state.close();
  const random = Array.from({ length: 10_000 }, (_, index) => `s${(index * 7_919).toString(36)}`);
  expect(random.filter((id) => sites.byPublicId(id) !== undefined)).toEqual([]);
  expect(['__proto__', 'constructor', 'toString', ''].filter((id) => sites.byPublicId(id))).toEqual([]);
  expect(sites.byPublicId(site.publicId)?.id).toBe(site.id);

  const door = await openDoor();
  for (const id of random.slice(0, 1_000)) {
    const reply = await door.send({ site: id, events: [view('/a'), view('/b', { seq: 1 })] }, { address: '127.0.0.1' });
    expect(reply).toMatchObject({ status: 202, dropped: 'unknown-site', answer: { accepted: 0 } });
  }
  expect(door.rows).toEqual([]);
  expect(await door.dropped('unknown-site')).toBe(2_000);
});

test('forged addresses: hundreds of invented X-Forwarded-For, Forwarded, X-Real-IP or CF-Connecting-IP change nothing', async () => {
  const invented = (index: number) => `198.51.${index >> 8}.${index & 255}`;
  const taken = async (trustProxy: number, headersOf: (index: number) => Record<string, string>) => {
    const { app } = await openApp({ trustProxy, rates: { address: { perSecond: 20, burst: 100 } } });
    let count = 0;
    for (let index = 0; index < 500; index++) {
      const response = await app.request(
        '/e',
        {
          method: 'POST',
          body: batch(view('/a', { seq: index })),
          headers: { 'content-type': 'text/plain', 'user-agent': 'Firefox', ...headersOf(index) },
        },
        from('203.0.113.9'),
      );
      if (response.status === 202) count += 1;
    }
    return count;
  };
  expect(await taken(0, () => ({}))).toBe(100);
  for (const name of ['x-forwarded-for', 'x-real-ip', 'cf-connecting-ip', 'true-client-ip', 'x-client-ip']) {
    expect(await taken(0, (index) => ({ [name]: invented(index) }))).toBe(100);
  }
  expect(await taken(0, (index) => ({ forwarded: `for=${invented(index)}` }))).toBe(100);
  // Behind one proxy only what that proxy appended counts.
  expect(await taken(1, (index) => ({ 'x-forwarded-for': `${invented(index)}, 203.0.113.7` }))).toBe(100);
  expect(await taken(1, (index) => ({ 'x-forwarded-for': `203.0.113.7, ${invented(index)}` }))).toBe(500);
});

test('flood: an address is taken its burst and told when to come back, while a hundred others notice nothing', async () => {
  const { app, door } = await openApp();
  const send = (address: string, index: number) =>
    app.request(
      '/e',
      {
        method: 'POST',
        body: JSON.stringify({ v: 1, site: 'site1', page: `${address}-${index}`, events: [view('/a')] }),
        headers: { 'content-type': 'text/plain', 'user-agent': 'Firefox' },
      },
      from(address),
    );
  let taken = 0;
  for (let index = 0; index < 1_000; index++) {
    const response = await send('203.0.113.66', index);
    if (response.status === 202) taken += 1;
    else expect([response.status, response.headers.get('retry-after')]).toEqual([429, '1']);
    if (index % 10 === 0) expect((await send(`198.51.100.${index / 10}`, 0)).status).toBe(202);
  }
  expect(taken).toBe(200);
  const { values } = await door.metrics.rateLimited.get();
  expect(values).toMatchObject([{ labels: { scope: 'address' }, value: 800 }]);
});

test('flood: a site is taken its burst of events from however many addresses, and other sites notice nothing', async () => {
  const door = await openDoor({ rates: { site: { perSecond: 10, burst: 100 } } });
  const statuses: number[] = [];
  for (let index = 0; index < 12; index++) {
    const events = Array.from({ length: 10 }, (_, seq) => view('/a', { seq }));
    statuses.push((await door.send({ page: `p${index}`, events }, { address: `203.0.113.${index}` })).status);
  }
  // Ten batches of ten events, then no more.
  expect(statuses).toEqual([...Array<number>(10).fill(202), 429, 429]);
  expect(await door.send({ page: 'late', events: [view('/a')] })).toMatchObject({
    status: 429,
    dropped: 'rate',
    retryAfterSeconds: 1,
  });
  // A second fills ten.
  door.clock.advance(1_000);
  expect((await door.send({ page: 'later', events: [view('/a')] })).status).toBe(202);
  // What a server with a key sends is not counted.
  expect((await door.server(Array.from({ length: 500 }, () => ({ name: 'order' })))).accepted).toBe(500);
});

test('flood: a million addresses do not fill the memory', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const rate = createRateLimit({ perSecond: 20, burst: 200 }, fakeClock().now);
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let index = 0; index < 1_000_000; index++) {
    rate.waitSeconds(`10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`);
  }
  collect();
  expect((process.memoryUsage().heapUsed - before) / 1024 ** 2).toBeLessThan(32);
  // The latest are remembered.
  for (let index = 0; index < 199; index++) rate.waitSeconds('10.15.66.63');
  expect(rate.waitSeconds('10.15.66.63')).toBe(1);
});
