import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ServerType, serve } from '@hono/node-server';
import { Hono } from 'hono';
import { expect, onTestFinished, test } from 'vitest';
import { securityHeaders } from '../../collector/routes/security-headers.ts';
import { dashboardRoutes } from '../../collector/routes/static.ts';
import { annasPassword, manageApp, ownOrigin } from '../support/manage-app.ts';
import { tempFolder } from '../support/temp-folder.ts';

const json = 'application/json';
const foreign = 'https://evil.example';

test.each<[string, Record<string, string>, number]>([
  ['from our own page', { origin: ownOrigin, 'sec-fetch-site': 'same-origin', 'content-type': json }, 201],
  ['from an old browser that sends only Origin', { origin: ownOrigin, 'content-type': json }, 201],
  ['with a character set in the content type', { origin: ownOrigin, 'content-type': `${json}; charset=utf-8` }, 201],
  ['from another site', { origin: foreign, 'sec-fetch-site': 'cross-site', 'content-type': json }, 403],
  ['from another site in an old browser', { origin: foreign, 'content-type': json }, 403],
  [
    'from a sub-domain',
    { origin: 'http://blog.localhost:8400', 'sec-fetch-site': 'same-site', 'content-type': json },
    403,
  ],
  ['from another port', { origin: 'http://localhost:3000', 'content-type': json }, 403],
  ['from our host without encryption', { origin: 'https://localhost:8400', 'content-type': json }, 403],
  ['from a sandboxed frame', { origin: 'null', 'content-type': json }, 403],
  [
    'from a sandboxed frame that claims to be ours',
    { origin: 'null', 'sec-fetch-site': 'same-origin', 'content-type': json },
    403,
  ],
  ['typed into the address bar', { 'sec-fetch-site': 'none', 'content-type': json }, 403],
  ['without any sign of where it comes from', { 'content-type': json }, 403],
  ['with a host that only looks like ours', { origin: `${ownOrigin}.evil.example`, 'content-type': json }, 403],
  // Past the guard, and no body that this route can read.
  ['with a table', { origin: ownOrigin, 'content-type': 'text/csv' }, 400],
  ['with a photo', { origin: ownOrigin, 'content-type': 'image/jpeg' }, 400],
  ['with a table from another site', { origin: foreign, 'content-type': 'text/csv' }, 403],
  ['as plain text', { origin: ownOrigin, 'content-type': 'text/plain' }, 415],
  ['as a form', { origin: ownOrigin, 'content-type': 'application/x-www-form-urlencoded' }, 415],
  ['as a form with files', { origin: ownOrigin, 'content-type': 'multipart/form-data; boundary=x' }, 415],
  ['with a content type that only starts like JSON', { origin: ownOrigin, 'content-type': 'application/jsonx' }, 415],
])('CSRF: a change with the cookie %s', async (_, headers, status) => {
  const { withAnna, app, sites } = await manageApp();
  const cookie = await withAnna();
  const response = await app.request(`${ownOrigin}/api/v1/sites`, {
    method: 'POST',
    headers: { host: 'localhost:8400', 'content-length': '25', cookie, ...headers },
    body: '{"domain":"shop.example"}',
  });
  expect(response.status).toBe(status);
  expect(sites.list()).toHaveLength(status === 201 ? 1 : 0);
});

test('CSRF: over real HTTP a form is refused in every way it can be sent, and a request without a body needs no type', async () => {
  const { withAnna, app } = await manageApp();
  const cookie = await withAnna();
  const { server, origin } = await new Promise<{ server: ServerType; origin: string }>((resolve) => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
      resolve({ server, origin: `http://127.0.0.1:${port}` }),
    );
  });
  onTestFinished(() => void server.close());
  const post = (path: string, init: RequestInit = {}) =>
    fetch(`${origin}/api/v1${path}`, { method: 'POST', ...init, headers: { cookie, origin } });
  const streamed = new Blob(['{"domain":"shop.example"}']).stream();
  expect((await post('/sites', { body: '{"domain":"shop.example"}' })).status).toBe(415);
  expect((await post('/sites', { body: new URLSearchParams({ domain: 'shop.example' }) })).status).toBe(415);
  expect((await post('/sites', { body: streamed, duplex: 'half' } as RequestInit)).status).toBe(415);
  expect((await post('/logout')).status).toBe(204);
});

test('CSRF: another site can neither sign out nor sign in', async () => {
  const { withAnna, send, fromPage } = await manageApp();
  const cookie = await withAnna();
  const fromElsewhere = { origin: foreign, 'sec-fetch-site': 'cross-site' };
  const logout = await send('POST', '/api/v1/logout', { headers: { cookie, ...fromElsewhere } });
  expect(logout.status).toBe(403);
  expect((await fromPage('GET', '/api/v1/me', { cookie })).status).toBe(200);

  const body = { email: 'anna@example.com', password: annasPassword };
  const login = await send('POST', '/api/v1/login', { body, headers: fromElsewhere });
  expect(login.status).toBe(403);
  expect(login.headers.get('set-cookie')).toBeNull();
});

