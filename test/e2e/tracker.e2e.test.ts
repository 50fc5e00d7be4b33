import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTrackerAssets, type TrackerAssets } from '../../collector/tracker-assets.ts';
import { buildTracker } from '../../scripts/build-tracker.js';
import { launchBrowser } from '../support/browser.ts';
import { type Pages, type SentEvent, startPages } from '../support/pages.ts';
import { until } from '../support/product.ts';

const tag = (attributes = '') => `<script defer src="COLLECTOR/t/shop.js"${attributes}></script>`;
const stub =
  '<script>window.telltale=window.telltale||function(){(telltale.q=telltale.q||[]).push(arguments)}</script>';
const quote = `<form id="f" action="/thanks" data-tt-form="Quote">
  <input name="company"><input name="email"><input type="password" name="secret"><input name="note" data-tt-ignore>
  <button id="send">Send</button></form>`;
const tall = '<div style="height:4000px">tall</div>';

const site = {
  '/': { head: tag(), body: `<h1>Home</h1><a id="to-pricing" href="/pricing">Pricing</a>` },
  '/pricing': { head: tag(), body: `<h1>Pricing</h1><a href="/">Home</a>${tall}` },
  '/thanks': { head: tag(), body: 'Thanks' },
  '/quote': { head: tag(), body: quote },
  '/marked': {
    head: tag(),
    body: `<button data-tt-event="Booking Started" data-tt-prop-plan="pro" data-tt-prop-value="49.5"><b id="child">Book</b></button>
      <div id="div" role="button" tabindex="0" data-tt-event="Chat Opened">Chat</div>
      <div id="clicking" role="button" tabindex="0" data-tt-event="Clicked By Key" onkeydown="this.click()">Chat</div>
      <label data-tt-event="Terms Accepted"><span id="label">I agree</span> <input type="checkbox"></label>
      <div data-tt-ignore><button id="ignored" data-tt-event="Secret">Secret</button></div>
      <form data-tt-event="Searched" onsubmit="return false"><button id="search">Search</button></form>
      <div onclick="event.stopPropagation()"><button id="stopped" data-tt-event="Stopped">x</button></div>`,
  },
  '/needs-consent': { head: stub + tag(' data-consent="required"'), body: quote },
  '/cookieless': { head: stub + tag(' data-cookieless'), body: '' },
  '/stubbed': { head: `${stub}<script>telltale('track', 'early', { plan: 'pro' })</script>${tag()}`, body: '' },
  '/twice': { head: tag() + tag(), body: '' },
  '/by-hand': { head: stub + tag(' data-auto="false"'), body: '' },
  '/hash': { head: stub + tag(' data-hash'), body: '' },
  '/elsewhere': { head: stub + tag(' data-domains="example.com"'), body: '' },
  '/admin/users': { head: stub + tag(' data-exclude="/admin/**"'), body: '' },
  '/loaded-strangely': {
    // No currentScript: the code is run as text, as script loaders do.
    head: `<script type="text/plain" src="COLLECTOR/t/shop.js"></script>
      <script>fetch('COLLECTOR/t/shop.js').then((r) => r.text()).then((code) => new Function(code)())</script>`,
    body: '',
  },
  '/hostile': {
    head: `<script>
        Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } });
        for (const kind of [History, HTMLFormElement, Element, Array, Map, String]) Object.freeze(kind.prototype);
        window.fetch = () => { throw new Error('the page broke fetch'); };
        navigator.sendBeacon.toString = null;
      </script>${stub}${tag()}`,
    body: quote,
  },
  '/scripted-form': { head: tag(), body: quote.replace('id="send"', `type="button" onclick="this.form.submit()"`) },
  '/late-title': { head: tag(), body: `<script>setTimeout(() => { document.title = 'Shoes' }, 20)</script>` },
  // Not tracked; says that it was there after longer than the tracker gathers events.
  '/fence': {
    head: `<script>
        const body = JSON.stringify({ v: 1, site: 'shop', page: 'fence', events: [{ name: 'fence', seq: 0 }] });
        setTimeout(() => fetch('COLLECTOR/e', { method: 'POST', body }), 300);
      </script>`,
    body: '',
  },
};

let browser: Browser;
let assets: TrackerAssets;
let pages: Pages;
let context: BrowserContext;
let page: Page;
const pageErrors: Error[] = [];

