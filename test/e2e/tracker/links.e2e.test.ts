import { describe, expect } from 'vitest';
import { browserKinds } from '../../support/browser.ts';
import { stub, tag, type Visit, visitTest } from '../../support/visit.ts';

const links = `
  <a id="inside" href="/other">Other</a>
  <a id="out" href="https://book.example/treatments?token=secret#x"><b id="child">Book</b></a>
  <a id="tab" href="https://book.example/new-tab" target="_blank" rel="noopener">Book in a tab</a>
  <svg width="60" height="20"><a id="svg" href="https://svg.example/map"><text id="svg-text" y="15">Map</text></a></svg>
  <a id="pdf" href="/menu.pdf?session=secret">Menu</a> <a id="named" href="/report" download="anna.txt">Report</a>
  <a id="phone" href="tel:+431234567">Call</a> <a id="mail" href="mailto:us@salon.example?subject=secret">Write</a>
  <a id="whatsapp" href="https://wa.me/431234567?text=secret">WhatsApp</a> <a id="telegram" href="https://t.me/salon">Telegram</a>
  <div data-tt-ignore><a id="ignored" href="https://ignored.example/">Ignored</a></div>
  <div onclick="event.stopPropagation()"><a id="stopped" href="https://stopped.example/">Stopped</a></div>
  <script>
    // Nobody leaves in the tests that only look at what is told.
    if (location.search === '?stay') addEventListener('click', (event) => event.preventDefault(), true);
  </script>`;

const pages = {
  '/links': { head: tag(), body: links },
  '/next': { head: tag(), body: '<a id="back" href="/links">Back</a>' },
  '/missing': { head: tag(), body: 'No such page. <a href="/">Home</a>', status: 404 },
  '/app': { head: stub + tag(), body: '<main id="main">Home</main><a href="/app">Home</a>' },
};

/** Clicks links one after the other and gives what was told of each. */
async function told(visit: Visit, ids: string[]): Promise<unknown[]> {
  await visit.goto('/links?stay');
  for (const id of ids) await visit.page.click(`#${id}`);
  await visit.call('track', 'end');
  await visit.arrived('end');
  return visit
    .events()
    .filter(({ name }) => /click$|download$/.test(name))
    .map(({ name, props }) => [name, ...Object.values(props ?? {})]);
}

describe.each(browserKinds)('links in $name', { concurrent: true }, (kind) => {
  const test = visitTest(kind, { pages });

  test('links that lead out, files and contacts are told without what follows ? or #, and links inside are not', async ({
    visit,
  }) => {
    const ids = ['inside', 'child', 'svg-text', 'pdf', 'named', 'phone', 'mail', 'whatsapp', 'telegram'];
    expect(await told(visit, [...ids, 'ignored', 'stopped'])).toEqual([
      ['outbound_click', 'book.example/treatments'],
      ['outbound_click', 'svg.example/map'],
      ['file_download', `${new URL(visit.pages.url('/')).host}/menu.pdf`],
      ['file_download', `${new URL(visit.pages.url('/')).host}/report`],
      ['contact_click', 'tel:'],
      ['contact_click', 'mailto:'],
      ['contact_click', 'wa.me'],
      ['contact_click', 't.me'],
      ['outbound_click', 'stopped.example/'],
    ]);
    expect(JSON.stringify(visit.pages.posts)).not.toMatch(/secret|1234567|us@salon|anna/);
  });

  test('a link opened in a new tab, with the middle button or with Enter counts too, one with the right button does not', async ({
    visit,
  }) => {
    await visit.goto('/links?stay');
    await visit.page.click('#tab', { modifiers: ['ControlOrMeta'] });
    await visit.page.click('#out', { button: 'middle' });
    await visit.page.click('#pdf', { button: 'right' });
    await visit.page.focus('#phone');
    await visit.page.keyboard.press('Enter');
    await visit.arrived('contact_click');
    expect(visit.named('outbound_click').map(({ props }) => props)).toEqual([
      { url: 'book.example/new-tab' },
      { url: 'book.example/treatments' },
    ]);
    expect(visit.named('file_download')).toEqual([]);
  });

  test('leaving by a link delivers the click and is not held back', async ({ visit }) => {
    await visit.goto('/links');
    // The page is served under another host name too, which is another site for the browser.
    await visit.page.evaluate(() => {
      const link = document.querySelector('#out') as HTMLAnchorElement;
      link.href = `http://127.0.0.1:${location.port}/next`;
    });
    await visit.arrived('pageview');
    await visit.page.click('#out');
    await visit.page.waitForURL('**/next');
    const [click] = await visit.arrived('outbound_click');
    expect(click?.props?.url).toMatch(/^127\.0\.0\.1:\d+\/next$/);
  });

  test('a page that the server says is not there is told once, with the page it is', async ({ visit }) => {
    await visit.goto('/missing');
    await visit.arrived('not_found');
    await visit.goto('/next');
    await visit.arrived('pageview', 2);
    await visit.fence();
    expect(visit.paths('not_found')).toEqual(['/missing']);
  });

  test('an app marks a page that is not there with data-tt-not-found', async ({ visit }) => {
    await visit.goto('/app');
    await visit.page.evaluate(() => {
      history.pushState(null, '', '/app/nothing');
      const main = document.querySelector('main') as Element;
      main.innerHTML = '<h1 data-tt-not-found>Nothing here</h1><form><input name="search"></form>';
    });
    await visit.arrived('not_found');
    await visit.page.evaluate(() => {
      history.pushState(null, '', '/app/home');
      (document.querySelector('main') as Element).innerHTML = 'Home';
    });
    await visit.arrived('pageview', 3);
    await visit.fence();
    expect(visit.paths('not_found')).toEqual(['/app/nothing']);
  });
});

describe.each(browserKinds)('with events switched off in $name', { concurrent: true }, (kind) => {
  const autoEvents = { outbound: false, downloads: true, contacts: false, forms: false, notFound: false };
  const test = visitTest(kind, { pages, settings: { autoEvents: { ...autoEvents, clicks: false, dataLayer: false } } });

  test('only what the owner left on is told', async ({ visit }) => {
    expect(await told(visit, ['out', 'pdf', 'phone'])).toEqual([
      ['file_download', `${new URL(visit.pages.url('/')).host}/menu.pdf`],
    ]);
    await visit.goto('/missing');
    await visit.arrived('pageview', 2);
    await visit.fence();
    expect(visit.named('not_found')).toEqual([]);
  });
});
