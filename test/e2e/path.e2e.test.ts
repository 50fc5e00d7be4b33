import type { Browser, Page } from 'playwright-core';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AbandonmentSummary } from '../../collector/contract/abandonment.ts';
import type { List } from '../../collector/contract/answers.ts';
import type { FunnelAnswer } from '../../collector/contract/funnel.ts';
import type { StoredEndpoint } from '../../collector/contract/webhooks.ts';
import { build } from '../../scripts/build.js';
import { launchBrowser } from '../support/browser.ts';
import { type Product, startProduct, until } from '../support/product.ts';
import { openReceiver, type Receiver } from '../support/receiver.ts';
import { openShop, type Shop } from '../support/shop.ts';

const userAgent = 'Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';
/** Long enough to finish a booking by hand in a slow browser, short enough to wait for. */
const wait = '4s';

let product: Product;
let browser: Browser;
let receiver: Receiver;
let shop: Shop;
let site: string;
let secret: string;

beforeAll(async () => {
  await build();
  [product, browser, receiver] = await Promise.all([
    startProduct({
      env: {
        TELLTALE_WEBHOOK_ALLOW: '127.0.0.1/32',
        TELLTALE_ADMIN_EMAIL: 'owner@example.com',
        TELLTALE_ADMIN_PASSWORD: 'a-long-password',
      },
    }),
    launchBrowser(),
    openReceiver(),
  ]);
  ({ id: site } = await product.api<{ id: string }>('POST', '/sites', {
    domain: 'localhost',
    timezone: 'Europe/Berlin',
  }));
  const endpoint = await product.api<StoredEndpoint & { secret: string }>('POST', `/sites/${site}/endpoints`, {
    name: 'Mail tool',
    url: receiver.url,
  });
  secret = endpoint.secret;
  // Saving it has sent a test; from here on only what the visitors cause.
  expect(receiver.received.splice(0).map(({ message }) => message.type)).toEqual(['webhook.test']);
  await product.api('POST', `/sites/${site}/rules`, {
    name: 'Booking abandoned',
    kind: 'booking',
    intent: { event: 'booking_start' },
    key: 'prop:booking_id',
    complete: [{ event: 'booking_done' }],
    wait,
    cooldown: '0s',
    followUps: [{ after: '0s', endpoint: endpoint.id }],
    enabled: true,
  });
  shop = await openShop(`<script defer src="${product.url}/t/${site}.js"></script>`);
});
afterAll(async () => {
  await browser?.close();
  await shop?.close();
  await receiver?.close();
  await product?.remove();
});

