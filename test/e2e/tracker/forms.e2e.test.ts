import { describe, expect } from 'vitest';
import { browserKinds } from '../../support/browser.ts';
import { tag, type Visit, visitTest } from '../../support/visit.ts';

const quote = `<form id="f" action="/thanks" data-tt-form="Quote">
  <input name="company"><input name="email"><input type="password" name="secret"><input name="note" data-tt-ignore>
  <button id="send">Send</button></form>`;

const pages = {
  '/quote': { head: tag(), body: quote },
  '/scripted-form': { head: tag(), body: quote.replace('id="send"', `type="button" onclick="this.form.submit()"`) },
  '/thanks': { head: tag(), body: 'Thanks' },
};

const formEvents = (visit: Visit) => visit.names().filter((name) => /^form_(start|submit|abandon)$/.test(name));

describe.each(browserKinds)('forms in $name', { concurrent: true }, (kind) => {
  const test = visitTest(kind, { pages });

  test('a form that is begun and left sends its start and the last field, never what was typed', async ({ visit }) => {
    await visit.goto('/quote');
    await visit.page.locator('[name=company]').pressSequentially('Geheim GmbH');
    await visit.arrived('form_start');
    await visit.page.locator('[name=email]').pressSequentially('ana@secret.example');
    await visit.page.locator('[name=secret]').pressSequentially('hunter2hunter2');
    await visit.page.locator('[name=note]').pressSequentially('do not look');
    await visit.closeTab();
    const [abandon] = await visit.arrived('form_abandon');
    expect(visit.named('form_start').map(({ props }) => props)).toEqual([{ form: 'Quote', field: 'company' }]);
    expect(abandon?.props).toMatchObject({ form: 'Quote', field: 'password' });
    const wire = JSON.stringify(visit.pages.posts);
    for (const typed of ['Geheim', 'ana@secret', 'hunter2', 'do not']) expect(wire).not.toContain(typed);
  });

  test.for([
    ['/quote', 'by its button'],
    ['/scripted-form', 'by form.submit() of a script'],
  ] as const)('a form that is sent is not abandoned: %s', async ([path], { visit }) => {
    await visit.goto(path);
    await visit.page.fill('[name=email]', 'ana@example.com');
    await visit.page.click('button');
    await visit.arrived('pageview', 2);
    await visit.fence();
    expect(formEvents(visit)).toEqual(['form_start', 'form_submit']);
    expect(visit.named('form_submit')[0]?.props).toMatchObject({ form: 'Quote' });
  });

  test('a form that is only looked at sends nothing', async ({ visit }) => {
    await visit.goto('/quote');
    await visit.page.focus('[name=email]');
    await visit.closeTab();
    await visit.fence();
    expect(formEvents(visit)).toEqual([]);
  });

  test('a form left by a route change is abandoned on the page it was on', async ({ visit }) => {
    await visit.goto('/quote');
    await visit.page.fill('[name=company]', 'ACME');
    await visit.arrived('form_start');
    await visit.page.evaluate(() => history.pushState(null, '', '/elsewhere'));
    await visit.arrived('form_abandon');
    expect(visit.paths('form_abandon')).toEqual(['/quote']);
  });
});
