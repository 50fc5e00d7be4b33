import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { List } from '../../collector/contract/answers.ts';
import type { Site } from '../../collector/contract/manage.ts';
import { build } from '../../scripts/build.js';
import { launchBrowser } from '../support/browser.ts';
import { sendFiveVisitors } from '../support/five-visitors.ts';
import { type Product, startProduct, until } from '../support/product.ts';
import { openReceiver, type Receiver } from '../support/receiver.ts';
import { openShop, type Shop } from '../support/shop.ts';

/** The dashboard as its owner meets it: from the printed link to the first leak, with a real server and a real browser. */
let product: Product;
let browser: Browser;
let receiver: Receiver;
let shop: Shop | undefined;
let context: BrowserContext;
let page: Page;
let site: string;
/** What the browser complained about: a style or script that the policy refuses lands here. */
const complaints: string[] = [];

const ordinaryBrowser =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';

beforeAll(async () => {
  await build();
  [product, browser, receiver] = await Promise.all([
    startProduct({ env: { TELLTALE_WEBHOOK_ALLOW: '127.0.0.1/32' } }),
    launchBrowser({ args: ['--disable-blink-features=AutomationControlled'] }),
    openReceiver(),
  ]);
  context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    locale: 'en-GB',
    userAgent: ordinaryBrowser,
    timezoneId: 'Europe/Berlin',
    reducedMotion: 'reduce',
  });
  page = await context.newPage();
  page.setDefaultTimeout(60_000);
  page.on('console', (message) => {
    // The first question of a newcomer, who is not signed in, is answered with 401: the browser logs that by itself.
    if (message.type() === 'error' && !message.text().includes('401')) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
});

afterAll(async () => {
  await browser?.close();
  await shop?.close();
  await receiver?.close();
  await product?.remove();
});

describe('the first five minutes', () => {
  test('the printed link leads to an account, a site and the tag', async () => {
    const link = await until(
      () => /https?:\/\/\S+\/setup\?token=\S+/.exec(product.output())?.[0],
      60_000,
      () => `no set-up link was printed:\n${product.output()}`,
    );
    const { pathname, search } = new URL(link);
    await page.goto(`${product.url}${pathname}${search}`);
    await page.getByLabel('E-mail').fill('mara@example.com');
    await page.getByRole('textbox', { name: 'Password' }).fill('a-long-password');
    await page.getByRole('button', { name: 'Create account' }).click();

    await page.getByRole('heading', { name: 'Add your website' }).waitFor();
    await page.getByLabel('Domain').fill('localhost');
    expect(await page.getByRole('combobox', { name: 'Time zone' }).inputValue()).toBe('Europe/Berlin');
    await page.getByRole('button', { name: 'Add site' }).click();

    await page.getByText('Waiting for the first event…').waitFor();
    site = (await product.api<List<Site>>('GET', '/sites')).items[0]?.id ?? '';
    expect(await page.locator('code').first().innerText()).toBe(
      `<script defer src="${new URL(page.url()).origin}/t/${site}.js"></script>`,
    );
  });

  test('a hit that is turned away is named with its reason, and the first real visit says "It works"', async () => {
    await page.getByText('in another tab').waitFor();
    await fetch(`${product.url}/e`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain', 'user-agent': ordinaryBrowser, origin: 'https://elsewhere.example' },
      body: JSON.stringify({
        v: 1,
        site,
        sent: Date.now(),
        page: 'p1',
        events: [{ seq: 1, at: Date.now(), name: 'pageview', url: 'https://elsewhere.example/' }],
      }),
    });
    await page.getByText('A hit arrived, but was not kept').waitFor();
    expect(await page.getByRole('status').innerText()).toContain('a domain that is not on the list');

    shop = await openShop(`<script defer src="${product.url}/t/${site}.js"></script>`);
    const visitor = await browser.newContext({ userAgent: ordinaryBrowser });
    const visit = await visitor.newPage();
    await visit.goto(`${shop.url}/pricing`);
    await page.getByText('It works').waitFor();
    await page.getByRole('list', { name: 'Latest events' }).getByText('/pricing').first().waitFor();
    await visitor.close();
  });

  test('the first visitor is in the overview at once', async () => {
    await page.getByRole('button', { name: 'See the overview' }).click();
    await until(async () => (await tile('Visitors')) === '1');
    expect(new URL(page.url()).pathname).toBe(`/sites/${site}/overview`);
  });
});

