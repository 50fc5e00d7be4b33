import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Abandonment, AbandonmentSummary } from '../../collector/contract/abandonment.ts';
import type { List } from '../../collector/contract/answers.ts';
import type { FunnelAnswer } from '../../collector/contract/funnel.ts';
import type { Site } from '../../collector/contract/manage.ts';
import type { StoredRule } from '../../collector/contract/rule.ts';
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

const norasBrowser =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15';
const idasBrowser =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36';

beforeAll(async () => {
  await build();
  demo = await startProduct({ command: 'demo' });
  await until(
    () => demo.output().includes('  Inbox  '),
    120_000,
    () => `the demo did not get ready:\n${demo.output()}`,
  );
});

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

/** Nobody reads a page faster than it loads. */
const read = (page: Page) => page.waitForLoadState('networkidle');

/** From the home page to the form of the last step; answers the booking's id. */
async function bookUntilDetails(page: Page, treatment: string): Promise<string> {
  await page.getByRole('link', { name: 'Treatments', exact: true }).first().click();
  await page.getByRole('heading', { name: treatment }).click();
  await read(page);
  await page.getByRole('link', { name: `Book ${treatment}` }).click();
  await page.getByRole('button', { name: 'Choose a time' }).click();
  await read(page);
  await page.getByRole('button', { name: '14:00' }).first().click();
  await page.getByRole('heading', { name: 'Who is coming?' }).waitFor();
  await read(page);
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
  const { page, booking } = await leaveBooking(lenasBrowser, 'Hot stone massage', 'Lena Fischer');

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
  const site = await siteId();
  // Nobody is so slow that he would be written about before he has finished.
  const { items: rules } = await demo.api<List<StoredRule>>('GET', `/sites/${site}/rules`);
  const rule = rules.find(({ kind }) => kind === 'booking');
  await demo.api('PATCH', `/sites/${site}/rules/${rule?.id}`, { wait: '1h' });
  const page = await visitAs(pavelsBrowser);
  const booking = await bookUntilDetails(page, 'Lash lift and tint');
  await page.getByLabel('Your name').fill('Pavel Novak');
  await page.getByLabel('E-mail').fill('pavel.novak@example.com');
  await page.getByRole('button', { name: 'Book for €59' }).click();
  await page.getByRole('heading', { name: 'See you soon' }).waitFor();
  await read(page);
  await page.context().close();

  const closed = await until(async () => {
    const { items } = await demo.api<List<AbandonmentSummary>>('GET', `/sites/${site}/abandonments?limit=500`);
    const found = items.find((item) => item.key === booking);
    return found && found.state !== 'waiting' && found;
  }, 60_000);
  expect(closed).toMatchObject({ state: 'suppressed', reason: 'completed', email: 'pavel.novak@example.com' });
  expect(await inboxOf('Pavel Novak')).toEqual([]);
});

test('mail 1 shows the treatment and mail 2 follows; whoever comes back is recovered and gets no mail 2', async () => {
  const site = await siteId();
  const { items: rules } = await demo.api<List<StoredRule>>('GET', `/sites/${site}/rules`);
  const rule = rules.find(({ kind }) => kind === 'booking');
  const endpoint = rule?.followUps[0]?.endpoint ?? '';
  const second = async (after: string) =>
    demo.api('PATCH', `/sites/${site}/rules/${rule?.id}`, {
      wait: '3s',
      followUps: [
        { after: '0s', endpoint },
        { after, endpoint },
      ],
    });
  const mailsOf = async (who: string) => (await inboxOf(who)).map(({ type, followUp }) => [type, followUp]);

  await second('5s');
  await leaveBooking(norasBrowser, 'Gel manicure', 'Nora Lang');
  await until(async () => (await mailsOf('Nora Lang')).length === 2, 60_000);
  const [mail2, mail1] = await inboxOf('Nora Lang');
  expect(mail1).toMatchObject({ followUp: '1 of 2', mail: { subject: 'Your gel manicure: what to expect' } });
  expect(mail2).toMatchObject({ followUp: '2 of 2', treatment: 'Gel manicure' });
  expect(mail2?.mail?.subject).toMatch(/^Free times for your gel manicure, and 10 % off$/);

  await second('10m');
  const { page, booking } = await leaveBooking(idasBrowser, 'Gel manicure', 'Ida Wolf');
  const [card] = await until(async () => {
    const cards = await inboxOf('Ida Wolf');
    return cards.length > 0 && cards;
  }, 60_000);
  await page.goto(card?.mail?.link ?? '');
  await read(page);
  await page.getByRole('button', { name: '14:00' }).first().click();
  await page.getByRole('heading', { name: 'Who is coming?' }).waitFor();
  await read(page);
  await page.getByLabel('Your name').fill('Ida Wolf');
  await page.getByLabel('E-mail').fill('ida.wolf@example.com');
  await page.getByRole('button', { name: /^Book for/ }).click();
  await page.getByRole('heading', { name: 'See you soon' }).waitFor();
  await read(page);
  await page.context().close();

  await until(async () => (await mailsOf('Ida Wolf')).length === 2, 60_000);
  expect(await mailsOf('Ida Wolf')).toEqual([
    ['abandonment.recovered', null],
    ['abandonment.created', '1 of 2'],
  ]);
  const { items } = await demo.api<List<AbandonmentSummary>>('GET', `/sites/${site}/abandonments?reached=recovered`);
  const recovered = items.find(({ key }) => key === booking);
  expect(recovered).toMatchObject({ state: 'recovered', name: 'Ida Wolf' });
  const { history, deliveries } = await demo.api<Abandonment>('GET', `/sites/${site}/abandonments/${recovered?.id}`);
  expect(history.map(({ state }) => state)).toEqual(['waiting', 'abandoned', 'notified', 'recovered']);
  // Mail 2 was planned, and taken back: it never goes out.
  expect(deliveries.map(({ type, state }) => `${type} ${state}`).toSorted()).toEqual([
    'abandonment.created cancelled',
    'abandonment.created delivered',
    'abandonment.recovered delivered',
  ]);
});

/** Looks at a treatment, begins to book it, says who it is, and leaves. */
async function leaveBooking(
  userAgent: string,
  treatment: string,
  name: string,
): Promise<{ page: Page; booking: string }> {
  const page = await visitAs(userAgent);
  const booking = await bookUntilDetails(page, treatment);
  await page.getByLabel('Your name').fill(name);
  await page.getByLabel('E-mail').fill(`${name.toLowerCase().replace(' ', '.')}@example.com`);
  await page.getByLabel('Phone').focus();
  await page.goto('about:blank');
  return { page, booking };
}

test('a second start adds nothing to the history and keeps site and account', async () => {
  const site = await siteId();
  await demo.stop();
  await demo.restart();
  await until(() => demo.output().includes('  Inbox  '), 60_000, demo.output);
  expect(demo.output()).not.toContain('made-up history');
  expect(demo.output()).not.toContain('Filling the demo');
  expect(await siteId()).toBe(site);
});
