import { describe, expect } from 'vitest';
import { browserKinds } from '../../support/browser.ts';
import { stub, tag, type Visit, visitTest } from '../../support/visit.ts';

const fields = `<input name="first_name"><input name="last_name"><input type="email" name="mail"><input type="tel" name="number">
  <input name="company"><input name="username"><textarea name="message"></textarea><input name="email2" data-tt-ignore>
  <input type="password" name="email_password"><button>Send</button>`;
// The page clears its form as soon as it is sent.
const form = (attributes: string) => `<form ${attributes} onsubmit="this.reset(); return false">${fields}</form>`;
const pages = {
  '/sent': { head: stub + tag(), body: form('data-tt-form="Quote" data-tt-lead') },
  '/partial': { head: stub + tag(), body: form('data-tt-form="Booking" data-tt-lead="partial"') },
  '/unmarked': { head: stub + tag(), body: form('name="Plain"') },
};

async function fillIn({ page }: Visit): Promise<void> {
  const values = [
    'Ana',
    'Berger',
    'ana@example.com',
    '+43 664 123456',
    'ACME',
    'anaberger',
    'Please call',
    'x@y.example',
    'p@ss.word',
  ];
  const inputs = page.locator('input, textarea');
  for (const [index, value] of values.entries()) await inputs.nth(index).fill(value);
}
const identities = (visit: Visit) => visit.named('identify').map(({ identity }) => identity);
const ana = { name: 'Ana Berger', email: 'ana@example.com', phone: '+43 664 123456', company: 'ACME' };

describe.each(browserKinds)('leads in $name', { concurrent: true }, (kind) => {
  const test = visitTest(kind, { pages });

  test('a form marked data-tt-lead tells who sent it, when it is sent', async ({ visit }) => {
    await visit.goto('/sent');
    await fillIn(visit);
    await visit.arrived('form_field', 5);
    expect(identities(visit)).toEqual([]);
    await visit.page.click('button');
    await visit.arrived('form_submit');
    expect(identities(visit)).toEqual([{ ...ana, incomplete: false }]);
    expect(JSON.stringify(visit.pages.posts)).not.toMatch(/anaberger|Please call|x@y|p@ss/);
  });

  test('after consent a form marked "partial" tells on the way who is there, and in the end that it was sent', async ({
    visit,
  }) => {
    await visit.goto('/partial');
    await visit.call('consent', true);
    await fillIn(visit);
    await visit.page.click('button');
    await visit.arrived('form_submit');
    const [first, ...others] = identities(visit);
    // As soon as an address is known.
    expect(first).toEqual({ name: 'Ana Berger', email: 'ana@example.com', incomplete: true });
    expect(others.slice(-2)).toEqual([
      { ...ana, incomplete: true },
      { ...ana, incomplete: false },
    ]);
  });

  test('an address that is typed and left by closing the tab is kept after consent', async ({ visit }) => {
    await visit.goto('/partial');
    await visit.call('consent', true);
    await visit.page.fill('[name=mail]', 'ana@example.com');
    await visit.arrived('form_start');
    await visit.closeTab();
    await visit.arrived('identify');
    expect(identities(visit)).toEqual([{ email: 'ana@example.com', incomplete: true }]);
  });

  test.for([
    { path: '/partial', consent: undefined, where: 'of a partial form without consent, before it is sent' },
    { path: '/sent', consent: false, where: 'after consent was refused' },
    { path: '/unmarked', consent: true, where: 'of a form that the owner did not mark' },
  ])('nothing typed is told $where', async ({ path, consent }, { visit }) => {
    await visit.goto(path);
    if (consent !== undefined) await visit.call('consent', consent);
    await fillIn(visit);
    if (path !== '/partial') await visit.page.click('button');
    await visit.closeTab();
    await visit.arrived(path === '/partial' ? 'form_abandon' : 'form_submit');
    await visit.fence();
    expect(JSON.stringify(visit.pages.posts)).not.toMatch(/Berger|ana@|123456|ACME|anaberger|Please call|x@y|p@ss/);
  });
});