describe('with some visitors', () => {
  beforeAll(() => sendFiveVisitors(product, site));

  test('a row of a list becomes a filter in the address, and its chip takes it back', async () => {
    await open('overview');
    await page.getByRole('button', { name: '/team' }).click();
    await page.getByRole('button', { name: 'Remove filter: Page is /team' }).waitFor();
    expect(new URL(page.url()).searchParams.get('f')).toBe('path:is:/team');
    await until(async () => (await tile('Visitors')) === '1');
    // The filter stays when the screen changes, and is gone when its chip is pressed.
    await page.getByRole('link', { name: 'Funnels' }).click();
    await page.getByRole('button', { name: 'Remove filter: Page is /team' }).click();
    await until(() => !new URL(page.url()).searchParams.has('f'));
    await page.getByRole('link', { name: 'Overview' }).click();
    await until(async () => (await tile('Visitors')) === '6');
  });

  test('the numbers at the top come first: no list is asked before they are there', async () => {
    const questions = /\/api\/v1\/sites\/[^/]+\/(overview|breakdown)$/;
    const asked: string[] = [];
    let answer = () => {};
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await page.route(questions, async (route) => {
      const name = questions.exec(route.request().url())?.[1] ?? '';
      asked.push(name);
      if (name === 'overview') await held;
      await route.continue();
    });
    await page.goto(`${product.url}/sites/${site}/overview`);
    await until(() => asked.includes('overview'));
    // Long enough for whatever else the screen asks at once.
    await page.waitForTimeout(500);
    expect(asked).toEqual(['overview']);
    answer();
    await page.getByRole('button', { name: '/team' }).waitFor();
    await page.unroute(questions);
  });

  test('a range and a charted number are in the address, so that a link shows the same', async () => {
    await open('overview');
    await page.getByRole('button', { name: 'Last 30 days' }).click();
    await page.getByRole('button', { name: 'Last 7 days' }).click();
    await page
      .getByRole('button', { name: /^Sessions/ })
      .first()
      .click();
    await page.getByRole('button', { name: 'Table', exact: true }).click();
    await until(() => page.url().includes('view=table'));
    const link = page.url();
    await page.goto('about:blank');
    await page.goto(link);
    await page.getByRole('columnheader', { name: 'Sessions' }).waitFor();
    await page.getByRole('button', { name: 'Last 7 days' }).waitFor();
  });

  test('the suggested funnel finds the biggest leak', async () => {
    await open('funnels');
    await page
      .getByText(
        'Biggest leak: /prices → booking_start. 2 of 5 visitors (40%) went no further; 20% went the whole way.',
      )
      .waitFor();
  });

  test('a drop-off opens exactly as many people, and what they did next adds up', async () => {
    await open('funnels');
    await page.getByRole('button', { name: '2 visitors left here' }).first().click();
    const drawer = page.getByRole('dialog', { name: '2 visitors left after /prices' });
    await drawer.getByText('All 2 visitors.').waitFor();
    expect(await drawer.locator('tbody tr').count()).toBe(2);
    await drawer.getByRole('tab', { name: 'What they did next' }).click();
    const next = drawer.getByRole('listitem');
    await next.first().waitFor();
    const lines = (await next.allInnerTexts()).map((text) => text.replace(/\s+/g, ' '));
    expect(lines.sort()).toEqual(['/team page 1 50%', 'Left the site 1 50%']);
    // The open drawer is in the address too.
    expect(new URL(page.url()).searchParams.get('drop')).toBe('1');
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'hidden' });
  });

  test('a funnel is saved under a name, opened again, and its deletion undone', async () => {
    await open('funnels');
    await page.getByText('Biggest leak').waitFor();
    await page.getByRole('button', { name: 'Saved' }).click();
    await page.getByRole('button', { name: 'Save this funnel…' }).click();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Prices to booking');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Funnel saved.').waitFor();

    await page.goto(`${product.url}/sites/${site}/funnels?steps=[]`);
    await page.getByRole('button', { name: 'Saved (1)' }).click();
    await page.getByRole('button', { name: 'Prices to booking', exact: true }).click();
    await page.getByText('2 of 5 visitors (40%)').waitFor();

    await page.getByRole('button', { name: 'Saved (1)' }).click();
    await page.getByRole('button', { name: 'Delete the funnel Prices to booking' }).click();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Saved (1)' }).waitFor();
  });
});

