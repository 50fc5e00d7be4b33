import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { List } from '../../collector/contract/answers.ts';
import type { Site } from '../../collector/contract/manage.ts';
import type { StoredRule } from '../../collector/contract/rule.ts';
import { build } from '../../scripts/build.js';
import { launchBrowser } from '../support/browser.ts';
import { sendFiveVisitors } from '../support/five-visitors.ts';
import { type Product, startProduct, until } from '../support/product.ts';

/** The screens that answer questions, with a real server and a real browser. */
let product: Product;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let site: string;

beforeAll(async () => {
  await build();
  [product, browser] = await Promise.all([startProduct(), launchBrowser()]);
  context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce',
  });
  page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const link = await until(() => /https?:\/\/\S+\/setup\?token=\S+/.exec(product.output())?.[0]);
  const { pathname, search } = new URL(link);
  await page.goto(`${product.url}${pathname}${search}`);
  await page.getByLabel('E-mail').fill('mara@example.com');
  await page.getByRole('textbox', { name: 'Password' }).fill('a-long-password');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('heading', { name: 'Add your website' }).waitFor();
  await page.getByLabel('Domain').fill('localhost');
  await page.getByRole('button', { name: 'Add site' }).click();
  await page.getByText('Waiting for the first event…').waitFor();
  site = (await product.api<List<Site>>('GET', '/sites')).items[0]?.id ?? '';

  await sendFiveVisitors(product, site);
});

afterAll(async () => {
  await browser?.close();
  await product?.remove();
});

const bookings = `funnels?steps=${JSON.stringify([{ match: { path: '/prices' } }, { match: { event: 'booking_start' } }])}`;
const afterPrices = `paths?start=${JSON.stringify({ path: '/prices' })}`;

describe('a funnel', () => {
  test('is built with the keyboard alone; its drop-off becomes a file and a rule that is off', async () => {
    await page.goto(`${product.url}/sites/${site}/funnels?steps=[]`);
    await page.getByText('Add the first step').waitFor();
    await tabTo('Step 1: page');
    await page.keyboard.type('/prices');
    await page.keyboard.press('Escape');
    await tabTo('Add step');
    await page.keyboard.press('Enter');
    await page.getByRole('combobox', { name: 'Step 2: page' }).waitFor();
    await tabTo('Step 2: page', { back: true });
    await page.keyboard.type('/team');
    await page.keyboard.press('Escape');
    await page.getByText('4 of 5 visitors (80%) went no further').waitFor();
    await tabTo('4 visitors left here (80%)');
    await page.keyboard.press('Enter');
    const drawer = page.getByRole('dialog', { name: '4 visitors left after /prices' });
    await drawer.getByText('All 4 visitors.').waitFor();

    await tabTo('Download CSV');
    const [file] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
    const lines = readFileSync(await file.path(), 'utf8')
      .trim()
      .split('\r\n');
    // A head, and the four who left.
    expect(lines.length).toBe(5);
    expect(lines.slice(1).every((line) => line.includes('/prices') || line.includes('/book'))).toBe(true);

    await tabTo('Make this a rule', { back: true });
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Leaks', level: 1 }).waitFor();
    await page.getByText('After /prices, without /team within 24 hours.').waitFor();
    const { items } = await product.api<List<StoredRule>>('GET', `/sites/${site}/rules`);
    expect(items.find(({ name }) => name === '/prices without /team')?.enabled).toBe(false);
  });

  test('says what differs, or that nothing does, between those who left and those who went on', async () => {
    await open(`${bookings}&drop=1&tab=why`);
    // Five people prove nothing.
    await page.getByRole('dialog').getByText('Nothing stands out').waitFor();
  });

  test('is broken down, counted in another order and drawn over time, all in the address', async () => {
    await open(`${bookings}&breakdown=device&order=any&view=trend`);
    await page.getByRole('region', { name: 'Funnel by Device' }).waitFor();
    await page.getByRole('region', { name: 'The rate over time as a table' }).waitFor();
    expect(await page.getByRole('combobox', { name: 'Order' }).inputValue()).toBe('In any order');
    await open(bookings);
    await page.getByText('2 of 5 visitors (40%) went no further').waitFor();
  });
});

describe('paths', () => {
  test('start from a page, every column adds up, and a place opens exactly its people', async () => {
    await open(afterPrices);
    // Ben leaves, three start a booking, Ana goes on to the team.
    await page.getByText('After /prices, 20% of 5 sessions leave; 60% go on to booking_start.').waitFor();
    const later = page.getByRole('list', { name: '1 step later' });
    const counts = await later.locator('b').allInnerTexts();
    expect(counts.map(Number).reduce((sum, count) => sum + count, 0)).toBe(5);

    await later.getByRole('button', { name: /booking_start/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: '3 sessions went there from here' }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    const drawer = page.getByRole('dialog', { name: '3 sessions: booking_start' });
    await drawer.getByText('All 3 sessions.').waitFor();
    expect(await drawer.locator('tbody tr').count()).toBe(3);
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'hidden' });

    // Of the three, Eve finished and two left.
    await page.getByRole('button', { name: '2 sessions came here from there' }).click();
    const left = page.getByRole('dialog', { name: '2 sessions: booking_start → Left the site' });
    await left.getByText('All 2 sessions.').waitFor();
    await page.keyboard.press('Escape');
    await left.waitFor({ state: 'hidden' });

    await page.getByRole('button', { name: 'Start from here' }).click();
    await page.getByText('After booking_start, 67% of 3 sessions leave; 33% go on to booking_done.').waitFor();
  });

  test('lead to an event, as a table too', async () => {
    await open(`paths?end=${JSON.stringify({ event: 'booking_done' })}&view=table`);
    await page.getByText('Before booking_done, 100% of 1 session come from booking_start.').waitFor();
    const rows = await page.getByRole('region', { name: 'Paths as a table' }).locator('tbody tr').allInnerTexts();
    expect(rows.map((text) => text.split('\t').slice(1, 4))).toEqual([
      ['booking_start', 'booking_done', '1'],
      ['/prices', 'booking_start', '1'],
      ['Came in here', '/prices', '1'],
    ]);
  });
});

/** Opens a screen of the site and waits until nothing on it is loading. */
async function open(screen: string): Promise<void> {
  await page.goto(`${product.url}/sites/${site}/${screen}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await until(async () => (await page.locator('.mantine-Skeleton-root').count()) === 0);
}

/** Presses Tab until the element of that name has the focus. */
async function tabTo(name: string, { back = false } = {}): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    await page.keyboard.press(back ? 'Shift+Tab' : 'Tab');
    const focused = await page.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute('aria-label') ?? element?.textContent?.trim() ?? '';
    });
    if (focused === name) return;
  }
  throw new Error(`Tab does not reach "${name}"`);
}
