import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { siteSettings } from '../../collector/contract/manage.ts';
import { trackerRoutes } from '../../collector/routes/tracker.ts';
import type { SiteRecord } from '../../collector/state/sites.ts';
import { site } from '../support/pages.ts';

/** A script of the built one's shape, which shows what it was served with. */
const script = '(served=>{globalThis.seen=served})({});\n';

const assets = {
  script,
  full: script.replace('seen', 'fully'),
  text: (name: string) => (name === 'abc' ? 'kept()' : undefined),
};

function get(path: string, options: { site?: SiteRecord; headers?: Record<string, string> } = {}) {
  const known = options.site ?? site;
  const app = new Hono();
  app.route('/', trackerRoutes({ assets, sites: { byPublicId: (id) => (id === known.publicId ? known : undefined) } }));
  return app.request(path, { headers: options.headers ?? {} });
}

test('the script of a site may be run by every page and kept for five minutes', async () => {
  const response = await get('/t/shop.js');
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=300',
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
  });
  expect(await response.text()).toBe('(served=>{globalThis.seen=served})({"site":"shop"});\n');
});

test('settings of the site that matter in the browser are written into the script', async () => {
  const strict = { ...site, settings: siteSettings.parse({ consent: 'required', honourPrivacySignals: false }) };
  expect(await (await get('/t/shop.js', { site: strict })).text()).toContain(
    '({"site":"shop","consent":"required","signals":"ignore"});',
  );
});

test.each([
  ['br', 'gzip, deflate, br, zstd', brotliDecompressSync],
  ['gzip', 'gzip, br;q=0', gunzipSync],
  ['gzip', 'deflate, gzip;q=0.5', gunzipSync],
] as const)('comes as %s where the browser sends "%s"', async (coding, accepted, unpack) => {
  const response = await get('/t/shop.js', { headers: { 'accept-encoding': accepted } });
  expect(response.headers.get('content-encoding')).toBe(coding);
  expect(response.headers.get('vary')).toBe('accept-encoding');
  expect(unpack(Buffer.from(await response.arrayBuffer())).toString()).toContain('({"site":"shop"});');
});

test('comes as it is where the browser takes nothing else', async () => {
  const response = await get('/t/shop.js', { headers: { 'accept-encoding': 'identity' } });
  expect(response.headers.get('content-encoding')).toBeNull();
  expect(await response.text()).toContain('({"site":"shop"});');
});

test('a script that did not change is not sent again', async () => {
  const etag = (await get('/t/shop.js')).headers.get('etag') ?? '';
  for (const known of [etag, `"other", ${etag}`]) {
    const again = await get('/t/shop.js', { headers: { 'if-none-match': known } });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
  }
  const changed = { ...site, settings: siteSettings.parse({ consent: 'required' }) };
  expect((await get('/t/shop.js', { site: changed, headers: { 'if-none-match': etag } })).status).toBe(200);
});

test('a site that does not exist gets a script that says so, and is asked for again next time', async () => {
  const response = await get('/t/shpo.js');
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-cache');
  expect(await response.text()).toContain('console.warn("Telltale: there is no site \\"shpo\\" here.');
});

test('a made-up id cannot put code into the script', async () => {
  const response = await get(`/t/${encodeURIComponent('");alert(1);("')}.js`);
  const warnings: unknown[] = [];
  new Function('console', 'alert', await response.text())({ warn: (text: unknown) => warnings.push(text) }, () => {
    throw new Error('it ran');
  });
  expect(warnings.length).toBe(1);
});

test('what the owner switched off or left out is written as the tag would write it', async () => {
  const changed = {
    ...site,
    settings: siteSettings.parse({
      autoEvents: { downloads: false, dataLayer: true },
      cookieless: true,
      hashRouting: true,
      exclude: ['/admin/**', '/preview'],
    }),
  };
  expect(await (await get('/t/shop.js', { site: changed })).text()).toContain(
    '({"site":"shop","cookieless":"","hash":"","exclude":"/admin/**,/preview","events":"outbound,contacts,forms,notFound,clicks,dataLayer"});',
  );
});

test('a site with settings that the plain script does not know, and a tag with attributes, get the full one', async () => {
  const text = async (path: string, options?: Parameters<typeof get>[1]) => (await get(path, options)).text();
  const strict = { ...site, settings: siteSettings.parse({ consent: 'required' }) };
  const quiet = { ...site, settings: siteSettings.parse({ autoEvents: { forms: false } }) };
  expect(await text('/t/shop.js')).toContain('seen');
  expect(await text('/t/shop.js', { site: quiet })).toContain('seen');
  expect(await text('/t/shop.js', { site: strict })).toContain('fully');
  expect(await text('/t/shop.js?full')).toBe('(served=>{globalThis.fully=served})({"site":"shop"});\n');
});

test('an asset is kept for a year, since its name changes with its text', async () => {
  const response = await get('/t/v/abc.js');
  expect(await response.text()).toBe('kept()');
  expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  expect(response.headers.get('access-control-allow-origin')).toBe('*');
  expect((await get('/t/v/other.js')).status).toBe(404);
});

test.each([['/t/shop'], ['/t/shop.css'], ['/t/a/shop.js']])('%s is nothing', async (path) => {
  expect((await get(path)).status).toBe(404);
});