test('CSRF: keys need no origin, because browsers never add them by themselves', async () => {
  const { send } = await manageApp();
  const headers = { authorization: 'Bearer local-token', origin: foreign };
  expect((await send('POST', '/api/v1/sites', { headers, body: { domain: 'shop.example' } })).status).toBe(201);
});

test('CSRF: behind a proxy the public address is our own, and forwarded headers count only when trusted', async () => {
  const publicUrl = 'https://telltale.example.com';
  const attempt = async (trustProxy: number, headers: Record<string, string>, url: string | null = publicUrl) => {
    const { users, sessions, send } = await manageApp({ publicUrl: url, trustProxy });
    const anna = await users.create({ email: 'anna@example.com', password: annasPassword, role: 'owner' });
    const token = await sessions.begin(anna.id);
    const cookie = `telltale=${token}; __Host-telltale=${token}`;
    return (await send('POST', '/api/v1/sites', { headers: { cookie, ...headers }, body: { domain: 'a.example' } }))
      .status;
  };
  expect(await attempt(0, { origin: publicUrl })).toBe(201);
  const forwarded = {
    origin: 'https://stats.example',
    'x-forwarded-host': 'stats.example',
    'x-forwarded-proto': 'https',
  };
  expect(await attempt(1, forwarded, null)).toBe(201);
  expect(await attempt(0, forwarded, null)).toBe(403);
});

test('CORS: no other origin may read the API, whatever it calls itself', async () => {
  const { withAnna, send } = await manageApp();
  const cookie = await withAnna();
  for (const origin of [
    foreign,
    'null',
    'http://localhost',
    'http://localhost:8400.evil.example',
    'file://',
    ownOrigin,
  ]) {
    for (const method of ['GET', 'OPTIONS']) {
      const response = await send(method, '/api/v1/sites', { headers: { cookie, origin } });
      const cors = [...response.headers.keys()].filter((name) => name.startsWith('access-control-'));
      expect(cors).toEqual([]);
    }
  }
});

test('headers: answers of the API load nothing, are not framed, not guessed at and not kept', async () => {
  const { send } = await manageApp();
  const response = await send('GET', '/api/v1/sites', { headers: { authorization: 'Bearer local-token' } });
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'strict-origin-when-cross-origin',
    'cross-origin-opener-policy': 'same-origin',
  });
});

function dashboard() {
  const folder = join(tempFolder(), 'dashboard');
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(
    join(folder, 'index.html'),
    '<html><meta name="csp-nonce" content="__CSP_NONCE__"><style nonce="__CSP_NONCE__"></style></html>',
  );
  writeFileSync(join(folder, 'assets', 'index-Ab12.js'), 'console.log("dashboard")');
  writeFileSync(join(folder, 'favicon.svg'), '<svg/>');
  writeFileSync(join(folder, '..', 'outside.js'), 'secret');
  return new Hono().use(securityHeaders()).route('/', dashboardRoutes({ folder }));
}

test('dashboard: every page has a fresh nonce, the same in its policy and its style tag', async () => {
  const app = dashboard();
  const nonces = new Set<string>();
  for (const path of ['/', '/sites/abc/funnels?from=2026-09-01', '/setup?token=x']) {
    const response = await app.request(path);
    const page = await response.text();
    const nonce = /style nonce="([^"]+)"/.exec(page)?.[1] ?? '';
    nonces.add(nonce);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('content-security-policy')).toBe(
      `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; font-src 'self'; ` +
        "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    );
    expect(page).not.toContain('__CSP_NONCE__');
  }
  expect(nonces.size).toBe(3);
});

test('dashboard: hashed files are kept for a year and come compressed to those who ask', async () => {
  const app = dashboard();
  const response = await app.request('/assets/index-Ab12.js');
  expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  expect(response.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(await response.text()).toBe('console.log("dashboard")');
  const gzipped = await app.request('/assets/index-Ab12.js', { headers: { 'accept-encoding': 'gzip, br' } });
  expect(gzipped.headers.get('content-encoding')).toBe('gzip');
  expect((await app.request('/favicon.svg')).headers.get('content-type')).toBe('image/svg+xml');
});

test('dashboard: nothing outside its folder is served, and no page stands in for a missing file or API address', async () => {
  const app = dashboard();
  const paths = [
    '/assets/missing.js',
    '/assets/..%2f..%2foutside.js',
    '/assets/%2e%2e/outside.js',
    '/..%2foutside.js',
    '//outside.js',
    '/sites/missing.png',
    '/api/v1/mistyped',
    '/t/unknown.js',
  ];
  for (const path of paths) {
    const response = await app.request(path);
    expect([path, response.status]).toEqual([path, 404]);
    expect(await response.text()).not.toContain('secret');
  }
});

test('dashboard: says how to build it when it is not built', async () => {
  const response = await dashboardRoutes({ folder: join(tempFolder(), 'missing') }).request('/');
  expect(await response.text()).toBe('The dashboard is not built: run npm run build');
});
