import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { limits } from '../../collector/contract/limits.ts';
import { customHeaders } from '../../collector/contract/webhooks.ts';
import { createRateLimit } from '../../collector/ingest/rate-limit.ts';
import { createLog } from '../../collector/log.ts';
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

test('clock skew: whatever a client’s clock says, an event is stored near the time it came, in one of two months', async () => {
  const clock = fakeClock('2026-09-30T23:59:00Z');
  const door = await openDoor({ clock });
  const year = 365 * 24 * 60 * 60 * 1000;
  const wild = [clock.now() + 10 * year, clock.now() - 10 * year, -1, 0, 1e18, -1e18, 1e308, 8.64e15 + 1];
  for (const [page, at] of wild.entries()) {
    await door.send({ page: `at-${page}`, events: [view('/a', { at })] });
    await door.send({ page: `sent-${page}`, sent: at, events: [view('/a', { age: 1e9 })] });
    await door.send({ page: `both-${page}`, sent: -at, events: [view('/a', { at })] });
  }
  await door.server([1e18, 1e300, clock.now() + year].map((at, index) => ({ id: `s${index}`, name: 'order', at })));
  // No number at all is a mistake of the sender, and says so.
  const nonsense = await door.sendRaw(batch(view('/a', { at: 'tomorrow' }), view('/a', { seq: 1, at: [] })));
  expect(nonsense.answer).toMatchObject({ accepted: 0 });

  const pages = door.rows.filter((row) => row.name === 'pageview').map((row) => Date.parse(`${row.ts}Z`));
  expect(pages.length).toBe(3 * wild.length);
  expect(pages.every((ts) => ts >= clock.now() - limits.clockBehindMs && ts <= clock.now() + limits.clockAheadMs)).toBe(
    true,
  );
  expect(new Set(door.rows.map((row) => row.ts.slice(0, 7))).size).toBeLessThanOrEqual(2);
  expect(door.rows.filter((row) => row.name === 'order').every((row) => row.ts === '2026-09-30 23:59:00.000')).toBe(
    true,
  );
});

test('clock skew: an event dated 2035 lies at the moment it came, so that no rule fires early or waits for years', async () => {
  const door = await openDoor();
  await door.send({ events: [view('/pricing', { at: Date.parse('2035-01-01T00:00:00Z') })] });
  expect(door.rows).toMatchObject([{ ts: '2026-09-01 12:00:00.000', clock_replaced: 1 }]);
  expect(door.rows[0]?.received_at).toBe(door.rows[0]?.ts);
});

const utf16 = Buffer.from(batch(view('/a')), 'utf16le');
test.each<[string, string | Uint8Array]>([
  ['is empty', ''],
  ['is cut off', batch(view('/a')).slice(0, -3)],
  ['has an array at its root', `[${batch(view('/a'))}]`],
  ['is a number', '1e999'],
  ['is null', 'null'],
  ['starts with a byte order mark', `\ufeff${batch(view('/a'))}`],
  ['is UTF-16', utf16],
  ['is UTF-16 with its mark', Buffer.concat([Buffer.from([0xff, 0xfe]), utf16])],
  ['is Latin-1', Buffer.from(batch(view('/caf\u00e9')), 'latin1')],
  ['has a comment', `/* hello */${batch(view('/a'))}`],
  ['has single quotes', batch(view('/a')).replaceAll('"', "'")],
  ['has a comma too many', batch(view('/a')).replace(']}', ',]}')],
  ['has NaN', '{"v":1,"site":"site1","sent":NaN,"events":[{}]}'],
  ['has another version', batch(view('/a')).replace('"v":1', '"v":2')],
  ['has events that are no list', '{"v":1,"site":"site1","events":{"0":{}}}'],
])('malformed: a body that %s is 400 with a short sentence, and counted', async (_, body) => {
  const { post, door } = await listen();
  const response = await post(body);
  const text = await response.text();
  expect(response.status).toBe(400);
  expect(text.length).toBeLessThanOrEqual(300);
  expect(text).not.toMatch(/ at |\.ts|node:/);
  expect(await door.dropped('invalid')).toBe(1);
  expect(door.rows).toEqual([]);
});

test('partly bad batch: the good events are kept, and each bad one is named with its place and reason', async () => {
  const { post, door } = await listen();
  const response = await post(
    batch(view('/a'), { seq: 1 }, view('/b', { seq: 2 }), 7, view('/c', { seq: 3, props: { a: [] } })),
  );
  expect(response.status).toBe(202);
  expect(await response.json()).toMatchObject({
    accepted: 2,
    dropped: [
      { index: 1, reason: 'invalid' },
      { index: 3, reason: 'invalid' },
      { index: 4, reason: 'invalid' },
    ],
  });
  expect(door.rows.map((row) => row.path)).toEqual(['/a', '/b']);
});

