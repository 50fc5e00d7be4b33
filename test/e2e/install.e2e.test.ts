import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { List } from '../../collector/contract/answers.ts';
import type { Site } from '../../collector/contract/manage.ts';
import type { StoredRule } from '../../collector/contract/rule.ts';
import { build } from '../../scripts/build.js';
import { launchBrowser } from '../support/browser.ts';
import { type Product, startProduct } from '../support/product.ts';

const userAgent = 'Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';

let product: Product;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let salon: Server;
let salonUrl: string;
let site: string;
let elsewhere: string;

beforeAll(async () => {
  await build();
  [product, browser] = await Promise.all([
    startProduct({
      env: {
        // So that the server may read the pages of this test.
        TELLTALE_WEBHOOK_ALLOW: '127.0.0.1/32',
        TELLTALE_ADMIN_EMAIL: 'owner@example.com',
        TELLTALE_ADMIN_PASSWORD: 'a-long-password',
      },
    }),
    launchBrowser({ args: [`--user-agent=${userAgent}`] }),
  ]);
  site = (await product.api<Site>('POST', '/sites', { domain: 'localhost' })).id;
  elsewhere = (await product.api<Site>('POST', '/sites', { domain: 'elsewhere.example' })).id;
  salon = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://salon').pathname;
    const { html, policy } = pages()[path] ?? { html: '' };
    response.writeHead(html === '' ? 404 : 200, {
      'content-type': 'text/html; charset=utf-8',
      ...(policy ? { 'content-security-policy': policy } : {}),
    });
    response.end(`<!doctype html><html lang="en"><title>Salon</title>${html}</html>`);
  });
  await new Promise<void>((resolve) => salon.listen(0, '127.0.0.1', resolve));
  salonUrl = `http://localhost:${(salon.address() as AddressInfo).port}`;

  context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Berlin', reducedMotion: 'reduce' });
  page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(`${product.url}/sites/${site}/install`);
  await page.getByLabel('E-mail').fill('owner@example.com');
  await page.getByRole('textbox', { name: 'Password' }).fill('a-long-password');
  await page.getByRole('button', { name: 'Sign in' }).click();
});
afterAll(async () => {
  await browser?.close();
  salon?.closeAllConnections();
  salon?.close();
  await product?.remove();
});

const tag = (of = site) => `<script defer src="${product.url}/t/${of}.js"></script>`;
const pages = (): Record<string, { html: string; policy?: string }> => ({
  '/contact': {
    html: `${tag()}<form data-tt-form="Quote"><input name="name"><input type="email" name="mail"></form>
      <iframe title="Booking" src="about:blank" data-src="https://calendly.com/salon"></iframe><a href="tel:+4930123">Call</a>`,
  },
  '/strict': { html: tag(), policy: "script-src 'self'" },
  '/bare': { html: '<h1>Salon</h1>' },
  '/other': { html: tag(elsewhere) },
  '/pinned': { html: pinned },
});
/** The tag with a fixed version, as the settings show it. */
let pinned = '';

const steps = () => page.getByRole('list', { name: 'Steps of the test' });

/** The last sentence that a test of a page that is counted says. */
const works = 'It works: your page is counted, and its reports find it.';

/**
 * Types the address, presses Enter, and closes the tab that opened once the test says `done`.
 * TRICKY: the events as they arrive, further down on the screen, use the same sentences for what earlier tests sent.
 */
async function testPage(path: string, done: string): Promise<void> {
  const opened = context.waitForEvent('page');
  await page.getByLabel('A page of your website').fill(`${salonUrl}${path}`);
  await page.keyboard.press('Enter');
  const tab = await opened;
  await page.getByRole('region', { name: '2. Test it' }).getByText(done).waitFor();
  await tab.close();
}

