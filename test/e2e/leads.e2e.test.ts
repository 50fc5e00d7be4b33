import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { List } from '../../collector/contract/answers.ts';
import type { Balance } from '../../collector/contract/balance.ts';
import type { Lead, LeadDetail } from '../../collector/contract/lead-answers.ts';
import type { Site } from '../../collector/contract/manage.ts';
import type { LeadScore } from '../../collector/contract/scoring.ts';
import { build } from '../../scripts/build.js';
import { launchBrowser } from '../support/browser.ts';
import { type Product, startProduct, until } from '../support/product.ts';

/** The ledger as the people of a house use it: on a phone at a fair, on the board, on the page of a lead, on Monday. */
const onePixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
let product: Product;
let browser: Browser;
let page: Page;
let site: string;

beforeAll(async () => {
  await build();
  [product, browser] = await Promise.all([startProduct({ command: 'demo' }), launchBrowser()]);
  await until(() => product.output().includes('  Inbox  '), 120_000, product.output);
  site = (await product.api<List<Site>>('GET', '/sites')).items[0]?.id ?? '';
  const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Berlin', reducedMotion: 'reduce' });
  page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(/Sign in +(\S+)/.exec(product.output())?.[1] ?? '');
});

afterAll(async () => {
  await browser?.close();
  await product?.remove();
});

const open = async (address: string, width = 1280) => {
  await page.setViewportSize({ width, height: 900 });
  await page.goto(`${product.url}/sites/${site}/${address}`);
  await page.getByRole('heading', { level: 1 }).waitFor();
};
const leadNamed = async (search: string): Promise<Lead | undefined> =>
  (await product.api<List<Lead>>('GET', `/sites/${site}/leads?search=${search}`)).items[0];

test('at a fair, on a phone: a name is enough, with a follow-up, and the next person can be typed at once', async () => {
  await open('new-lead', 390);
  await page.getByLabel('Name').fill('Henriette Quast');
  await page.getByRole('button', { name: 'Next week' }).click();
  const photo = { name: 'card.png', mimeType: 'image/png', buffer: Buffer.from(onePixel, 'base64') };
  await page.locator('input[type=file]').setInputFiles(photo);
  await page.getByLabel('Where did you meet?').fill('Bridal fair');
  await page.getByRole('button', { name: 'Keep, and next' }).click();
  await page.getByText('Henriette Quast is kept.').waitFor();
  await page.getByText('An address or a telephone number is still missing').waitFor();
  await page.getByText('With a photo.').waitFor();
  expect(await page.getByLabel('Name').inputValue()).toBe('');
  expect(await page.getByLabel('Where did you meet?').inputValue()).toBe('Bridal fair');
  const lead = await leadNamed('Henriette');
  expect(lead).toMatchObject({
    stage: 'incomplete',
    first: { channel: 'event', source: 'Bridal fair' },
    nextStep: { text: 'Get in touch after Bridal fair' },
  });
});

test('a list from a spreadsheet is added, and what could not be taken is told with its line', async () => {
  await open('leads');
  await page.getByRole('button', { name: 'Import' }).click();
  const dialog = page.getByRole('dialog', { name: 'Import a list' });
  const table = 'Nachname;E-Mail;Telefon\nM\xFCller-Fair;mueller@example.com;030 1234567\n;cleo;\n';
  const file = { name: 'fair.csv', mimeType: 'application/vnd.ms-excel', buffer: Buffer.from(table, 'latin1') };
  await page.locator('input[type=file]').setInputFiles(file);
  await dialog.getByRole('button', { name: 'Import' }).click();
  await dialog.getByText('2 rows: 1 lead added, 0 known already.').waitFor();
  await dialog.getByText('Line 3: “cleo” is not an e-mail address, so it was left out.').waitFor();
  expect(await leadNamed('mueller@')).toMatchObject({ name: 'Müller-Fair', phone: '+49301234567' });
});

