import type { AddressInfo, LookupFunction } from 'node:net';
import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAddressGuard } from '../../collector/webhooks/address-guard.ts';
import { guardedPost } from '../../collector/webhooks/guarded-post.ts';
import { refuseBlockedUrl } from '../../collector/webhooks/guarded-request.ts';
import { privateAddresses } from '../support/private-addresses.ts';
import { openReceiver, type Receiver } from '../support/receiver.ts';

let victim: Receiver;
let port: string;
beforeAll(async () => {
  victim = await openReceiver();
  port = new URL(victim.url).port;
});
afterAll(() => victim.close());

const blocked = 'This address is private or reserved, and webhooks must not reach it.';
const closed = createAddressGuard([]);
const loopbackAllowed = createAddressGuard(['127.0.0.1/32']);
const post = (url: string, more: Partial<Parameters<typeof guardedPost>[0]> = {}) =>
  guardedPost({ url, headers: {}, body: '{}', guard: closed, deadlineMs: 60_000, ...more });

test.each(privateAddresses)('guarded POST: never connects to %s', async (spelling) => {
  const before = victim.connections();
  const result = await post(`${spelling}:${port}/`);
  expect(result).toMatchObject({ status: null, error: blocked, timedOut: false });
  expect(victim.connections() - before).toBe(0);
});

test.each(privateAddresses)('saving an endpoint: %s is refused', async (spelling) => {
  await expect(refuseBlockedUrl(`${spelling}:${port}/`, { guard: closed })).rejects.toMatchObject({
    code: 'blocked_address',
  });
});

test('there are at least 40 spellings', () => {
  expect(privateAddresses.length).toBeGreaterThanOrEqual(40);
});

test.each(['192.31.195.255', '8.8.8.8', '172.32.0.1', '2606:4700::1111', '2a00:1450::1'])(
  'address guard: lets the public address %s through',
  (address) => {
    expect(closed.allows(address)).toBe(true);
  },
);

test('address guard: the allow list opens exactly what it names', async () => {
  expect(loopbackAllowed.allows('127.0.0.1')).toBe(true);
  expect(loopbackAllowed.allows('127.0.0.2')).toBe(false);
  expect(loopbackAllowed.allows('::ffff:127.0.0.1')).toBe(false);
  expect(createAddressGuard(['fd00::/8']).allows('fd12::1')).toBe(true);
  expect((await post(victim.url, { guard: loopbackAllowed })).status).toBe(200);
});

test.each(['10.0.0.0/33', 'example.com', '10.0.0.0/8/8', ''])('address guard: refuses to start with "%s"', (cidr) => {
  expect(() => createAddressGuard([cidr])).toThrow('is not an address range');
});

test('guarded POST: a name that has one private address is refused, whichever would be dialled', async () => {
  const before = victim.connections();
  const lookup: LookupFunction = (_name, options, callback) => {
    const all = [
      { address: '8.8.8.8', family: 4 },
      { address: '127.0.0.1', family: 4 },
    ];
    if (options.all) callback(null, all);
    else callback(null, '127.0.0.1', 4);
  };
  expect((await post(`http://mixed.example:${port}/`, { lookup })).error).toBe(blocked);
  await expect(refuseBlockedUrl('http://mixed.example/', { guard: closed, lookup })).rejects.toMatchObject({
    code: 'blocked_address',
  });
  expect(victim.connections() - before).toBe(0);
});

test('guarded POST: a name is looked up once, so that it cannot change between check and connection', async () => {
  let lookups = 0;
  const lookup: LookupFunction = (_name, options, callback) => {
    lookups += 1;
    const address = lookups === 1 ? '127.0.0.1' : '10.0.0.1';
    if (options.all) callback(null, [{ address, family: 4 }]);
    else callback(null, address, 4);
  };
  const result = await post(`http://changing.example:${port}/`, { guard: loopbackAllowed, lookup });
  expect(result.status).toBe(200);
  expect(lookups).toBe(1);
});

