import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AbandonmentSummary } from '../../collector/contract/abandonment.ts';
import type { List } from '../../collector/contract/answers.ts';
import type { FunnelAnswer } from '../../collector/contract/funnel.ts';
import type { Site } from '../../collector/contract/manage.ts';
import type { InboxCard } from '../../collector/demo/inbox/inbox-card.ts';
import { build } from '../../scripts/build.js';
import { launchBrowser } from '../support/browser.ts';
import { type Product, startProduct, until } from '../support/product.ts';

/** The demo as a newcomer meets it: filled on its first start, a salon to click through, an inbox that shows what was sent. */
let demo: Product;
const browsers: Browser[] = [];

// Different people have different browsers: without consent that is how visitors are told apart.
const lenasBrowser =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';
const pavelsBrowser = 'Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0';

beforeAll(async () => {
  await build();
  demo = await startProduct({ command: 'demo' });
  await until(
    () => demo.output().includes('  Inbox  '),
    120_000,
    () => `the demo did not get ready:\n${demo.output()}`,
  );
}, 180_000);

afterAll(async () => {
  for (const browser of browsers) await browser.close();
  await demo?.remove();
});

/**
 * A page in a browser of this person's own. TRICKY: the user agent of a context does not reach the beacons of a page that is left,
 * only the browser's does. And a browser that says that a program steers it is not counted.
 */
async function openPage(userAgent: string): Promise<Page> {
  const browser = await launchBrowser({
    args: [`--user-agent=${userAgent}`, '--disable-blink-features=AutomationControlled'],
  });
  browsers.push(browser);
  return browser.newPage();
}

async function visitAs(userAgent: string): Promise<Page> {
  const page = await openPage(userAgent);
  await page.goto(`${demo.url}/demo/salon`);
  return page;
}

/** From the home page to the form of the last step; answers the booking's id. */
async function bookUntilDetails(page: Page, treatment: string): Promise<string> {
  await page.getByRole('link', { name: 'Treatments', exact: true }).first().click();
  await page.getByRole('heading', { name: treatment }).click();
  await page.getByRole('link', { name: `Book ${treatment}` }).click();
  await page.getByRole('button', { name: 'Choose a time' }).click();
  await page.getByRole('button', { name: '14:00' }).first().click();
  await page.getByRole('heading', { name: 'Who is coming?' }).waitFor();
  return new URL(page.url()).searchParams.get('booking') ?? '';
}

async function siteId(): Promise<string> {
  const { items } = await demo.api<List<Site>>('GET', '/sites');
  return items[0]?.id ?? '';
}

async function inboxOf(who: string): Promise<InboxCard[]> {
  const answer = await fetch(`${demo.url}/demo/inbox/messages`);
  const { items } = (await answer.json()) as { items: InboxCard[] };
  return items.filter((card) => card.who === who);
}

test('the first start fills the demo, and the printed link signs in', async () => {
  const filled = Number(/made-up history: (\d+) events/.exec(demo.output())?.[1]);
  expect(filled).toBeGreaterThan(25_000);
  const page = await openPage(lenasBrowser);
  await page.goto(/Sign in +(\S+)/.exec(demo.output())?.[1] ?? '');
  const me = await page.evaluate(async () => (await fetch('/api/v1/me')).json());
  expect(me).toMatchObject({ user: { email: 'demo@telltale.local', role: 'owner' }, demo: true });
  await page.goto(`${demo.url}/demo/enter?token=wrong`);
  await page.context().close();
});

test('the history can be asked: most people who look at a treatment do not book it', async () => {
  const day = 86_400_000;
  const { steps } = await demo.api<FunnelAnswer>('POST', `/sites/${await siteId()}/funnel`, {
    from: new Date(Date.now() - 70 * day).toISOString(),
    to: new Date().toISOString(),
    window: '24h',
    steps: [
      { match: { path: '/demo/salon/treatments/*' } },
      { match: { event: 'booking_start' } },
      { match: { event: 'booking_done' } },
    ],
  });
  const [looked = 0, started = 0, done = 0] = steps.map((step) => step.count);
  expect(looked).toBeGreaterThan(2_000);
  expect(started).toBeGreaterThan(300);
  expect(done).toBeGreaterThan(200);
  expect(done).toBeLessThan(started);
});

test('whoever leaves a booking shows up in the inbox, verified, with the treatment looked at and the mail that could go out', async () => {
  const page = await visitAs(lenasBrowser);
  const booking = await bookUntilDetails(page, 'Hot stone massage');
  await page.getByLabel('Your name').fill('Lena Fischer');
  await page.getByLabel('E-mail').fill('lena.fischer@example.com');
  await page.getByLabel('Phone').focus();
  await page.goto('about:blank');

  const [card] = await until(async () => {
    const cards = await inboxOf('Lena Fischer');
    return cards.length > 0 && cards;
  }, 60_000);
  expect(card).toMatchObject({
    type: 'abandonment.created',
    verified: true,
    treatment: 'Hot stone massage',
    followUp: '1 of 2',
    mail: { subject: 'Your hot stone massage: what to expect' },
  });
  expect(card?.message?.data).toMatchObject({
    key: booking,
    email: 'lena.fischer@example.com',
    value: 89,
    currency: 'EUR',
  });

  await page.goto(`${demo.url}/demo/inbox`);
  const shown = page.getByRole('listitem').filter({ hasText: 'Lena Fischer' });
  await shown.getByText('verified ✓').waitFor();
  await shown.getByText('Looked at: Hot stone massage').waitFor();
  await shown.getByRole('link', { name: 'Back to where they stopped' }).click();
  await page.getByRole('heading', { name: 'When suits you?' }).waitFor();
  await page.context().close();
});

test('whoever finishes a booking is left in peace', async () => {
  const page = await visitAs(pavelsBrowser);
  const booking = await bookUntilDetails(page, 'Lash lift and tint');
  await page.getByLabel('Your name').fill('Pavel Novak');
  await page.getByLabel('E-mail').fill('pavel.novak@example.com');
  await page.getByRole('button', { name: 'Book for €59' }).click();
  await page.getByRole('heading', { name: 'See you soon' }).waitFor();
  await page.context().close();

  const site = await siteId();
  const closed = await until(async () => {
    const { items } = await demo.api<List<AbandonmentSummary>>('GET', `/sites/${site}/abandonments?limit=500`);
    const found = items.find((item) => item.key === booking);
    return found && found.state !== 'waiting' && found;
  }, 60_000);
  expect(closed).toMatchObject({ state: 'suppressed', reason: 'completed', email: 'pavel.novak@example.com' });
  expect(await inboxOf('Pavel Novak')).toEqual([]);
});

test('a second start adds nothing to the history and keeps site and account', async () => {
  const site = await siteId();
  await demo.stop();
  await demo.restart();
  await until(() => demo.output().includes('  Inbox  '), 60_000, demo.output);
  expect(demo.output()).not.toContain('made-up history');
  expect(demo.output()).not.toContain('Filling the demo');
  expect(await siteId()).toBe(site);
});
