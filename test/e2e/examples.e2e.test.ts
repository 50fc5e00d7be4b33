import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { type Rollup, build as viteBuild } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Site } from '../../collector/contract/manage.ts';
import worker from '../../examples/cloudflare-worker/worker.js';
import { build } from '../../scripts/build.js';
import { launchBrowser } from '../support/browser.ts';
import { type Product, startProduct, until } from '../support/product.ts';

/** The examples as their readers use them, on a website of another origin; and that website as the way to Telltale. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const userAgent = 'Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';

let product: Product;
let browser: Browser;
let page: Page;
let salon: Server;
let url: string;
let site: string;
const bundles = { react: '', vue: '' };

beforeAll(async () => {
  await build();
  [product, browser, bundles.react, bundles.vue] = await Promise.all([
    startProduct({ env: { TELLTALE_TRUST_PROXY: '1' } }),
    launchBrowser({ args: [`--user-agent=${userAgent}`] }),
    bundle(reactApp),
    bundle(vueApp),
  ]);
  site = (await product.api<Site>('POST', '/sites', { domain: 'localhost' })).id;
  salon = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => salon.listen(0, '127.0.0.1', resolve));
  url = `http://localhost:${(salon.address() as AddressInfo).port}`;
  page = await browser.newPage();
});
afterAll(async () => {
  await browser?.close();
  salon?.closeAllConnections();
  salon?.close();
  await product?.remove();
});

const example = (path: string) => readFileSync(`${root}/examples/${path}`, 'utf8');
const withOwn = (text: string) => text.replaceAll('https://YOUR-HOST', product.url).replaceAll('SITE', site);

/** A page for each example. What is under /assets/tt goes through the worker. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = new URL(request.url ?? '/', url).pathname;
  if (path.startsWith('/assets/tt/')) return throughWorker(request, response);
  const container = JSON.parse(example('google-tag-manager/container.json')) as {
    containerVersion: { tag: { parameter: { key: string; value: string }[] }[] };
  };
  const gtm = container.containerVersion.tag[0]?.parameter.find(({ key }) => key === 'html')?.value ?? '';
  const html: Record<string, string> = {
    '/html': withOwn(example('html/index.html')),
    '/react': `<div id="app"></div><script type="module">${withOwn(bundles.react)}</script>`,
    '/vue': `<script type="module">${withOwn(bundles.vue)}</script>`,
    // Tag Manager makes elements of the tag's HTML, which makes new elements of its scripts.
    '/gtm': `<script>document.head.append(document.createRange().createContextualFragment(${JSON.stringify(withOwn(gtm)).replaceAll('<', '\\u003c')}))</script>`,
    '/proxied': `<script defer src="/assets/tt/t/${site}.js"></script><form id="quote"><input name="name"></form>`,
  };
  response.writeHead(html[path] === undefined ? 404 : 200, { 'content-type': 'text/html' });
  response.end(`<!doctype html><html lang="en"><title>${path}</title>${html[path] ?? ''}</html>`);
}

/** As Cloudflare calls it: with the visitor's address, here one of Google's in the United States. */
async function throughWorker(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const headers = new Headers({ 'cf-connecting-ip': '8.8.8.8', cookie: 'basket=17' });
  for (const name of ['content-type', 'user-agent', 'origin', 'accept-encoding'])
    if (request.headers[name]) headers.set(name, String(request.headers[name]));
  const sent = new Request(`${url}${request.url}`, {
    method: request.method ?? 'GET',
    headers,
    ...(request.method === 'POST' ? { body: Buffer.concat(chunks) } : {}),
  });
  const got = await worker.fetch(sent, { TELLTALE: product.url });
  const passed = [...got.headers].filter(
    ([name]) => !/^(content-encoding|content-length|transfer-encoding)$/.test(name),
  );
  response.writeHead(got.status, Object.fromEntries(passed));
  response.end(Buffer.from(await got.arrayBuffer()));
}

const reactApp = `
  import { createRoot } from 'react-dom/client';
  import { createElement } from 'react';
  import { Telltale } from '${root}/examples/nextjs/telltale.tsx';
  import { BookButton } from '${root}/examples/nextjs/book-button.tsx';
  createRoot(document.getElementById('app')).render([
    createElement(Telltale, { key: 't', site: 'SITE', host: 'https://YOUR-HOST' }),
    createElement(BookButton, { key: 'b', treatment: 'facial', price: 80 }),
  ]);`;