beforeAll(async () => {
  await buildTracker();
  const kept = mkdtempSync(join(tmpdir(), 'tracker-'));
  assets = openTrackerAssets(fileURLToPath(new URL('../../dist/tracker', import.meta.url)), kept);
  rmSync(kept, { recursive: true });
  browser = await launchBrowser();
}, 60_000);
afterAll(() => browser?.close());

beforeEach(async () => {
  pages = await startPages({ assets, pages: site });
  context = await browser.newContext();
  page = await newPage(context);
});
afterEach(async () => {
  await context.close();
  await pages.close();
  expect(pageErrors.splice(0)).toEqual([]);
});

async function newPage(from: BrowserContext): Promise<Page> {
  const opened = await from.newPage();
  opened.on('pageerror', (error) => pageErrors.push(error));
  return opened;
}

const events = () => pages.events().filter(({ name }) => name !== 'fence');
const named = (name: string) => events().filter((event) => event.name === name);
const names = () => events().map(({ name }) => name);
const pathOf = (event: SentEvent) => new URL(urlOf(event)).pathname;
/** Later events of a batch leave the URL out: it is that of their page view. */
const urlOf = (event: SentEvent) =>
  event.url ?? pages.events().find(({ page: id, url }) => id === event.page && url)?.url ?? '';
const paths = (name: string) => named(name).map(pathOf);

async function arrived(name: string, count = 1): Promise<SentEvent[]> {
  await until(
    () => named(name).length >= count,
    10_000,
    () => `${count} × "${name}" did not arrive; there are: ${names().join(', ')}`,
  );
  return named(name);
}

/** Calls `telltale(…)` in the page. */
const call = (...args: unknown[]) =>
  page.evaluate((given) => (window as unknown as { telltale: (...list: unknown[]) => void }).telltale(...given), args);

/** Leaves the page as a visitor does who closes the tab. */
async function closeTab(): Promise<void> {
  const closed = page.waitForEvent('close');
  await page.close({ runBeforeUnload: true });
  await closed;
}

/** Everything sent so far has arrived when the request of a browser that came later is there. */
async function fence(): Promise<void> {
  const other = await browser.newContext();
  try {
    await (await newPage(other)).goto(pages.url('/fence'));
    await until(() => pages.events().some(({ page: id }) => id === 'fence'));
  } finally {
    await other.close();
  }
}

