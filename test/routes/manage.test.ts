import { expect, test } from 'vitest';
import type { KeyScope, UserRole } from '../../collector/contract/names.ts';
import { annasPassword, manageApp } from '../support/manage-app.ts';

const local = { authorization: 'Bearer local-token' };
const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });

/** The app with two sites, and a key of every scope for all sites and for the first. */
async function withKeys() {
  const manage = await manageApp();
  const shop = await manage.sites.create({ domain: 'shop.example', timezone: 'Europe/Berlin' });
  const blog = await manage.sites.create({ domain: 'blog.example', timezone: 'UTC' });
  const key = async (scope: KeyScope, siteId: number | null) =>
    (await manage.keys.create({ name: scope, scope, siteId })).secret;
  return {
    ...manage,
    shop,
    blog,
    secrets: {
      ingest: await key('ingest', null),
      read: await key('read', null),
      admin: await key('admin', null),
      'shop ingest': await key('ingest', shop.id),
      'shop read': await key('read', shop.id),
      'shop admin': await key('admin', shop.id),
    },
  };
}

const requests = {
  'list sites': ['GET', '/sites'],
  'read a site': ['GET', '/sites/SHOP'],
  'ask a question': ['POST', '/sites/SHOP/funnel'],
  'ask about another site': ['POST', '/sites/BLOG/funnel'],
  'send events': ['POST', '/sites/SHOP/events'],
  'change a site': ['PATCH', '/sites/SHOP'],
  'add a rule': ['POST', '/sites/SHOP/rules'],
  'list users': ['GET', '/users'],
  'add a key': ['POST', '/keys'],
  'add a site': ['POST', '/sites'],
  'list deleted sites': ['GET', '/deleted-sites'],
  'read own account': ['GET', '/me'],
} as const;
type Request = keyof typeof requests;

const bodies: Partial<Record<Request, unknown>> = {
  'change a site': { name: 'Shop' },
  'add a key': { scope: 'read' },
  'add a site': { domain: 'new.example' },
};

const readable: Request[] = ['list sites', 'read a site', 'ask a question', 'ask about another site'];
const everything = Object.keys(requests) as Request[];
const allButAccount = everything.filter((name) => name !== 'read own account');

test.each<[string, Request[]]>([
  ['ingest', ['send events']],
  ['read', readable],
  ['admin', allButAccount],
  ['shop ingest', ['send events']],
  ['shop read', ['list sites', 'read a site', 'ask a question']],
  ['shop admin', ['list sites', 'read a site', 'ask a question', 'send events', 'change a site', 'add a rule']],
])('keys: scope %s may do exactly what it is for', async (name, allowed) => {
  const { send, shop, blog, secrets } = await withKeys();
  const passed: string[] = [];
  for (const request of everything) {
    const [method, path] = requests[request];
    const address = `/api/v1${path.replace('SHOP', shop.publicId).replace('BLOG', blog.publicId)}`;
    const headers = bearer(secrets[name as keyof typeof secrets]);
    const { status } = await send(method, address, { body: bodies[request], headers });
    if (status < 300) passed.push(request);
    // A key bound to one site does not even learn that the other exists.
    else expect(status).toBe(request === 'ask about another site' && !name.includes('ingest') ? 404 : 403);
  }
  expect(passed).toEqual(everything.filter((request) => allowed.includes(request)));
});

test.each<[UserRole, Request[]]>([
  ['owner', everything],
  [
    'editor',
    everything.filter((name) => !['list users', 'add a key', 'add a site', 'list deleted sites'].includes(name)),
  ],
  ['viewer', [...readable, 'read own account']],
])('users: an %s may do exactly what the role is for', async (role, allowed) => {
  const { withAnna, users, signIn, fromPage, shop, blog } = await withKeys();
  await withAnna();
  await users.create({ email: 'ben@example.com', password: annasPassword, role });
  const cookie = await signIn('ben@example.com', annasPassword);
  const passed: string[] = [];
  for (const request of everything) {
    const [method, path] = requests[request];
    const address = `/api/v1${path.replace('SHOP', shop.publicId).replace('BLOG', blog.publicId)}`;
    const { status } = await fromPage(method, address, { cookie, body: bodies[request] });
    if (status < 300) passed.push(request);
    else expect(status).toBe(403);
  }
  expect(passed).toEqual(everything.filter((request) => allowed.includes(request)));
});

test('keys: nobody, a made-up key and a key taken back are all unauthorized', async () => {
  const { send, keys, secrets } = await withKeys();
  const sites = async (headers: Record<string, string>) => (await send('GET', '/api/v1/sites', { headers })).status;
  expect(await sites({})).toBe(401);
  expect(await sites(bearer('tt_admin_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'))).toBe(401);
  expect(await sites({ authorization: `Basic ${secrets.read}` })).toBe(401);
  expect(await sites(bearer(secrets.read))).toBe(200);
  for (const key of await keys.list()) await keys.remove(key.id);
  expect(await sites(bearer(secrets.read))).toBe(401);
});

