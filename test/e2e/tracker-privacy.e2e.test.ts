import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { build } from '../../scripts/build.js';
import { browserKinds } from '../support/browser.ts';
import { formOfEveryKind, markOf, pageOfForms, typedAnywhere } from '../support/forms-of-every-kind.ts';
import { type Product, startProduct, until } from '../support/product.ts';
import { stub, type TestSite, tag, type Visit, visitTest } from '../support/visit.ts';

const count = 30;
/** Forms of the second test, numbered after those of the first. */
const [marked, partial, get] = [count, count + 1, count + 2];
const lead = `<input class="type" type="email" name="email"><input class="type" type="tel" name="phone">
  <input class="type" name="full_name"><input class="type" name="company"><textarea class="type" name="message"></textarea>
  <input class="type" type="password" name="password"><button>Send</button>`;
const pages = {
  '/forms': { head: stub + tag(), body: pageOfForms(count) },
  '/marked': { head: stub + tag(), body: `<form data-tt-lead onsubmit="return false">${lead}</form>` },
  '/partial': { head: stub + tag(), body: `<form data-tt-lead="partial">${lead}</form>` },
  '/get': { head: tag(), body: '<form action="/got"><input class="type" name="q"><button>Search</button></form>' },
  '/got': { head: tag(), body: '<a href="/forms">Forms</a>' },
};

const shop: TestSite = { pages };
let product: Product;
let site: string;

beforeAll(async () => {
  await build();
  product = await startProduct();
  ({ id: site } = await product.api<{ id: string }>('POST', '/sites', { domain: 'localhost' }));
  shop.forward = { url: product.url, site };
});
afterAll(() => product?.remove());

/** Each thing that was typed and is in the text, once. */
const typedIn = (text: string): string[] => [...new Set(text.match(typedAnywhere) ?? [])].sort();

/** Everything that left the browser for the collector: addresses and bodies. */
function listen(page: Page, visit: Visit): () => string {
  const addresses: string[] = [];
  page.context().on('request', (request) => {
    if (request.url().startsWith(visit.pages.collector)) addresses.push(request.url());
  });
  return () => JSON.stringify([addresses, visit.pages.posts]);
}

const storedInBrowser = (page: Page): Promise<string> =>
  page.evaluate(async () => {
    const databases = (await indexedDB.databases()).map(({ name }) => name);
    const caches = await window.caches?.keys();
    return JSON.stringify([
      { ...localStorage },
      { ...sessionStorage },
      document.cookie,
      window.name,
      databases,
      caches,
    ]);
  });

/** Every event of the site, read back from the database. */
async function storedEvents(): Promise<string> {
  const address = `${product.url}/api/v1/sites/${site}/export?format=events`;
  return (await fetch(address, { headers: product.headers() })).text();
}

/** All files of the product as they are on disk: spool, state store, what the engine wrote. */
function filesIn(path: string): string {
  try {
    if (!statSync(path).isDirectory()) return readFileSync(path, 'latin1');
    return readdirSync(path)
      .map((name) => filesIn(join(path, name)))
      .join('\n');
  } catch {
    // The engine clears up behind itself.
    return '';
  }
}

/** Types into every field of one place, in order, as a visitor does. */
async function fillIn(place: Page | Frame, typed: string[], selector = ''): Promise<void> {
  const inside = place.locator(`${selector} .type`);
  for (const [index, text] of typed.entries()) await inside.nth(index).fill(text);
}

/** How many events of this name the database has. */
async function stored(name: string): Promise<number> {
  return (await storedEvents()).split(`"name":"${name}"`).length - 1;
}

describe('what is typed', () => {
  const test = visitTest(browserKinds[0], shop);

  test('into thirty forms with every kind of field is in no request, no store of the browser, no file and no database', {}, async ({
    visit,
  }) => {
    const { page } = visit;
    const requests = listen(page, visit);
    await visit.goto('/forms');
    await visit.call('consent', true);
    for (let index = 0; index < count; index++) {
      const { typed } = formOfEveryKind(index);
      const frame = index % 10 === 9 ? page.frames()[Math.ceil(index / 10)] : undefined;
      const article = `article:nth-of-type(${index + 1})`;
      await fillIn(frame ?? page, typed, frame ? '' : article);
      await (frame ?? page).click(frame ? 'button' : `${article} button`);
    }
    await visit.goto('/get');
    await fillIn(page, [markOf(get, 0)]);
    await page.click('button');
    await page.waitForURL('**/got?q=*');
    await page.click('a');
    await visit.arrived('pageview', 4);
    const inBrowser = await storedInBrowser(page);
    await visit.closeTab();
    await visit.fence();
    // It was seen that forms were filled in: three of the thirty are to be ignored.
    await until(async () => (await stored('form_submit')) >= 20);
    expect(await stored('form_start')).toBeGreaterThanOrEqual(25);
    expect(typedIn(requests())).toEqual([]);
    expect(typedIn(inBrowser)).toEqual([]);
    expect(typedIn(await storedEvents())).toEqual([]);
    expect(typedIn(filesIn(product.folder))).toEqual([]);
  });

  const typedInLead = (form: number) =>
    ['@example.com', '', '', '', '', ''].map((end, field) =>
      field === 1 ? formDigits(form, field) : markOf(form, field) + end,
    );
  const formDigits = (form: number, field: number) => `770177${markOf(form, field).slice(-4)}`;

  test('into marked forms leaves only as e-mail, phone, name and company, and of a partial one only after consent', async ({
    visit,
  }) => {
    const { page } = visit;
    const requests = listen(page, visit);
    await visit.goto('/partial');
    await fillIn(page, typedInLead(partial));
    await visit.goto('/marked');
    await visit.call('consent', true);
    await fillIn(page, typedInLead(marked));
    await page.click('button');
    await visit.arrived('identify');
    await visit.closeTab();
    await visit.fence();
    const told = [markOf(marked, 0), formDigits(marked, 1), markOf(marked, 2), markOf(marked, 3)].sort();
    expect(typedIn(requests())).toEqual(told);
    await until(async () => typedIn(filesIn(product.folder)).length > 0);
    // The lead is in the ledger; its events hold nothing of it.
    expect(typedIn(filesIn(product.folder))).toEqual(told);
    expect(typedIn(await storedEvents())).toEqual([]);
  });
});