describe('page views', () => {
  test('opening a page sends one page view, as text and without cookies, with address, referrer and title', async () => {
    await page.goto(pages.url('/pricing?utm_source=news#top'), { referer: 'https://search.example/' });
    const [view] = await arrived('pageview');
    expect(view).toMatchObject({ seq: 0, url: pages.url('/pricing?utm_source=news'), title: 'Title of /pricing' });
    expect(view?.ref).toBe('https://search.example/');
    expect(view?.age).toBeGreaterThanOrEqual(200);
    expect(view?.visitor).toBeUndefined();
    const post = pages.posts[0];
    expect(post).toMatchObject({ contentType: 'text/plain;charset=UTF-8', cookie: undefined });
    expect(post?.batch).toMatchObject({ v: 1, site: 'shop' });
    expect(post?.batch.sent).toBeGreaterThan(Date.now() - 60_000);
  });

  test('moving inside a single-page app sends a view for each new path, and none for a new query', async () => {
    await page.goto(pages.url('/'));
    await arrived('pageview');
    await page.evaluate(() => {
      history.replaceState(null, '', '?seats=5');
      history.pushState(null, '', '?seats=6');
      history.replaceState(null, '', '/a');
      history.pushState(null, '', '/a/b');
      history.pushState(null, '', '/a/b?tab=2');
    });
    await arrived('pageview', 3);
    await page.evaluate(() => history.go(-2));
    await arrived('pageview', 4);
    await closeTab();
    await fence();
    expect(paths('pageview')).toEqual(['/', '/a', '/a/b', '/a']);
    expect(new Set(named('pageview').map(({ page: id }) => id)).size).toBe(4);
  });

  test('a title that the app sets after the address is the one that is sent', async () => {
    await page.goto(pages.url('/late-title'));
    await arrived('pageview');
    await page.evaluate(() => {
      history.pushState(null, '', '/shirts');
      setTimeout(() => {
        document.title = 'Shirts';
      }, 20);
    });
    await arrived('pageview', 2);
    expect(named('pageview').map(({ title }) => title)).toEqual(['Shoes', 'Shirts']);
  });

  test('coming back from the back/forward cache is a view of its own, marked as such', async () => {
    await page.goto(pages.url('/'));
    await arrived('pageview');
    await page.evaluate(() => {
      (window as { kept?: boolean }).kept = true;
    });
    await page.click('#to-pricing');
    await arrived('pageview', 2);
    await page.evaluate(() => history.back());
    const [, , back] = await arrived('pageview', 3);
    expect(await page.evaluate(() => (window as { kept?: boolean }).kept)).toBe(true);
    expect(paths('pageview')).toEqual(['/', '/pricing', '/']);
    expect(back?.props).toEqual({ nav: 'bfcache' });
  });

  test('a tab opened in the background counts only when it is looked at', async () => {
    await page.addInitScript(() => {
      const state = { hidden: true };
      Object.defineProperty(document, 'hidden', { get: () => state.hidden });
      Object.assign(window, {
        look() {
          state.hidden = false;
          document.dispatchEvent(new Event('visibilitychange'));
        },
      });
    });
    await page.goto(pages.url('/'));
    await call('track', 'in the dark');
    await fence();
    expect(names()).toEqual([]);
    await page.evaluate(() => (window as unknown as { look: () => void }).look());
    await arrived('in the dark');
    expect(paths('pageview')).toEqual(['/']);
  });

  test('two tags on one page count once', async () => {
    await page.goto(pages.url('/twice'));
    await arrived('pageview');
    await call('track', 'clicked');
    await arrived('clicked');
    await closeTab();
    await fence();
    expect(names().filter((name) => name !== 'engagement')).toEqual(['pageview', 'clicked']);
  });

  test('a script without currentScript finds its tag', async () => {
    await page.goto(pages.url('/loaded-strangely'));
    await arrived('pageview');
    expect(paths('pageview')).toEqual(['/loaded-strangely']);
  });

  test('data-auto="false" leaves page views to the page', async () => {
    await page.goto(pages.url('/by-hand'));
    await page.evaluate(() => history.pushState(null, '', '/by-hand/2'));
    await call('track', 'ready');
    await arrived('ready');
    await call('page', { url: '/virtual?x=1', title: 'Virtual', props: { tier: 2 } });
    const [view] = await arrived('pageview');
    expect(view).toMatchObject({ url: pages.url('/virtual?x=1'), title: 'Virtual', props: { tier: 2 } });
    expect(pathOf(named('ready')[0] as SentEvent)).toBe('/by-hand/2');
  });

  test('data-hash makes what follows # part of the path', async () => {
    await page.goto(pages.url('/hash#/a'));
    await arrived('pageview');
    await page.evaluate(() => {
      location.hash = '/b';
    });
    await arrived('pageview', 2);
    expect(named('pageview').map(({ url }) => url)).toEqual([pages.url('/hash#/a'), pages.url('/hash#/b')]);
  });

  test.each([
    ['/elsewhere', 'domains'],
    ['/admin/users', 'exclude'],
  ])('%s is not counted, because of data-%s', async (path, reason) => {
    const printed = printedBy(page);
    await page.goto(pages.url(path));
    await call('track', 'anything');
    await call('debug');
    await until(() => printed().includes(reason));
    await closeTab();
    await fence();
    expect(names()).toEqual([]);
  });
});

