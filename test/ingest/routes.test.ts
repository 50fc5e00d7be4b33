import { expect, test } from 'vitest';
import { view } from './door.ts';
import { batch, openApp } from './door-app.ts';

test('a beacon is answered 202 to any page, without credentials', async () => {
  const { beacon, door } = await openApp();
  const response = await beacon(batch(view('/a')));
  expect(response.status).toBe(202);
  expect(await response.json()).toEqual({ accepted: 1, dropped: [] });
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  expect(response.headers.get('access-control-allow-credentials')).toBeNull();
  expect(response.headers.get('x-telltale-dropped')).toBeNull();
  expect(response.headers.get('set-cookie')).toBeNull();
  expect(door.rows).toHaveLength(1);
});

test('a drop is named in a header that pages may read', async () => {
  const { beacon } = await openApp();
  const response = await beacon(batch(view('/a'), view('/a')));
  expect(response.status).toBe(202);
  expect(response.headers.get('x-telltale-dropped')).toBe('duplicate');
  expect(response.headers.get('access-control-expose-headers')).toContain('x-telltale-dropped');
});

test('the preflight of application/json is answered', async () => {
  const { app } = await openApp();
  const response = await app.request('/e', { method: 'OPTIONS' });
  expect([response.status, response.headers.get('access-control-allow-methods')]).toEqual([204, 'POST, OPTIONS']);
  expect(response.headers.get('access-control-allow-headers')).toBe('content-type');
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
});

test('a body without a stated length is read up to the limit and no further', async () => {
  const { beacon } = await openApp();
  let pulled = 0;
  const endless = new ReadableStream({
    pull(controller) {
      pulled += 1;
      controller.enqueue(new Uint8Array(1024));
    },
  });
  const response = await beacon(endless as unknown as RequestInit['body'], {});
  expect(response.status).toBe(413);
  expect(pulled).toBeLessThan(70);
});

test('a body that states too large a length is not read at all', async () => {
  const { beacon } = await openApp();
  expect((await beacon('x', { 'content-length': '70000' })).status).toBe(413);
});

test('errors carry code, sentence and request id', async () => {
  const { beacon } = await openApp();
  const response = await beacon('{');
  expect(response.status).toBe(400);
  expect(await response.json()).toEqual({
    error: { code: 'invalid_json', message: 'The body is not valid JSON.' },
    requestId: expect.stringMatching(/.+/),
  });
});

test('a full disk is 503 with Retry-After', async () => {
  const { beacon, door } = await openApp();
  door.disk.full = true;
  const response = await beacon(batch(view('/a')));
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '30']);
});

test('a server’s events are answered one by one', async () => {
  const { server, door } = await openApp();
  const response = await server(
    JSON.stringify({ events: [{ id: '1', name: 'order' }, { id: '1', name: 'order' }, { nameless: true }] }),
  );
  expect(response.status).toBe(202);
  expect(await response.json()).toMatchObject({
    accepted: 1,
    dropped: [
      { index: 1, reason: 'duplicate' },
      { index: 2, reason: 'invalid' },
    ],
  });
  expect(door.rows).toHaveLength(1);
});

test.each([
  ['not JSON', '{', undefined, 400],
  ['no events', '{"events":[]}', undefined, 400],
  ['too many events', JSON.stringify({ events: Array.from({ length: 1_001 }, () => ({ name: 'a' })) }), undefined, 400],
  ['too deep', '['.repeat(100), undefined, 400],
  ['too large', `{"events":[{"name":"a"}]}${' '.repeat(1024 * 1024)}`, undefined, 413],
  ['another media type', '{"events":[{"name":"a"}]}', { 'content-type': 'text/plain' }, 415],
])('a server’s request with %s is refused', async (_, body, headers, status) => {
  const { server, door } = await openApp();
  expect((await server(body, headers)).status).toBe(status);
  expect(door.rows).toEqual([]);
});