describe('the whole path, in a real browser', () => {
  test('page views, a route change, a marked click and a closed tab arrive', async () => {
    const ana = await visitor('ana');
    const page = await ana.open('/');
    await page.click('text=Prices');
    await page.click('#spa');
    await page.waitForURL('**/book?*');
    await page.mouse.wheel(0, 200);
    await page.click('#start');
    await page.close({ runBeforeUnload: true });

    const events = await until(
      async () => {
        const live = await stored();
        return live.some((event) => event.name === 'engagement' && event.url.endsWith('/book')) && live;
      },
      60_000,
      () => 'the engagement of the closed tab did not arrive',
    );
    expect(names(events, 'pageview')).toEqual(['/', '/pricing', '/book']);
    expect(names(events, 'booking_start')).toEqual(['/book']);
    // One visitor, known by a daily id only: nothing is stored in the browser without consent.
    expect(new Set(events.map((event) => event.visitor)).size).toBe(1);
    await ana.leave();
  });

  test('an abandoned booking becomes a case and one message that the standardwebhooks package verifies', async () => {
    const message = await until(
      () => receiver.received[0],
      60_000,
      () => 'no webhook came',
    );
    const verified = new Webhook(secret).verify(message.body, message.headers as Record<string, string>) as {
      type: string;
      data: {
        id: string;
        key: string;
        url: string;
        viewed: { path: string; title: string }[];
        intent: { props: Record<string, string> };
      };
    };
    expect(verified.type).toBe('abandonment.created');
    expect(verified.data.key).toBe('ana');
    expect(verified.data.url).toBe(`${shop.url}/book`);
    expect(verified.data.intent.props).toMatchObject({ treatment: 'Facial' });
    expect(verified.data.viewed.map(({ path, title }) => `${path} ${title}`)).toEqual([
      '/ Welcome',
      '/pricing Prices',
      '/book Book',
    ]);

    const cases = await product.api<List<AbandonmentSummary>>('GET', `/sites/${site}/abandonments`);
    expect(cases.items.map((item) => [item.key, item.state])).toEqual([['ana', 'notified']]);
    expect(cases.items[0]?.id).toBe(verified.data.id);
  });

  test('finishing late sends abandonment.recovered with the same case id', async () => {
    const again = await visitor('ana');
    const page = await again.open('/book');
    await page.click('#done');
    const recovered = await until(
      () => receiver.received[1],
      60_000,
      () => 'no recovery message came',
    );
    expect(recovered.message.type).toBe('abandonment.recovered');
    expect(recovered.message.data.id).toBe(receiver.received[0]?.message.data.id);
    expect(recovered.id).not.toBe(receiver.received[0]?.id);
    await again.leave();
  });

  test('finishing in time sends nothing', async () => {
    const bob = await visitor('bob');
    const page = await bob.open('/book');
    await page.click('#start');
    await page.click('#done');
    const closed = await until(
      async () => (await cases()).find((item) => item.key === 'bob' && item.state === 'suppressed'),
      60_000,
      () => 'the case was not closed',
    );
    expect(closed.reason).toBe('completed');
    // Well past the wait: a message would have been sent by now.
    await until(() => Date.now() > Date.parse(closed.dueAt) + 2_000);
    expect(receiver.received.filter((received) => received.message.data.key === 'bob')).toEqual([]);
    await bob.leave();
  });

  test('the funnel shows the hand-worked counts, and so does its screen', async () => {
    // Ana came twice under one daily id: / → /pricing → /book → start, and later /book → done. Bob: /book → start → done.
    // Cleo looks at prices and leaves.
    const cleo = await visitor('cleo');
    const page = await cleo.open('/pricing');
    await page.close({ runBeforeUnload: true });
    const steps = [
      { name: 'Prices', match: { path: '/pricing' } },
      { name: 'Booking', match: { event: 'booking_start' } },
      { name: 'Booked', match: { event: 'booking_done' } },
    ];
    const request = { from: day(-1), to: day(2), steps, by: 'visitor', window: '24h' };
    // Step 1: Ana, Cleo. Step 2: Ana. Step 3: Ana. Bob never saw the prices.
    const answer = await until(
      async () => {
        const funnel = await product.api<FunnelAnswer>('POST', `/sites/${site}/funnel`, request);
        return funnel.steps[0]?.count === 2 && funnel;
      },
      60_000,
      () => 'Cleo did not arrive',
    );
    await cleo.leave();
    expect(answer.steps.map(({ count, dropped }) => [count, dropped])).toEqual([
      [2, 1],
      [1, 0],
      [1, 0],
    ]);
    const people = await product.api<List<{ lastPath: string }>>('POST', `/sites/${site}/funnel/people`, {
      ...request,
      step: 1,
      outcome: 'dropped',
    });
    expect([people.total, people.items.map((person) => person.lastPath)]).toEqual([1, ['/pricing']]);

    const owner = await browser.newPage();
    await owner.goto(`${product.url}/sites/${site}/funnels?steps=${encodeURIComponent(JSON.stringify(steps))}`);
    await owner.getByLabel('E-mail').fill('owner@example.com');
    await owner.getByRole('textbox', { name: 'Password' }).fill('a-long-password');
    await owner.getByRole('button', { name: 'Sign in' }).click();
    await owner
      .getByText('Biggest leak: Prices → Booking. 1 of 2 visitors (50%) went no further; 50% went the whole way.')
      .waitFor();
    await owner.getByRole('button', { name: '1 visitor left here' }).click();
    await owner.getByRole('dialog').getByText('/pricing').first().waitFor();
    await owner.close();
  });
});

/**
 * A visitor of the shop: a browser of its own, whose version makes a daily id of its own. TRICKY: the version is given to the program,
 * because what a page sends while it is closed does not carry the one given to a browsing context.
 */
async function visitor(name: string): Promise<{ open: (path: string) => Promise<Page>; leave: () => Promise<void> }> {
  const own = await launchBrowser({ args: [`--user-agent=${userAgent} ${name}`] });
  return {
    open: async (path) => {
      const page = await own.newPage();
      await page.goto(`${shop.url}${path}?booking=${name}`);
      return page;
    },
    leave: () => own.close(),
  };
}

interface Stored {
  name: string;
  visitor: string;
  url: string;
}

async function stored(): Promise<Stored[]> {
  const response = await fetch(`${product.url}/api/v1/sites/${site}/export?format=events`, {
    headers: product.headers(),
  });
  return (await response.text())
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Stored);
}

function names(events: Stored[], name: string): string[] {
  return events.filter((event) => event.name === name).map((event) => new URL(event.url).pathname);
}

async function cases(): Promise<AbandonmentSummary[]> {
  return (await product.api<List<AbandonmentSummary>>('GET', `/sites/${site}/abandonments`)).items;
}

/** A calendar date, counted from today. */
function day(offset: number): string {
  return new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
}
