import { afterAll, beforeAll, expect, test } from 'vitest';
import { fetchPage } from '../../collector/install/fetch-page.ts';
import { createAddressGuard } from '../../collector/webhooks/address-guard.ts';
import { privateAddresses } from '../support/private-addresses.ts';
import { type Behaviour, openReceiver, type Receiver } from '../support/receiver.ts';

const html = { 'content-type': 'text/html; charset=utf-8' };
const answers: Record<string, Behaviour> = {
  '/page': {
    status: 200,
    headers: { ...html, 'content-security-policy': "script-src 'self'" },
    body: '<h1>Salon</h1>',
  },
  '/old': { status: 301, headers: { location: '/page' } },
  '/inside': { status: 302, headers: { location: 'http://127.0.0.2/secret' } },
  '/around': { status: 302, headers: { location: '/around' } },
  '/picture': { status: 200, headers: { 'content-type': 'image/png' }, body: 'x' },
  '/closed': { status: 403, headers: html },
  '/packed': { status: 200, headers: { ...html, 'content-encoding': 'gzip' }, body: 'x' },
  '/long': { status: 200, headers: html, body: 'x'.repeat(3 * 1024 * 1024) },
};

let server: Receiver;
let origin: string;
beforeAll(async () => {
  server = await openReceiver({ behaviourOf: (path) => answers[path] ?? { status: 404, headers: html } });
  origin = new URL(server.url).origin;
});
afterAll(() => server.close());

const own = createAddressGuard(['127.0.0.1/32']);
const fetchOwn = (path: string) => fetchPage(`${origin}${path}`, own);

test('a page is read past a redirect, with its policy and where it was found', async () => {
  expect(await fetchOwn('/old')).toEqual({
    url: new URL(`${origin}/page`),
    html: '<h1>Salon</h1>',
    policies: ["script-src 'self'"],
  });
});

test.each([
  ['/around', 'The page leads from one address to the next and never arrives.'],
  ['/picture', 'What is there is no HTML page.'],
  ['/closed', 'The page answered the server with 403.'],
  ['/packed', 'The page came compressed, although it was asked not to.'],
])('a page that cannot be read says why: %s', async (path, words) => {
  expect(await fetchOwn(path)).toEqual({ isPrivate: false, words });
});

test('of a long page two megabytes are read', async () => {
  const page = await fetchOwn('/long');
  expect('html' in page && page.html.length).toBe(2 * 1024 * 1024);
});

test('a redirect to a private address is not followed', async () => {
  expect(await fetchOwn('/inside')).toMatchObject({ isPrivate: true });
});

test.each(privateAddresses)('%s is never called', async (spelling) => {
  const before = server.connections();
  const page = await fetchPage(`${spelling}:${new URL(origin).port}/page`, createAddressGuard([]));
  expect(page).toMatchObject({ isPrivate: true });
  expect(server.connections() - before).toBe(0);
});