test.each([301, 302, 303, 307, 308])(
  'guarded POST: %i is a failure and its target gets no connection',
  async (status) => {
    const receiver = await openReceiver();
    const before = victim.connections();
    receiver.plan({ status, headers: { location: victim.url } });
    const result = await post(receiver.url, { guard: loopbackAllowed });
    expect(result.status).toBe(status);
    expect(result.error).toContain('Redirects are not followed');
    expect(victim.connections() - before).toBe(0);
    await receiver.close();
  },
);

test.each(['hang', 'drip'] as const)(
  'guarded POST: a receiver that answers with %s is left at the deadline',
  async (behaviour) => {
    const receiver = await openReceiver();
    receiver.plan(behaviour);
    const result = await post(receiver.url, { guard: loopbackAllowed, deadlineMs: 300 });
    expect(result).toMatchObject({ timedOut: true, error: 'No complete answer within 0.3 s.' });
    await receiver.close();
  },
);

test('guarded POST: an endless answer is cut off and 4 KiB of it are kept', async () => {
  const receiver = await openReceiver();
  receiver.plan('endless');
  const result = await post(receiver.url, { guard: loopbackAllowed });
  expect(result).toMatchObject({ status: 200, error: null, timedOut: false });
  expect(result.response).toBe('x'.repeat(4096));
  await receiver.close();
});

test('guarded POST: a receiver that breaks off or is not there is named in words', async () => {
  const receiver = await openReceiver();
  receiver.plan('reset');
  expect((await post(receiver.url, { guard: loopbackAllowed })).error).toBe('The connection broke off.');
  await receiver.close();
  expect((await post(receiver.url, { guard: loopbackAllowed })).error).toBe('The receiver refused the connection.');
});

test('guarded POST: a server that does not speak HTTP is a failure, not a crash', async () => {
  const server = createServer((socket) => socket.end('220 mail.example.com ESMTP\r\n'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const result = await post(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`, { guard: loopbackAllowed });
  expect(result.status).toBeNull();
  expect(result.error).toMatch(/^The request failed/);
  server.close();
});

test('guarded POST: a name that is public when it is saved and private when it is sent to gets no connection', async () => {
  const before = victim.connections();
  const answers = ['8.8.8.8', '127.0.0.1'];
  const lookup: LookupFunction = (_name, options, callback) => {
    const address = answers.shift() ?? '127.0.0.1';
    if (options.all) callback(null, [{ address, family: 4 }]);
    else callback(null, address, 4);
  };
  await refuseBlockedUrl(`http://rebound.example:${port}/`, { guard: closed, lookup });
  expect((await post(`http://rebound.example:${port}/`, { lookup })).error).toBe(blocked);
  expect(victim.connections() - before).toBe(0);
});

test('guarded POST: a name that is not known, and a receiver without TLS behind https, are named in words', async () => {
  const unknown: LookupFunction = (_name, _options, callback) =>
    callback(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }), '', 4);
  expect((await post('http://nowhere.example/', { lookup: unknown })).error).toBe(
    'The name of the receiver is not known.',
  );
  const result = await post(victim.url.replace('http:', 'https:'), { guard: loopbackAllowed });
  expect(result).toMatchObject({
    status: null,
    timedOut: false,
    error: 'The receiver does not speak TLS. Is its address http://?',
  });
});

test('guarded POST: asks for an answer that is not compressed, and unpacks none', async () => {
  const receiver = await openReceiver();
  const bomb = gzipSync(Buffer.alloc(8 * 1024 * 1024));
  receiver.plan({ status: 200, headers: { 'content-encoding': 'gzip' }, body: bomb });
  const result = await post(receiver.url, { guard: loopbackAllowed });
  expect(receiver.received[0]?.headers['accept-encoding']).toBe('identity');
  expect(result).toMatchObject({ status: 200, error: null });
  expect(result.response.length).toBeLessThanOrEqual(4096);
  await receiver.close();
});