test('oversized: a body that says so, one that never ends, and one longer than it says', async () => {
  const { post, door, dial } = await listen({
    limits: { headersTimeout: 900, requestTimeout: 1_000, connectionsCheckingInterval: 50 },
  });
  expect((await post(' '.repeat(limits.beaconBytes + 1))).status).toBe(413);

  const uploads = Array.from({ length: 20 }, () => {
    const { socket, answer, ended } = dial();
    socket.write('POST /e HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n');
    const piece = Buffer.from(`4000\r\n${' '.repeat(0x4000)}\r\n`);
    const push = () => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on('drain', push);
    push();
    return Promise.all([answer, ended]);
  });
  // Meanwhile others are served.
  expect((await post(batch(view('/a')))).status).toBe(202);
  for (const [answer] of await Promise.all(uploads)) if (answer !== '') expect(answer).toMatch(/^HTTP\/1.1 413/);

  // What follows the stated length is the beginning of a request that is none.
  const { socket, answer } = dial();
  socket.end(
    'POST /e HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}{"v":1,"site":"site1"}',
  );
  expect(await answer).toMatch(/^HTTP\/1.1 400.*Connection: close/s);
  // Two lengths, or a length beside pieces, are how requests are smuggled past proxies.
  for (const headers of ['Content-Length: 2\r\nContent-Length: 3', 'Content-Length: 2\r\nTransfer-Encoding: chunked']) {
    const smuggler = dial();
    smuggler.socket.end(`POST /e HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\n${headers}\r\n\r\n{}`);
    expect(await smuggler.answer).toMatch(/^HTTP\/1.1 400/);
  }
  expect(door.rows).toHaveLength(1);
});

