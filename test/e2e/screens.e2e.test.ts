import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AbandonmentSummary } from '../../collector/contract/abandonment.ts';
import type { List } from '../../collector/contract/answers.ts';
import type { InstallCheck } from '../../collector/contract/install.ts';
import type { Lead } from '../../collector/contract/lead-answers.ts';
import type { Site } from '../../collector/contract/manage.ts';
import { build } from '../../scripts/build.js';
import { launchBrowser } from '../support/browser.ts';
import { type Product, startProduct, until } from '../support/product.ts';

/** Every screen for everybody: with the demo's sixty days and with nothing at all, light and dark, wide and narrow. */
let product: Product;
let browser: Browser;
let page: Page;
const sites = { filled: '', empty: '' };
let someCase: AbandonmentSummary | undefined;
let someLead: Lead | undefined;
/** A test of the installation, on a page with a form. */
let check: InstallCheck;

beforeAll(async () => {
  await build();
  [product, browser] = await Promise.all([startProduct({ command: 'demo' }), launchBrowser()]);
  await until(() => product.output().includes('  Inbox  '), 120_000, product.output);
  sites.filled = (await product.api<List<Site>>('GET', '/sites')).items[0]?.id ?? '';
  sites.empty = (await product.api<Site>('POST', '/sites', { domain: 'empty.example', timezone: 'UTC' })).id;
  const cases = await product.api<List<AbandonmentSummary>>('GET', `/sites/${sites.filled}/abandonments?limit=1`);
  someCase = cases.items[0];
  const leads = await product.api<List<Lead>>('GET', `/sites/${sites.filled}/leads?search=Clara&limit=1`);
  someLead = leads.items[0];
  const booking = { url: `${product.url}/demo/salon/book` };
  check = await product.api<InstallCheck>('POST', `/sites/${sites.filled}/install/check`, booking);
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Berlin', reducedMotion: 'reduce' });
  page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(/Sign in +(\S+)/.exec(product.output())?.[1] ?? '');
});

afterAll(async () => {
  await browser?.close();
  await product?.remove();
});

const link = (path: string, search: Record<string, unknown>) =>
  `${path}?${new URLSearchParams(
    Object.entries(search).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
  )}`;
const treatments = { path: '/demo/salon/treatments/*' };
const steps = [{ match: treatments }, { match: { event: 'booking_start' } }, { match: { event: 'booking_done' } }];
const exclude = [{ match: { event: 'form_abandon' }, between: [1, 2] }];

/** A screen by its address, and what is pressed on it in turn. */
type Screen = [name: string, address: string, ...press: string[]];

const everywhere: Screen[] = [
  ['the overview', 'overview'],
  ['a funnel', link('funnels', { steps })],
  ['paths', 'paths'],
  ['goals and events', 'goals'],
  ['the leaks', 'leaks'],
  ['the cases', 'leaks?part=cases'],
  ['the rules', 'leaks?part=rules'],
  ['the endpoints', 'webhooks'],
  ['the deliveries', 'webhooks?part=deliveries'],
  ['what other tools tell', 'webhooks?part=inbound'],
  ['the leads', 'leads'],
  ['the board of leads', 'leads?view=board'],
  ['the week', 'week'],
  ['what sources cost and bring', 'roi'],
  ['what a lead is', 'house'],
];

const withoutQuestions: Screen[] = [
  ['the installation', 'install'],
  ['a funnel without steps', 'funnels?steps=[]'],
  ['the settings of a site', 'settings'],
  ['the settings of the tracker', 'settings?part=tracker'],
];

const filled: Screen[] = [
  ['the overview as a table', 'overview?view=table'],
  ['a funnel as a table', link('funnels', { steps, view: 'table' })],
  ['a funnel over time and by device', link('funnels', { steps, view: 'trend', breakdown: 'device', exclude })],
  ['paths as a flow', 'paths?view=flow'],
  ['paths as a table', 'paths?view=table'],
  ['paths from a page', link('paths', { start: treatments, column: 1, node: 'booking_start' })],
  ['cases that were not pursued', 'leaks?part=cases&state=suppressed&reason=completed'],
  ['cases that were written about', 'leaks?part=cases&reached=notified'],
  ['deliveries that were given up', 'webhooks?part=deliveries&state=dead'],
  ['an event in the goals', 'goals?event=booking_start'],
  ['a test of the installation', 'install?check=CHECK'],
  ['the people of the settings', 'settings?part=people'],
  ['the keys', 'settings?part=keys'],
  ['the account', 'settings?part=account'],
  ['the page of a lead', 'leads/LEAD'],
  ['somebody who is typed in at a fair', 'new-lead'],
  ['how leads are scored', 'house?part=scoring'],
  ['how fast leads are answered', 'house?part=clocks'],
  ['leads with filters', 'leads?stage=new,contacted&leaking=true&sort=urgent'],
];