test('keys: a wrong key is refused also where a good cookie comes with it', async () => {
  const { withAnna, send } = await manageApp();
  const cookie = await withAnna();
  expect((await send('GET', '/api/v1/sites', { headers: { cookie, ...bearer('wrong') } })).status).toBe(401);
});

test('keys: the secret is shown once and its hash is stored', async () => {
  const { send, state, clock } = await manageApp();
  const response = await send('POST', '/api/v1/keys', { headers: local, body: { name: 'Zapier', scope: 'read' } });
  expect(response.status).toBe(201);
  const { secret, id, prefix } = (await response.json()) as Record<'secret' | 'id' | 'prefix', string>;
  expect(secret).toMatch(/^tt_read_[\w-]{32}$/);
  expect(secret.startsWith(prefix)).toBe(true);
  expect(JSON.stringify(await state.db.selectFrom('api_keys').selectAll().execute())).not.toContain(secret);

  clock.ms += 5_000;
  await send('GET', '/api/v1/sites', { headers: bearer(secret) });
  const list = await (await send('GET', '/api/v1/keys', { headers: local })).json();
  expect(list).toEqual({
    items: [
      {
        id,
        name: 'Zapier',
        scope: 'read',
        site: null,
        prefix,
        createdAt: '2026-09-01T10:00:00.000Z',
        lastUsedAt: '2026-09-01T10:00:05.000Z',
      },
    ],
    total: 1,
    next: null,
  });
  expect((await send('DELETE', `/api/v1/keys/${id}`, { headers: local })).status).toBe(204);
  expect((await send('DELETE', `/api/v1/keys/${id}`, { headers: local })).status).toBe(404);
});

test('keys: one for a site that does not exist is refused', async () => {
  const { send } = await manageApp();
  const response = await send('POST', '/api/v1/keys', { headers: local, body: { scope: 'read', site: 'nowhere' } });
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ error: { code: 'unknown_site' } });
});

test('keys: one for a site lists only that site', async () => {
  const { send, secrets, shop } = await withKeys();
  const response = await send('GET', '/api/v1/sites', { headers: bearer(secrets['shop read']) });
  expect(await response.json()).toMatchObject({ items: [{ id: shop.publicId }], total: 1 });
});

test('sites: a new one has an id for the tag, its domain, and privacy signals honoured', async () => {
  const { send } = await manageApp();
  const body = { domain: 'https://Shop.Example/pricing', timezone: 'Europe/Berlin' };
  const response = await send('POST', '/api/v1/sites', { headers: local, body });
  expect(response.status).toBe(201);
  expect(await response.json()).toEqual({
    id: expect.stringMatching(/^[0-9a-z]{10}$/),
    name: 'shop.example',
    domains: ['shop.example'],
    timezone: 'Europe/Berlin',
    settings: {
      consent: 'none',
      honourPrivacySignals: true,
      anyHost: false,
      currency: 'EUR',
      autoEvents: {
        outbound: true,
        downloads: true,
        contacts: true,
        forms: true,
        notFound: true,
        clicks: true,
        dataLayer: false,
      },
      cookieless: false,
      hashRouting: false,
      exclude: [],
      staleDays: 14,
      retentionDays: null,
    },
    createdAt: '2026-09-01T10:00:00.000Z',
    firstEventAt: null,
  });
});

test('sites: changing one setting leaves the others as they are', async () => {
  const { send, sites } = await manageApp();
  const { publicId } = await sites.create({ domain: 'shop.example', timezone: 'UTC' });
  const patch = (body: unknown) => send('PATCH', `/api/v1/sites/${publicId}`, { headers: local, body });
  await patch({ settings: { currency: 'CHF', anyHost: true, autoEvents: { forms: false } } });
  const response = await patch({
    settings: { consent: 'required', autoEvents: { dataLayer: true } },
    domains: ['shop.example', 'shop.example', 'pay.example'],
  });
  expect(await response.json()).toMatchObject({
    name: 'shop.example',
    domains: ['shop.example', 'pay.example'],
    settings: {
      consent: 'required',
      honourPrivacySignals: true,
      anyHost: true,
      currency: 'CHF',
      autoEvents: { outbound: true, forms: false, dataLayer: true },
    },
  });
});

test('sites: how long events are kept can be said and taken back, and is no less than 30 days', async () => {
  const { send, sites } = await manageApp();
  const { publicId } = await sites.create({ domain: 'shop.example', timezone: 'UTC' });
  const keep = (retentionDays: number | null) =>
    send('PATCH', `/api/v1/sites/${publicId}`, { headers: local, body: { settings: { retentionDays } } });
  expect(await (await keep(396)).json()).toMatchObject({ settings: { retentionDays: 396 } });
  const refused = await keep(7);
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({ error: { details: [{ path: 'settings.retentionDays' }] } });
  expect(await (await keep(null)).json()).toMatchObject({ settings: { retentionDays: null } });
});