describe('acting on it', () => {
  test('a new endpoint shows its secret once, and a test shows what was sent and what came back', async () => {
    await open('webhooks');
    await page.getByRole('button', { name: 'Add endpoint' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Mail tool');
    await page.getByRole('textbox', { name: 'URL' }).fill(receiver.url);
    await page.getByRole('dialog').getByRole('button', { name: 'Add endpoint' }).click();
    const secret = page.getByRole('dialog', { name: 'The signing secret' });
    expect(await secret.locator('code').innerText()).toMatch(/^whsec_/);
    await secret.getByRole('button', { name: 'I have stored it' }).click();

    await page.getByRole('button', { name: 'Send a test to Mail tool' }).click();
    const result = page.getByRole('dialog', { name: 'The test arrived' });
    await result.getByText('"type": "webhook.test"').waitFor();
    // One before it was saved, which nothing keeps, and the one that was asked for.
    expect(receiver.received.map(({ message }) => message.type)).toEqual(['webhook.test', 'webhook.test']);
    await page.keyboard.press('Escape');

    await page.getByRole('tab', { name: 'Deliveries' }).click();
    await page.getByText('webhook.test to Mail tool').click();
    await page.getByRole('heading', { name: '1 attempt' }).waitFor();
    await page.getByRole('button', { name: 'Replay' }).click();
    await until(() => receiver.received.length === 3);
    // The same message: its id is what lets the receiver tell a repetition.
    expect(receiver.received[2]?.id).toBe(receiver.received[1]?.id);
  });

  test('a private address is refused with a reason', async () => {
    await open('webhooks');
    await page.getByRole('button', { name: 'Add endpoint' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Router');
    await page.getByRole('textbox', { name: 'URL' }).fill('http://192.168.0.1/');
    await page.getByRole('dialog').getByRole('button', { name: 'Add endpoint' }).click();
    await page.getByRole('dialog').getByRole('alert').waitFor();
    expect(await page.getByRole('dialog').getByRole('alert').innerText()).toMatch(/private/i);
    await page.keyboard.press('Escape');
    // The refusal is an answer with status 422, which the browser logs.
    complaints.splice(0, complaints.length, ...complaints.filter((text) => !text.includes('422')));
  });

  test('a rule is written, finds somebody, and switching it off can be undone', async () => {
    await open('leaks?part=rules');
    await page.getByRole('button', { name: 'New rule' }).click();
    const editor = page.getByRole('dialog', { name: 'New rule' });
    await editor.getByRole('button', { name: 'Save rule' }).click();
    await editor.getByText('Give the rule a name.').waitFor();
    await editor.getByRole('textbox', { name: 'Name' }).fill('Booking left');
    await editor.getByLabel('Intent: event').fill('booking_start');
    await editor.getByLabel('Completion 1: event').fill('booking_done');
    await editor.getByLabel('within: number').fill('1');
    await editor.getByRole('combobox', { name: 'within: unit' }).click();
    await page.getByRole('option', { name: 'seconds' }).click();
    await editor.getByRole('button', { name: 'Add message' }).click();
    await editor.getByRole('button', { name: 'Save rule' }).click();
    await page.getByText('After booking_start, without booking_done within 1 second.').waitFor();

    const visitor = await browser.newContext({ userAgent: ordinaryBrowser });
    const visit = await visitor.newPage();
    await visit.goto(`${shop?.url}/book`);
    await visit.click('#start');
    await page.getByRole('tab', { name: 'Cases' }).click();
    await until(
      async () => {
        await page.reload();
        const followedUp = page.getByRole('button', { name: /^1\s*Followed up/ });
        return followedUp.waitFor({ timeout: 2_000 }).then(
          () => true,
          () => false,
        );
      },
      120_000,
      () => 'no case was followed up',
    );
    await page.getByRole('button', { name: /^1\s*Followed up/ }).click();
    expect(new URL(page.url()).searchParams.get('state')).toBe('notified');
    await page.locator('tbody').getByRole('button').click();
    const found = page.getByRole('dialog');
    await found.getByText('abandonment.created').first().waitFor();
    await found.getByText('booking_start').first().waitFor();
    await page.keyboard.press('Escape');
    await visitor.close();

    await page.getByRole('tab', { name: 'Rules' }).click();
    const toggle = page.getByRole('switch', { name: 'Booking left: on or off' });
    await toggle.press('Space');
    await page.getByText('“Booking left” is off.').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('“Booking left” is on.').waitFor();
    expect(await toggle.isChecked()).toBe(true);
  });

  test('an API key shows its secret once, and a mistyped address leads back', async () => {
    await open('settings?part=keys');
    await page.getByRole('button', { name: 'Create a key' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('CRM');
    await page.getByRole('button', { name: 'Create key' }).click();
    await page.getByRole('dialog', { name: 'Your new API key' }).locator('code').waitFor();
    await page.getByRole('button', { name: 'I have stored it' }).click();
    await page.getByRole('cell', { name: /^CRM/ }).waitFor();
    await page.goto(`${product.url}/sites/nowhere/overview`);
    await page.getByRole('heading', { name: 'There is nothing here' }).waitFor();
  });
});

describe('for everybody', () => {
  test('on a phone the menu leads everywhere', async () => {
    const phone = await context.newPage();
    await phone.setViewportSize({ width: 320, height: 700 });
    await open('overview', phone);
    await phone.getByRole('button', { name: 'Menu' }).click();
    await phone.getByRole('dialog').getByRole('link', { name: 'Leaks' }).click();
    await phone.getByRole('heading', { name: 'Leaks', level: 1 }).waitFor();
    await phone.close();
  });

  test('the first load stays under 300 kB, charts apart', async () => {
    await page.goto('about:blank');
    await open('overview');
    const sizes = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .filter((entry): entry is PerformanceResourceTiming => entry instanceof PerformanceResourceTiming)
        .filter((entry) => /\.(js|css)$/.test(entry.name) && !/trend-chart|Recharts/.test(entry.name))
        .map((entry) => entry.encodedBodySize),
    );
    const total = sizes.reduce((sum, size) => sum + size, 0);
    expect(total).toBeGreaterThan(50_000);
    expect(total).toBeLessThan(300_000);
  });

  test('the browser had nothing to complain about: no refused style, script or failed request', () => {
    expect(complaints).toEqual([]);
  });

  test('signing out leads to the sign-in, and signing in back to the same place', async () => {
    await open('leaks?state=notified');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goto(`${product.url}/sites/${site}/leaks?state=notified`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.getByLabel('E-mail').fill('mara@example.com');
    await page.getByRole('textbox', { name: 'Password' }).fill('not-the-password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('E-mail address or password is wrong.').waitFor();
    await page.getByRole('textbox', { name: 'Password' }).fill('a-long-password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Leaks', level: 1 }).waitFor();
    expect(new URL(page.url()).searchParams.get('state')).toBe('notified');
  });
});

/** Opens a screen of the site and waits until nothing on it is loading. */
async function open(screen: string, where: Page = page): Promise<void> {
  await where.goto(`${product.url}/sites/${site}/${screen}`);
  await where.getByRole('heading', { level: 1 }).waitFor();
  await until(async () => (await where.locator('.mantine-Skeleton-root').count()) === 0);
}

/** The number on a tile of the overview. */
async function tile(name: string): Promise<string | undefined> {
  const text = await page
    .getByRole('region', { name: 'Key numbers' })
    .getByRole('button', { name: new RegExp(`^${name}`) })
    .first()
    .innerText();
  return text.split('\n')[1]?.trim();
}