describe('events', () => {
  test('calls made before the script was there are counted after the page view', async () => {
    await page.goto(pages.url('/stubbed'));
    const [early] = await arrived('early');
    expect(early).toMatchObject({ seq: 1, props: { plan: 'pro' } });
    expect(names()).toEqual(['pageview', 'early']);
    expect(pages.posts.length).toBe(1);
  });

  test('data-tt-event counts clicks on the element and its children, keys, and a label once', async () => {
    await page.goto(pages.url('/marked'));
    await page.click('#child');
    const [booking] = await arrived('Booking Started');
    expect(booking?.props).toEqual({ plan: 'pro', value: 49.5 });

    await page.click('#label');
    await page.click('#ignored');
    await page.click('#search');
    await page.click('#stopped');
    await page.focus('#div');
    await page.keyboard.press('Enter');
    await page.keyboard.press('x');
    await page.focus('#clicking');
    await page.keyboard.press('Enter');
    await page.focus('button');
    await page.keyboard.press('Space');
    await arrived('Booking Started', 2);
    await closeTab();
    await fence();
    expect(names().filter((name) => /^[A-Z]/.test(name))).toEqual([
      'Booking Started',
      'Terms Accepted',
      'Searched',
      'Stopped',
      'Chat Opened',
      'Clicked By Key',
      'Booking Started',
    ]);
  });

  test('identify sends who it is, and only with flat values', async () => {
    await page.goto(pages.url('/'));
    await call('identify', { email: 'ana@example.com', id: 42, seats: 5, nested: { no: 1 } });
    const [event] = await arrived('identify');
    expect(event?.identity).toEqual({ email: 'ana@example.com', id: '42', seats: 5 });
    expect(event?.props).toBeUndefined();
  });

  test('wrong calls are ignored, and debug tells about them and about the server', async () => {
    const printed = printedBy(page);
    await page.goto(pages.url('/'));
    await call('track');
    await call('track', 5);
    await call('trakc', 'typo');
    await call('identify', 'ana@example.com');
    await call('consent', 'yes');
    await call('page', { url: 'http://[' });
    await call();
    await call('track', 'refused by the server', { good: 1, bad: { deep: true } });
    const [event] = await arrived('refused by the server');
    expect(event?.props).toEqual({ good: 1 });
    expect(names()).toEqual(['pageview', 'refused by the server']);
    await until(async () => {
      await call('debug');
      return printed().includes('202 invalid');
    });
    for (const words of ['trakc', 'ignored', 'ignored bad', `${pages.collector}/e`]) expect(printed()).toContain(words);
  });
});

describe('engagement', () => {
  test('closing the tab sends the time in sight and the deepest scroll, once', async () => {
    await page.goto(pages.url('/pricing'));
    await arrived('pageview');
    await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await page.waitForFunction(() => performance.now() > 600);
    await page.evaluate(() => scrollTo(0, 0));
    await closeTab();
    const [engagement] = await arrived('engagement');
    await fence();
    expect(named('engagement').length).toBe(1);
    expect(engagement?.page).toBe(named('pageview')[0]?.page);
    expect(engagement?.props?.scroll).toBe(100);
    expect(engagement?.props?.engaged_ms).toBeGreaterThan(200);
    expect(engagement?.props?.engaged_ms).toBeLessThan(10_000);
  });

  test('leaving by a link at once delivers the view, its engagement and the click that left', async () => {
    await page.goto(pages.url('/'));
    await page.click('#to-pricing');
    await arrived('pageview', 2);
    expect(paths('pageview')).toEqual(['/', '/pricing']);
    expect(paths('engagement')).toEqual(['/']);
  });

  test('a route change ends the time of the page before', async () => {
    await page.goto(pages.url('/'));
    await page.waitForFunction(() => performance.now() > 400);
    await page.evaluate(() => history.pushState(null, '', '/next'));
    const [first] = await arrived('engagement');
    expect(first && pathOf(first)).toBe('/');
    await closeTab();
    const [, second] = await arrived('engagement', 2);
    expect(second && pathOf(second)).toBe('/next');
  });
});

describe('forms', () => {
  test('a form that is begun and left sends its start and the last field, never what was typed', async () => {
    await page.goto(pages.url('/quote'));
    await page.locator('[name=company]').pressSequentially('Geheim GmbH');
    await page.locator('[name=email]').pressSequentially('ana@secret.example');
    await page.locator('[name=secret]').pressSequentially('hunter2hunter2');
    await page.locator('[name=note]').pressSequentially('do not look');
    await closeTab();
    const [abandon] = await arrived('form_abandon');
    expect(named('form_start').map(({ props }) => props)).toEqual([{ form: 'Quote', field: 'company' }]);
    expect(abandon?.props).toEqual({ form: 'Quote', field: 'secret' });
    const wire = JSON.stringify(pages.posts);
    for (const typed of ['Geheim', 'ana@secret', 'hunter2', 'do not']) expect(wire).not.toContain(typed);
  });

  test('a form that is sent is not abandoned', async () => {
    await page.goto(pages.url('/quote'));
    await page.fill('[name=email]', 'ana@example.com');
    await page.click('#send');
    await arrived('pageview', 2);
    await fence();
    expect(names().filter((name) => name.startsWith('form'))).toEqual(['form_start', 'form_submit']);
    expect(named('form_submit')[0]?.props).toEqual({ form: 'Quote' });
  });

  test('a form that a script sends with form.submit() is not abandoned', async () => {
    await page.goto(pages.url('/scripted-form'));
    await page.fill('[name=email]', 'ana@example.com');
    await page.click('button');
    await arrived('pageview', 2);
    await fence();
    expect(names().filter((name) => name.startsWith('form'))).toEqual(['form_start', 'form_submit']);
  });

  test('a form that is only looked at sends nothing', async () => {
    await page.goto(pages.url('/quote'));
    await page.focus('[name=email]');
    await closeTab();
    await fence();
    expect(names().filter((name) => name.startsWith('form'))).toEqual([]);
  });

  test('a form left by a route change is abandoned on the page it was on', async () => {
    await page.goto(pages.url('/quote'));
    await page.fill('[name=company]', 'ACME');
    await page.evaluate(() => history.pushState(null, '', '/elsewhere'));
    const [abandon] = await arrived('form_abandon');
    expect(abandon && pathOf(abandon)).toBe('/quote');
  });
});

