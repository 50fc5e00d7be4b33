import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { limits } from '../../collector/contract/limits.ts';
import { customHeaders } from '../../collector/contract/webhooks.ts';
import { createLog } from '../../collector/log.ts';
import { fakeClock } from '../support/clock.ts';
import { openDoor, view } from './door.ts';
import { batch, listen, openApp } from './door-app.ts';

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
  expect(text.length, text).toBeLessThanOrEqual(200);
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