const vueApp = `
  import { telltalePlugin } from '${root}/examples/vue/telltale.ts';
  const app = { config: { globalProperties: {} } };
  telltalePlugin.install(app, { site: 'SITE', host: 'https://YOUR-HOST' });
  app.config.globalProperties.$telltale('track', 'booking_start', { treatment: 'vue' });`;

/** The program in one file, as a bundler makes it for a browser. */
async function bundle(program: string): Promise<string> {
  const entry = 'virtual:program';
  const built = await viteBuild({
    root,
    configFile: false,
    logLevel: 'silent',
    resolve: { alias: { 'telltale/tracker': `${root}/dist/tracker/index.js` } },
    plugins: [
      {
        name: 'program',
        resolveId: (id) => (id === entry ? `\0${entry}` : null),
        load: (id) => (id === `\0${entry}` ? program : null),
      },
    ],
    build: { write: false, rollupOptions: { input: entry, treeshake: true } },
  });
  const { output } = [built].flat()[0] as Rollup.RollupOutput;
  return output.flatMap((file) => (file.type === 'chunk' ? [file.code] : [])).join('\n');
}

interface Stored {
  name: string;
  path: string;
  country: string;
  props: Record<string, unknown>;
}

/** Events of a page that are stored, as soon as one with this name is among them. */
async function stored(path: string, name: string): Promise<Stored[]> {
  return until(
    async () => {
      const response = await fetch(`${product.url}/api/v1/sites/${site}/export?format=events`, {
        headers: product.headers(),
      });
      const events = (await response.text())
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Stored & { url: string })
        .filter((event) => new URL(event.url).pathname === path);
      return events.some((event) => event.name === name) && events;
    },
    20_000,
    () => `no ${name} of ${path} was stored`,
  );
}

const names = (events: Stored[]) => events.map((event) => event.name).filter((name) => name !== 'engagement');

test('the examples with the package agree with its types', () => {
  const checked = spawnSync(`${root}/node_modules/.bin/tsc`, ['-p', 'examples'], { cwd: root, encoding: 'utf8' });
  expect(checked.stdout).toBe('');
});

describe('in a browser', () => {
  test('plain HTML: page view, marked button, call from code', async () => {
    await page.goto(`${url}/html`);
    await page.getByRole('button', { name: 'Book a facial' }).click();
    await page.evaluate(() => dispatchEvent(new Event('booked')));
    const events = await stored('/html', 'booking_done');
    expect(names(events).toSorted()).toEqual(['booking_done', 'booking_start', 'pageview']);
    expect(events.find(({ name }) => name === 'booking_start')?.props).toMatchObject({ treatment: 'Facial' });
  });

  test('React: the component counts the page once, the button tells what it is worth', async () => {
    await page.goto(`${url}/react`);
    await page.getByRole('button', { name: 'Book facial' }).click();
    const events = await stored('/react', 'booking_start');
    expect(names(events).toSorted()).toEqual(['booking_start', 'pageview']);
    const { props } = events.find(({ name }) => name === 'booking_start') ?? {};
    expect(props).toMatchObject({ treatment: 'facial', value: 80, currency: 'EUR' });
  });

  test('Vue: the plugin counts the page, and calls through the app arrive', async () => {
    await page.goto(`${url}/vue`);
    expect(names(await stored('/vue', 'booking_start')).toSorted()).toEqual(['booking_start', 'pageview']);
  });

  test('Tag Manager: the tag works as its container puts it into the page', async () => {
    await page.goto(`${url}/gtm`);
    expect(names(await stored('/gtm', 'pageview'))).toEqual(['pageview']);
  });

  test('a path of the own website: script, module and events go there, with the address of the visitor', async () => {
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(`${url}/proxied`);
    await page.getByRole('textbox').fill('Ana');
    const events = await stored('/proxied', 'form_start');
    expect(events.find(({ name }) => name === 'pageview')?.country).toBe('US');
    const elsewhere = asked.filter((address) => !address.startsWith(url));
    expect(elsewhere).toEqual([]);
    // The module has parts.
    const paths = asked.map((address) => new URL(address).pathname.replace(/\/v\/[0-9a-f]{8}/, '/v/NAME'));
    expect([...new Set(paths)].filter((path) => path.startsWith('/assets'))).toEqual([
      `/assets/tt/t/${site}.js`,
      '/assets/tt/t/v/NAME.js',
      '/assets/tt/e',
    ]);
  });

  test('a path of the own website: nothing else of the server can be reached there', async () => {
    for (const path of ['/', '/api/v1/sites', '/openapi.json', '/t/../api/v1/sites', '/e/x', '/sign-in'])
      expect((await fetch(`${url}/assets/tt${path}`)).status).toBe(404);
  });
});