describe('consent and privacy', () => {
  const storage = () => page.evaluate(() => ({ keys: Object.keys(localStorage), cookies: document.cookie }));

  test('with consent required nothing is sent or stored before it, and all of the page after it', async () => {
    await page.goto(pages.url('/needs-consent'));
    await call('track', 'waiting');
    await page.fill('[name=email]', 'ana@example.com');
    await fence();
    expect(names()).toEqual([]);
    expect(await storage()).toEqual({ keys: [], cookies: '' });

    await call('consent', true);
    await arrived('waiting');
    expect(paths('pageview')).toEqual(['/needs-consent']);
    const visitor = named('waiting')[0]?.visitor;
    expect(visitor).toMatch(/^\d{10,30}$/);
    expect(pages.posts.at(-1)?.batch.consent).toBe('granted');
    expect(await storage()).toEqual({ keys: ['telltale.shop'], cookies: '' });

    await page.reload();
    await arrived('pageview', 2);
    expect(named('pageview')[1]?.visitor).toBe(visitor);
  });

  test('with consent refused nothing is sent, and leaving sends nothing either', async () => {
    await page.goto(pages.url('/needs-consent'));
    await call('consent', false);
    await call('track', 'refused');
    await closeTab();
    await fence();
    expect(names()).toEqual([]);
  });

  test('refusing and then agreeing counts the page from then on', async () => {
    await page.goto(pages.url('/needs-consent'));
    await call('consent', false);
    await call('track', 'refused');
    await call('consent', true);
    await call('track', 'agreed');
    await arrived('agreed');
    expect(names()).toEqual(['pageview', 'agreed']);
  });

  test('where consent is not required nothing is stored until it is given, and it is forgotten when taken back', async () => {
    await page.goto(pages.url('/stubbed'));
    await arrived('pageview');
    expect((await storage()).keys).toEqual([]);
    await call('consent', true);
    expect((await storage()).keys).toEqual(['telltale.shop']);
    await call('consent', false);
    expect((await storage()).keys).toEqual([]);
    await call('track', 'later');
    const [later] = await arrived('later');
    expect(later?.visitor).toBeUndefined();
  });

  test('reset makes somebody else of the visitor', async () => {
    await page.goto(pages.url('/stubbed'));
    await call('consent', true);
    await call('track', 'before');
    const [before] = await arrived('before');
    await call('reset');
    await call('track', 'after');
    const [after] = await arrived('after');
    expect(after?.visitor).toMatch(/^\d{10,30}$/);
    expect(after?.visitor).not.toBe(before?.visitor);
  });

  test('data-cookieless stores nothing even after consent', async () => {
    await page.goto(pages.url('/cookieless'));
    await call('consent', true);
    await call('track', 'agreed');
    const [agreed] = await arrived('agreed');
    expect(agreed?.visitor).toBeUndefined();
    expect(await storage()).toEqual({ keys: [], cookies: '' });
  });

  test.each([
    ['Global Privacy Control', 'globalPrivacyControl', true],
    ['Do Not Track', 'doNotTrack', '1'],
  ])('a browser with %s sends and stores nothing', async (_, property, value) => {
    const printed = printedBy(page);
    await page.addInitScript(
      ([name, signal]) => Object.defineProperty(navigator, name as string, { get: () => signal }),
      [property, value],
    );
    await page.goto(pages.url('/quote'));
    await call('consent', true);
    await call('track', 'anything');
    await call('identify', { email: 'ana@example.com' });
    await page.fill('[name=email]', 'ana@example.com');
    await call('debug');
    await until(() => printed().includes('GPC/DNT'));
    expect(await storage()).toEqual({ keys: [], cookies: '' });
    await closeTab();
    await fence();
    expect(names()).toEqual([]);
  });

  test('a browser that is opted out by hand sends nothing', async () => {
    await page.addInitScript(() => localStorage.setItem('telltale.off', '1'));
    await page.goto(pages.url('/'));
    await closeTab();
    await fence();
    expect(names()).toEqual([]);
  });
});