test('on the board with the keyboard: a lead goes on, is lost only with a reason, and comes back by undo', async () => {
  await product.api('POST', `/sites/${site}/leads`, { name: 'Ottilie Brandt', email: 'ottilie@example.com' });
  await open('leads?view=board&search=Ottilie');
  const column = (name: string) => page.getByRole('region', { name, exact: true });
  await column('New').getByRole('link', { name: 'Ottilie Brandt' }).focus();
  await page.keyboard.press('Shift+ArrowRight');
  await column('Contacted').getByText('Ottilie Brandt').waitFor();

  await column('Contacted').getByRole('button', { name: 'Move Ottilie Brandt' }).press('Enter');
  await page.getByRole('menuitem', { name: 'Lost' }).press('Enter');
  const move = page.getByRole('button', { name: 'Move to Lost' });
  expect(await move.isDisabled()).toBe(true);
  await page.getByLabel('Why was it lost?').fill('Too expensive');
  await page.keyboard.press('Enter');
  await column('Lost').getByText('Too expensive').waitFor();

  await page.getByRole('button', { name: 'Undo' }).last().click();
  await column('Contacted').getByText('Ottilie Brandt').waitFor();
  expect(await leadNamed('Ottilie')).toMatchObject({ stage: 'contacted', lostReason: null });
});

describe('the lead whose story the demo tells', () => {
  test('a form, a call, silence, neglected, recycled, back after two months, won: all on its page', async () => {
    const clara = await leadNamed('Clara');
    expect(clara).toMatchObject({ stage: 'won', value: 640, recycleCount: 1 });
    await open(`leads/${clara?.id}`);
    for (const words of [
      'Sent a form',
      'They called us',
      'Nobody answered in time',
      'Went back to marketing',
      'Woke up',
      'Moved to Appointment',
      'Moved to Proposal',
      'Moved to Won',
    ]) {
      await page.getByText(words, { exact: true }).first().waitFor();
    }
    await page.getByText('Calls', { exact: true }).click();
    await page.getByText('Woke up', { exact: true }).waitFor({ state: 'detached' });
    expect(await page.getByText('We called them').count()).toBe(3);
  });

  test('the lines of its score add up to it', async () => {
    const clara = await leadNamed('Clara');
    const { score, lines } = await product.api<LeadScore>('GET', `/sites/${site}/leads/${clara?.id}/score`);
    expect(lines.reduce((sum, { points }) => sum + points, 0)).toBe(score);
    await open(`leads/${clara?.id}`);
    const panel = page.getByRole('region', { name: 'Score', exact: true });
    await panel.getByRole('row', { name: `Together ${score}` }).waitFor();
    expect(await panel.getByRole('row').count()).toBe(lines.length + 1);
  });
});

test('two leads of one person are merged, and taken apart again', async () => {
  const one = await product.api<LeadDetail>('POST', `/sites/${site}/leads`, {
    name: 'Wilma Keller',
    phone: '030 9018 5501',
  });
  await product.api('POST', `/sites/${site}/leads`, { name: 'W. Keller', email: 'wilma.keller@example.com' });
  await open(`leads/${one.id}`);
  await page.getByRole('button', { name: 'More for Wilma Keller' }).click();
  await page.getByRole('menuitem', { name: 'Merge with another lead…' }).click();
  await page.getByLabel('Which lead is the same person?').fill('W. Keller');
  await page.getByRole('button', { name: 'W. Keller wilma.keller@example.com' }).click();
  await page.getByRole('button', { name: 'Merge W. Keller into this' }).click();
  await page.getByText('is part of this', { exact: true }).waitFor();
  const email = async () => (await product.api<LeadDetail>('GET', `/sites/${site}/leads/${one.id}`)).email;
  expect(await email()).toBe('wilma.keller@example.com');
  await page.getByRole('button', { name: 'Take apart' }).click();
  await page.getByText('is part of this', { exact: true }).waitFor({ state: 'detached' });
  expect(await email()).toBeNull();
});

test('on Monday: the balance adds up, and each of its numbers opens exactly so many names', async () => {
  await open('week');
  await page.getByText('Each number has exactly as many names.').waitFor();
  const balance = await product.api<Balance>('GET', `/sites/${site}/balance`);
  const { carried, won, lost, nurture, progress, leaking } = balance;
  expect(balance.new + balance.back + carried).toBe(won + lost + nurture + progress + leaking);
  const number = page.getByRole('button', { name: /Nurture$/ });
  const shown = Number(/\d+/.exec(await number.innerText())?.[0]);
  await number.click();
  const drawer = page.getByRole('dialog', { name: 'Nurture' });
  await drawer
    .getByText(`of ${shown} lead`)
    .or(drawer.getByText(`All ${shown} lead`))
    .waitFor();
  // Names come fifty at a time.
  const more = drawer.getByRole('button', { name: 'Show more' });
  while (await more.count()) {
    const rows = await drawer.getByRole('row').count();
    await more.click();
    await until(async () => (await drawer.getByRole('row').count()) > rows);
  }
  await drawer.getByText(`All ${shown} lead`).waitFor();
  expect(await drawer.getByRole('row').count()).toBe(shown + 1);
});