describe('the test of the installation', () => {
  test('follows a page from its tag to the database, step by step', async () => {
    await testPage('/contact', works);
    expect(await steps().getByText('(Done)').count()).toBe(5);
    const rows = await fetch(`${product.url}/api/v1/sites/${site}/export?format=events`, {
      headers: product.headers(),
    });
    expect(await rows.text()).not.toContain('telltale-check');
  });

  test('shows what is on the page, and makes the rule that fits it with one click', async () => {
    await page.getByText('Form “Quote”: 2 fields, asks for an e-mail address').waitFor();
    await page.getByText('Calendly (booking)').waitFor();
    await page.getByText('1 link to call, write or chat').waitFor();
    await page.getByText('Last hour: 1 begun, 0 finished.').first().waitFor();
    await page.getByRole('button', { name: 'Make a rule: Form “Quote” started and not sent' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Save rule' }).click();
    await page.getByText('You have this rule').waitFor();
    const { items } = await product.api<List<StoredRule>>('GET', `/sites/${site}/rules`);
    expect(items.find(({ name }) => name === 'Form “Quote” started and not sent')).toMatchObject({
      enabled: true,
      intent: { event: 'form_start', props: { form: 'Quote' } },
    });
  });

  test('names the content security policy that forbids the script, and what to add', async () => {
    await testPage('/strict', 'The content security policy of the page forbids the script.');
    await page.getByText(`adds ${product.url} to script-src and to connect-src`).waitFor();
  });

  test('says that there is no tag', async () => {
    await testPage('/bare', 'It is not in the page.');
  });

  test('says that the page has the tag of another site', async () => {
    await testPage('/other', `The page has the tag of another site (${elsewhere}).`);
  });

  test('names a domain that is not on the list, and still does after a reload', async () => {
    await page.goto(`${product.url}/sites/${elsewhere}/install`);
    await testPage('/other', 'A hit arrived from a domain that is not on the list of this site.');
    const detail = "The page's host localhost is not among this site's domains (elsewhere.example).";
    await steps().getByText(detail).waitFor();
    await page.reload();
    await steps().getByText(detail).waitFor();
  });

  test('says when it is over', async () => {
    await page.goto(`${product.url}/sites/${elsewhere}/install?check=gone`);
    await page.getByText('This test is over. Start a new one.').waitFor();
  });

  test('refuses what is no address', async () => {
    await page.goto(`${product.url}/sites/${elsewhere}/install`);
    await page.getByLabel('A page of your website').fill('salon');
    await page.getByRole('button', { name: 'Test the installation' }).click();
    await page.getByText('Write an address as https://example.com/.').waitFor();
  });
});

describe('the settings of the tracker', () => {
  const served = async () => (await fetch(`${product.url}/t/${site}.js`)).text();
  const tracker = () => page.goto(`${product.url}/sites/${site}/settings?part=tracker`);

  test('change the script that every page gets', async () => {
    await tracker();
    await page.getByRole('switch', { name: 'Links to other websites' }).uncheck();
    await page.getByRole('switch', { name: 'What the page tells Google Analytics or Segment' }).check();
    await page.getByRole('switch', { name: 'Never keep an id in the browser' }).check();
    await page.getByRole('combobox', { name: 'Paths that are not counted' }).fill('/admin/**');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Saved. Pages follow within five minutes').waitFor();
    expect(await served()).toContain(
      `({"site":"${site}","cookieless":"","exclude":"/admin/**","events":"downloads,contacts,forms,notFound,clicks,dataLayer"})`,
    );
    await page.reload();
    expect(await page.getByRole('switch', { name: 'Links to other websites' }).isChecked()).toBe(false);
  });

  test('refuse what is no path, and keep the rest', async () => {
    await page.getByRole('combobox', { name: 'Paths that are not counted' }).fill('admin');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('“admin” is no path: write it as /admin/**, without commas or spaces.').waitFor();
  });

  test('show a tag with a fixed version, which the browser runs as long as nobody changes the script', async () => {
    pinned = await page.getByRole('region', { name: 'Tag with a fixed version' }).locator('code').innerText();
    expect(pinned).toContain('integrity="sha384-');
    await page.goto(`${product.url}/sites/${site}/install`);
    await testPage('/pinned', works);
    // Another hash stands for a script that somebody changed.
    pinned = pinned.replace(/sha384-./, (start) => (start.endsWith('A') ? 'sha384-B' : 'sha384-A'));
    const tab = await context.newPage();
    await tab.goto(`${salonUrl}/pinned`);
    expect(await tab.evaluate(() => 'telltale' in window)).toBe(false);
    await tab.close();
  });
});

describe('how long events are kept', () => {
  const kept = async () => {
    const { items } = await product.api<List<Site>>('GET', '/sites');
    return items.find(({ id }) => id === elsewhere)?.settings.retentionDays;
  };
  const choose = async (label: string) => {
    await page.getByRole('combobox', { name: 'Keep events' }).click();
    await page.getByRole('option', { name: label }).click();
    await page.getByRole('button', { name: 'Save changes' }).click();
  };

  test('is asked again before anything is deleted, and not where nothing is', async () => {
    await page.goto(`${product.url}/sites/${elsewhere}/settings`);
    await choose('13 months');
    const dialog = page.getByRole('dialog', { name: 'Delete older events?' });
    await dialog.getByText('Events will be kept for 13 months.').waitFor();
    await dialog.getByRole('button', { name: 'Keep it' }).click();
    await dialog.waitFor({ state: 'hidden' });
    expect(await kept()).toBeNull();

    await page.getByRole('button', { name: 'Save changes' }).click();
    await dialog.getByRole('button', { name: 'Save and delete' }).click();
    await page.getByText('Site saved.').waitFor();
    expect(await kept()).toBe(396);
    await page.reload();
    expect(await page.getByRole('combobox', { name: 'Keep events' }).inputValue()).toBe('13 months');

    await choose('For ever');
    await page.getByText('Site saved.').waitFor();
    expect(await kept()).toBeNull();
  });
});

describe('a site that is deleted', () => {
  const remove = async () => {
    await page.goto(`${product.url}/sites/${elsewhere}/settings`);
    await page.getByRole('button', { name: 'Delete site…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete “elsewhere.example”?' });
    await dialog.getByText('After 30 days its events and leads are erased for good').waitFor();
    await dialog.getByRole('textbox').fill('elsewhere.example');
    await dialog.getByRole('button', { name: 'Delete site' }).click();
    await page.getByText('“elsewhere.example” deleted.').waitFor();
  };
  const names = async () => (await product.api<List<Site>>('GET', '/sites')).items.map(({ name }) => name);

  test('comes back with “Undo”', async () => {
    await remove();
    expect(await names()).not.toContain('elsewhere.example');
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('“elsewhere.example” is back.').waitFor();
    expect(new URL(page.url()).pathname).toBe(`/sites/${elsewhere}/overview`);
    expect(await names()).toContain('elsewhere.example');
  });

  test('stands in the settings of the others, with the day after which it is gone, until it is restored', async () => {
    await remove();
    await page.goto(`${product.url}/sites/${site}/settings`);
    const deleted = page.getByRole('region', { name: 'Deleted sites' });
    await deleted.getByText(/elsewhere\.example, deleted on .+ Its data are erased after .+\./).waitFor();
    await deleted.getByRole('button', { name: 'Restore elsewhere.example' }).click();
    await page.getByText('“elsewhere.example” is back.').waitFor();
    await page.goto(`${product.url}/sites/${site}/settings`);
    await page.getByRole('button', { name: 'Delete site…' }).waitFor();
    expect(await deleted.count()).toBe(0);
  });

  test('is offered again where no site is left', async () => {
    await remove();
    await product.api('DELETE', `/sites/${site}`);
    await page.goto(product.url);
    await page.getByRole('heading', { name: 'Add your website' }).waitFor();
    await page.getByRole('button', { name: 'Restore localhost' }).click();
    await page.getByText('“localhost” is back.').waitFor();
    expect(await names()).toEqual(['localhost']);
  });
});