describe('delivery', () => {
  test('what the server could not take is sent again, with the same ids, and only once', async () => {
    pages.answer(503, 429);
    await page.goto(pages.url('/'));
    await call('track', 'during the outage');
    await until(() => pages.posts.length >= 1);
    await arrived('during the outage');
    await closeTab();
    await fence();
    const ids = pages.posts.map(({ batch, status }) => [
      status,
      ...batch.events.map(({ seq }) => `${batch.page}.${seq}`),
    ]);
    expect(ids[0]?.[0]).toBe(503);
    expect(ids[1]?.[0]).toBe(429);
    expect(ids[1]?.slice(1)).toEqual(ids[0]?.slice(1));
    expect(ids[2]?.slice(1, ids[0]?.length)).toEqual(ids[0]?.slice(1));
    expect(names().filter((name) => name !== 'engagement')).toEqual(['pageview', 'during the outage']);
    // The age is written anew for every try, so that the event keeps its time.
    const ages = pages.posts.slice(0, 3).map(({ batch }) => batch.events[0]?.age ?? 0);
    expect(ages[1]).toBeGreaterThan(ages[0] ?? 0);
    expect(ages[2]).toBeGreaterThan(ages[1] ?? 0);
  });

  test('a refusal that will stay one is not repeated', async () => {
    pages.answer(400);
    await page.goto(pages.url('/'));
    await until(() => pages.posts.length === 1);
    await call('track', 'next');
    await arrived('next');
    expect(names()).toEqual(['next']);
  });

  test('leaving during an outage gives the events to the browser once more', async () => {
    pages.answer(503);
    const printed = printedBy(page);
    await page.goto(pages.url('/'));
    await until(async () => {
      await call('debug');
      return printed().includes('503');
    });
    await closeTab();
    await arrived('pageview');
    expect(names()).toEqual(['pageview', 'engagement']);
  });

  test('more events than one request holds arrive in order, none twice', async () => {
    await page.goto(pages.url('/'));
    await page.evaluate(() => {
      const { telltale } = window as unknown as { telltale: (...args: unknown[]) => void };
      for (let number = 0; number < 120; number++) telltale('track', 'counted', { number });
    });
    await arrived('counted', 120);
    expect(named('counted').map(({ props }) => props?.number)).toEqual(
      Array.from({ length: 120 }, (_, number) => number),
    );
    expect(new Set(events().map(({ id }) => id)).size).toBe(121);
    expect(pages.posts.every(({ batch }) => batch.events.length <= 50)).toBe(true);
  });

  test('a page without storage, with frozen prototypes and a broken fetch is counted and not hurt', async () => {
    await page.goto(pages.url('/hostile'));
    await call('consent', true);
    await page.evaluate(() => history.pushState(null, '', '/hostile/2'));
    expect(page.url()).toBe(pages.url('/hostile/2'));
    await page.fill('[name=company]', 'ACME');
    await closeTab();
    await arrived('form_abandon');
    expect(paths('pageview')).toEqual(['/hostile']);
  });

  test('a site that does not exist says so in the console of its owner', async () => {
    const printed = printedBy(page);
    await page.goto(pages.url('/'));
    await page.addScriptTag({ url: `${pages.collector}/t/nobody.js` });
    await until(() => printed().includes('there is no site "nobody"'));
  });
});

/** All the page wrote to its console, as text. */
function printedBy(from: Page): () => string {
  const lines: string[] = [];
  from.on('console', async (message) => {
    lines.push(message.text());
    const values = await Promise.all(message.args().map((value) => value.jsonValue().catch(() => '')));
    lines.push(JSON.stringify(values));
  });
  return () => lines.join('\n');
}