test('nesting: a million brackets are refused before anything is parsed, on both doors', async () => {
  const { post, url, door } = await listen();
  expect((await post('['.repeat(60_000))).status).toBe(400);
  expect((await post(`${'{"a":'.repeat(10_000)}1`)).status).toBe(400);
  expect((await post('['.repeat(1_000_000))).status).toBe(413);
  const response = await fetch(`${url}/api/v1/sites/site1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '['.repeat(1_000_000),
  });
  expect([response.status, await response.json()]).toEqual([400, { error: { code: 'too_deep' } }]);
  expect(door.rows).toEqual([]);
});

test.each(['gzip', 'GZIP', 'br', 'deflate', 'zstd', 'gzip, gzip', 'identity, gzip', 'x-unheard-of'])(
  'compression: a body in %s is refused unread, so that no bomb is ever opened',
  async (encoding) => {
    const { post, door } = await listen();
    const bomb = gzipSync(Buffer.alloc(1024 * 1024, ' '));
    const response = await post(bomb, { 'content-encoding': encoding });
    expect([response.status, await response.json()]).toMatchObject([
      400,
      { error: { code: 'unsupported_media_type' } },
    ]);
    expect(door.rows).toEqual([]);
  },
);

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

test('header injection: line breaks in what a visitor sends reach no header and split no line of the log', async () => {
  const { post, dial, door } = await listen();
  const split = 'x\r\nSet-Cookie: a=b\r\n\r\n<script>';
  for (const body of [
    JSON.stringify({ v: 1, site: split, page: 'p', events: [view('/a')] }),
    JSON.stringify({ v: 1, site: 'site1', page: split, visitor: split, events: [view(`/${split}`, { title: split })] }),
    JSON.stringify({ v: 1, site: 'site1', page: 'p', events: [view('/a', { name: split, id: split, ref: split })] }),
  ]) {
    const response = await post(body);
    expect(response.headers.get('set-cookie')).toBeNull();
    expect([...response.headers].flat().join()).not.toMatch(/script/);
  }
  expect(JSON.stringify(door.rows)).not.toMatch(/\\r|\\n/);

  const raw = dial();
  raw.socket.end('POST /e HTTP/1.1\r\nHost: a\r\nUser-Agent: a\rSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n');
  expect(await raw.answer).toMatch(/^HTTP\/1.1 400/);

  const lines: string[] = [];
  createLog('info', { write: (line) => void lines.push(line) }).warn({ path: split, err: new Error(split) }, split);
  expect(lines).toHaveLength(1);
  expect(lines[0]?.trimEnd()).not.toMatch(/[\r\n]/);

  for (const headers of [
    { 'X-Key': split },
    { 'X-Key\r\nX-Other': 'a' },
    { Host: 'a' },
    { 'Content-Length': '1' },
    { 'webhook-id': 'a' },
    { 'Transfer-Encoding': 'chunked' },
    { Cookie: 'a=b' },
  ]) {
    expect(customHeaders.safeParse(headers).success).toBe(false);
  }
});

test('CORS: any of twenty origins may send events and none with credentials; what came back is the same for all', async () => {
  const { app } = await openApp();
  const origins = [
    'null',
    'file://',
    'https://evil.example',
    'http://localhost',
    'http://localhost:8400',
    'https://example.com.evil.example',
    'https://example.com',
    'http://127.0.0.1',
    'http://[::1]',
    'https://xn--exmple-cua.com',
    'chrome-extension://abc',
    'moz-extension://abc',
    'capacitor://localhost',
    'app://.',
    'https://a@b',
    'https://example.com:443',
    'HTTPS://EXAMPLE.COM',
    'data:',
    'about:blank',
    '*',
  ];
  for (const [index, origin] of origins.entries()) {
    const page = JSON.stringify({ v: 1, site: 'site1', visitor: 'ana', page: `p${index}`, events: [view('/a')] });
    for (const request of [{ method: 'POST', body: page }, { method: 'OPTIONS' }]) {
      const response = await app.request('/e', {
        ...request,
        headers: {
          origin,
          'content-type': 'text/plain',
          cookie: 'telltale=x',
          'access-control-request-method': 'POST',
        },
      });
      expect(response.status).toBe(request.body ? 202 : 204);
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
      expect(response.headers.get('access-control-allow-credentials')).toBeNull();
      expect(response.headers.get('set-cookie')).toBeNull();
    }
    // The door of servers answers no other origin.
    const response = await app.request('/api/v1/sites/site1/events', { method: 'OPTIONS', headers: { origin } });
    expect([...response.headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
  }
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

test('characters: NUL, controls, half pairs, bidi marks, four-byte and composed letters come through as text or not at all', async () => {
  const door = await openDoor();
  const sample = [
    '\u0000',
    '\u0007',
    '\u001b[31m',
    '\ud800',
    '\udfff',
    '\u202e',
    '\u200b',
    '\ufeff',
    '\u{1f986}',
    'e\u0301',
  ];
  await door.send({ events: [view('/a', { title: `a${sample.join('b')}`, props: { [`k${sample.join('')}`]: 'v' } })] });
  const [row] = door.rows;
  expect(row?.title).toBe('abb[31mb\ufffdb\ufffdb\u202eb\u200bb\ufeffb\u{1f986}be\u0301');
  expect(JSON.stringify(row)).not.toMatch(/\\u[0d]/);
});

test('prototype pollution: a thousand bodies with forbidden keys at any depth change no prototype', async () => {
  const door = await openDoor({ rates: { address: { perSecond: 1, burst: 100_000 } } });
  const before = Object.getOwnPropertyNames(Object.prototype);
  const key = fc.constantFrom('__proto__', 'constructor', 'prototype', '__proto\u0000__', '\\u005f_proto__');
  const value = fc.constantFrom('{"polluted":1}', '{"prototype":{"polluted":1}}', '"x"', '[{"polluted":1}]');
  const place = fc.constantFrom('batch', 'event', 'props', 'identity', 'deep');
  await fc.assert(
    fc.asyncProperty(key, value, place, fc.nat(), async (name, content, where, page) => {
      const bad = `"${name.replaceAll('\u0000', '\\u0000')}":${content}`;
      const inProps = {
        props: `"props":{${bad}},`,
        identity: `"identity":{${bad}},`,
        deep: `"props":{"a":{"b":{${bad}}}},`,
      };
      const body = `{"v":1,"site":"site1",${where === 'batch' ? `${bad},` : ''}"page":"p${page}","events":[{${
        where === 'event' ? `${bad},` : ''
      }${inProps[where as 'props'] ?? ''}"seq":1,"name":"identify","url":"https://example.com/"}]}`;
      const reply = await door.sendRaw(body);
      expect([202, 400]).toContain(reply.status);
      expect(reply.answer).not.toMatchObject({ accepted: 1 });
    }),
    { numRuns: 1_000, seed: 7 },
  );
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
  expect(door.rows).toEqual([]);
});