const opened: Screen[] = [
  ['who left a funnel', link('funnels', { steps, drop: 1 })],
  ['what they did next', link('funnels', { steps, drop: 1, tab: 'next' })],
  ['why they left', link('funnels', { steps, drop: 1, tab: 'why' })],
  ['who took a path', link('paths', { start: treatments, column: 1, node: 'booking_start', people: 'open' })],
  ['a case', 'leaks?part=cases&case=CASE'],
  ['the ranges', 'overview', 'Last 30 days', 'Custom range'],
  ['a note', 'overview', 'Add note'],
  ['a filter', 'overview', 'Add filter'],
  ['the segments', 'overview', 'Segments'],
  ['saved funnels', link('funnels', { steps }), 'Saved'],
  ['a goal', 'goals', 'Add goal'],
  ['a rule', 'leaks?part=rules', 'New rule'],
  ['a rule and what it would have done', 'leaks?part=rules', 'Edit Booking started', 'Try it'],
  ['what stops with a rule', 'leaks?part=rules', 'Delete Booking started'],
  ['why a rule acted or not', 'leaks?part=cases&why=ask'],
  ['why a rule acted on somebody', 'leaks?part=cases&why=RULE&who=VISITOR'],
  ['an endpoint', 'webhooks', 'Add endpoint', 'Add header'],
  ['a test of an endpoint', 'webhooks', 'Send a test to'],
  ['messages again', 'webhooks?part=deliveries', 'Send several again'],
  ['a key', 'settings?part=keys', 'Create a key'],
  ['a list to import', 'leads', 'Import'],
  ['filters of leads', 'leads', 'Filters'],
  ['a contact with a lead', 'leads/LEAD', 'Add a contact'],
  ['names behind a number of the week', 'week?of=carried'],
];

describe.each(['filled', 'empty'] as const)('with the site %s', (site) => {
  test.each([...everywhere, ...withoutQuestions, ...(site === 'filled' ? filled : [])])(
    '%s: no accessibility violation in light and dark, no scrolling sideways on a phone',
    async (_, address) => {
      await show(site, address.replace('CHECK', check.token));
      expect(await violations('light')).toEqual([]);
      expect(await violations('dark')).toEqual([]);
      expect(await widthsOver([390, 320])).toEqual([]);
    },
  );
});

describe('what opens over a screen', () => {
  test.each(opened)('%s: the same, on a phone', async (_, address, ...press) => {
    const { id = '', ruleId = '', visitor = '' } = someCase ?? {};
    const named = address.replace('CASE', id).replace('RULE', ruleId).replace('VISITOR', visitor);
    await show('filled', named, press, 390);
    await page.getByRole('dialog').waitFor();
    expect(await violations('light', '[role="dialog"]')).toEqual([]);
    expect(await violations('dark', '[role="dialog"]')).toEqual([]);
    expect(await widthsOver([390, 320])).toEqual([]);
  });

  test('a list of choices: reachable with the keyboard, and no violation', async () => {
    await show('filled', 'overview', ['Add filter']);
    await page.getByRole('combobox', { name: 'What' }).click();
    await page.getByRole('option', { name: 'Campaign' }).waitFor();
    expect(await violations('light', '[role="dialog"]')).toEqual([]);
    await show('filled', link('funnels', { steps: [...steps.slice(1), { match: { path: '/' } }] }));
    await page.getByRole('combobox', { name: 'Step 3: page' }).click();
    await page.getByRole('option').first().waitFor();
    expect(await violations('light', '[role="listbox"]')).toEqual([]);
    await page.getByRole('combobox', { name: 'Break down by' }).click();
    await page.getByText('Properties of step 1').waitFor();
    expect(await violations('light', '[role="listbox"]')).toEqual([]);
  });
});

describe('when the server cannot answer', () => {
  const questions = /\/api\/v1\/sites\/[^/]+\//;
  test.each(everywhere)('%s: says so, and can be asked again', async (_, address) => {
    const error = { code: 'database_unavailable', message: 'The event database does not answer.' };
    await page.route(questions, (route) => route.fulfill({ status: 503, json: { error, requestId: 'test' } }));
    await show('filled', address);
    await page.getByText(error.message).first().waitFor();
    await page.unroute(questions);
    await page.getByRole('button', { name: 'Try again' }).first().click();
    await until(async () => (await page.getByText(error.message).count()) === 0 || (await again()));
  });

  /** A screen of several questions has a button for each. */
  async function again(): Promise<boolean> {
    await page
      .getByRole('button', { name: 'Try again' })
      .first()
      .click({ timeout: 1_000 })
      .catch(() => undefined);
    return false;
  }
});

/** Opens a screen, presses what is to be pressed, and waits until nothing on it is loading. */
async function show(site: 'filled' | 'empty', address: string, press: string[] = [], width = 1280): Promise<void> {
  await page.setViewportSize({ width, height: 900 });
  await page.goto(`${product.url}/sites/${sites[site]}/${address.replace('LEAD', someLead?.id ?? '')}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
  for (const name of press) await page.getByRole('button', { name }).first().click();
  await until(async () => (await page.locator('.mantine-Skeleton-root').count()) === 0);
}

async function violations(colorScheme: 'light' | 'dark', within?: string): Promise<string[]> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  // The page hears of it in its own time, and paints the new colours in the frame after the next.
  await until(
    () =>
      page.evaluate(
        (wanted) => document.documentElement.getAttribute('data-mantine-color-scheme') === wanted,
        colorScheme,
      ),
    5_000,
  );
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  // Without "legacy" each look opens another page to gather the results of frames, of which there are none.
  const all = new AxeBuilder({ page })
    .setLegacyMode()
    // What is fine is not described, and rows are all alike: the first ones answer for the others.
    .options({ resultTypes: ['violations'] })
    .exclude('tbody tr:nth-child(n + 6)');
  // Dark differs from light in nothing but its colours.
  const axe =
    colorScheme === 'light'
      ? all.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
      : all.withRules(['color-contrast', 'link-in-text-block']);
  const found = await (within ? axe.include(within) : axe).analyze();
  return found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' ')}`);
}

/** The widths at which the page is wider than its window. */
async function widthsOver(widths: number[]): Promise<number[]> {
  const over: number[] = [];
  for (const width of widths) {
    await page.setViewportSize({ width, height: 800 });
    // A chart learns of its new width a moment later.
    const fits = () =>
      page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);
    await until(fits, 2_000).catch(() => over.push(width));
  }
  return over;
}