test('sites: a time zone that does not exist is refused by name', async () => {
  const { send } = await manageApp();
  const body = { domain: 'shop.example', timezone: 'Europe/Atlantis' };
  const response = await send('POST', '/api/v1/sites', { headers: local, body });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ error: { code: 'invalid_request', details: [{ path: 'timezone' }] } });
});

test('sites: one that was removed is unknown from then on', async () => {
  const { send, sites } = await manageApp();
  const { publicId } = await sites.create({ domain: 'shop.example', timezone: 'UTC' });
  const address = `/api/v1/sites/${publicId}`;
  expect((await send('DELETE', address, { headers: local })).status).toBe(204);
  expect((await send('GET', address, { headers: local })).status).toBe(404);
  expect(sites.byPublicId(publicId)).toBeUndefined();
  expect(await (await send('GET', '/api/v1/sites', { headers: local })).json()).toMatchObject({ total: 0 });
});

test('sites: one that was removed is listed with the day after which it is gone, and comes back as it was', async () => {
  const { send, sites } = await manageApp();
  const { publicId } = await sites.create({ domain: 'shop.example', timezone: 'Europe/Berlin' });
  const read = async () => (await send('GET', `/api/v1/sites/${publicId}`, { headers: local })).json();
  const before = await read();
  await send('DELETE', `/api/v1/sites/${publicId}`, { headers: local });
  expect(await (await send('GET', '/api/v1/deleted-sites', { headers: local })).json()).toMatchObject({
    items: [{ id: publicId, name: 'shop.example', erasedFrom: '2026-10-01T10:00:00.000Z' }],
  });
  const restore = `/api/v1/deleted-sites/${publicId}/restore`;
  const restored = await send('POST', restore, { headers: local });
  expect(restored.status).toBe(200);
  expect(await restored.json()).toEqual(before);
  expect(await read()).toEqual(before);
  expect((await send('POST', restore, { headers: local })).status).toBe(404);
});

test('users: an address is taken once, and the last owner stays', async () => {
  const { send, withAnna } = await manageApp();
  await withAnna();
  const add = (email: string, role: UserRole) =>
    send('POST', '/api/v1/users', { headers: local, body: { email, role, password: annasPassword } });
  expect((await add('ANNA@example.com', 'viewer')).status).toBe(409);
  expect((await add('ben@example.com', 'editor')).status).toBe(201);

  const list = (await (await send('GET', '/api/v1/users', { headers: local })).json()) as { items: { id: string }[] };
  expect(list.items).toMatchObject([{ email: 'anna@example.com' }, { email: 'ben@example.com' }]);
  expect(JSON.stringify(list)).not.toMatch(/argon2|password/);
  const anna = list.items[0]?.id;
  const response = await send('DELETE', `/api/v1/users/${anna}`, { headers: local });
  expect(response.status).toBe(409);
  await add('carla@example.com', 'owner');
  expect((await send('DELETE', `/api/v1/users/${anna}`, { headers: local })).status).toBe(204);
});

test('users: one that was removed is signed out at once', async () => {
  const { withAnna, users, signIn, fromPage, send } = await manageApp();
  await withAnna();
  const ben = await users.create({ email: 'ben@example.com', password: annasPassword, role: 'editor' });
  const cookie = await signIn('ben@example.com', annasPassword);
  expect((await fromPage('GET', '/api/v1/sites', { cookie })).status).toBe(200);
  await send('DELETE', `/api/v1/users/${ben.id}`, { headers: local });
  expect((await fromPage('GET', '/api/v1/sites', { cookie })).status).toBe(401);
});

test('users: the first must be an owner', async () => {
  const { send } = await manageApp();
  const body = { email: 'ben@example.com', password: annasPassword, role: 'editor' };
  expect((await send('POST', '/api/v1/users', { headers: local, body })).status).toBe(409);
});

test('funnels: a saved one belongs to its site', async () => {
  const { send, shop, blog } = await withKeys();
  const of = (site: string) => `/api/v1/sites/${site}/funnels`;
  const body = { name: 'Booking', definition: { window: '24h', steps: [{ match: { path: '/pricing' } }] } };
  const saved = (await (await send('POST', of(shop.publicId), { headers: local, body })).json()) as { id: string };
  expect(await (await send('GET', of(shop.publicId), { headers: local })).json()).toEqual({
    items: [{ ...body, id: saved.id, createdAt: '2026-09-01T10:00:00.000Z' }],
    total: 1,
    next: null,
  });
  expect(await (await send('GET', of(blog.publicId), { headers: local })).json()).toMatchObject({ total: 0 });
  expect((await send('DELETE', `${of(blog.publicId)}/${saved.id}`, { headers: local })).status).toBe(404);
  expect((await send('DELETE', `${of(shop.publicId)}/${saved.id}`, { headers: local })).status).toBe(204);
});
