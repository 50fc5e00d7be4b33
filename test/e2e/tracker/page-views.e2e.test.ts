import { describe, expect } from 'vitest';
import { browserKinds } from '../../support/browser.ts';
import type { SentEvent } from '../../support/pages.ts';
import { stub, tag, type Visit, visitTest } from '../../support/visit.ts';

const pages = {
  '/': { head: tag(), body: `<h1>Home</h1><a id="to-pricing" href="/pricing?utm_source=news#top">Pricing</a>` },
  '/pricing': { head: tag(), body: '<h1>Pricing</h1>' },
  '/twice': { head: tag() + tag(), body: '' },
  '/by-hand': { head: stub + tag(' data-auto="false"'), body: '' },
  '/hash': { head: stub + tag(' data-hash'), body: '' },
  '/late-title': { head: tag(), body: `<script>setTimeout(() => { document.title = 'Shoes' }, 20)</script>` },
  '/loaded-strangely': {
    // No currentScript: the code is run as text, as script loaders do.
    head: `<script type="text/plain" src="COLLECTOR/t/SITE.js"></script>
      <script>fetch('COLLECTOR/t/SITE.js').then((r) => r.text()).then((code) => new Function(code)())</script>`,
    body: '',
  },
};

describe.each(browserKinds)('page views in $name', { concurrent: true }, (kind) => {
  const test = visitTest(kind, { pages });

  test('opening a page sends one page view, as text and without cookies, with address, referrer and title', async ({
    visit,
  }) => {
    await visit.goto('/');
    await visit.page.click('#to-pricing');
    const [, view] = await visit.arrived('pageview', 2);
    expect(view).toMatchObject({
      seq: 0,
      url: visit.pages.url('/pricing?utm_source=news'),
      title: 'Title of /pricing',
    });
    expect(view?.ref).toBe(visit.pages.url('/'));
    const post = visit.pages.posts.find(({ batch }) => batch.page === view?.page);
    expect((post?.batch.sent ?? 0) - (view?.at ?? 0)).toBeGreaterThanOrEqual(200);
    expect(view?.visitor).toBeUndefined();
    for (const each of visit.pages.posts)
      expect(each).toMatchObject({ contentType: 'text/plain;charset=UTF-8', cookie: undefined });
    expect(visit.pages.posts[0]?.batch).toMatchObject({ v: 1, site: 'shop' });
    expect(visit.pages.posts[0]?.batch.sent).toBeGreaterThan(Date.now() - 60_000);
    expect(visit.pages.requests).not.toContain('OPTIONS /e');
  });

  test('moving inside a single-page app sends a view for each new path, and none for a new query', async ({
    visit,
  }) => {
    await visit.goto('/');
    await visit.arrived('pageview');
    await visit.page.evaluate(() => {
      history.replaceState(null, '', '?seats=5');
      history.pushState(null, '', '?seats=6');
      history.replaceState(null, '', '/a');
      history.pushState(null, '', '/a/b');
      history.pushState(null, '', '/a/b?tab=2');
    });
    await visit.arrived('pageview', 3);
    await visit.page.evaluate(() => history.go(-2));
    await visit.arrived('pageview', 4);
    await visit.closeTab();
    await visit.fence();
    expect(visit.paths('pageview')).toEqual(['/', '/a', '/a/b', '/a']);
    expect(new Set(visit.named('pageview').map(({ page: id }) => id)).size).toBe(4);
  });

  test('ten moves in a row are ten views, in their order', async ({ visit }) => {
    await visit.goto('/');
    await visit.page.evaluate(() => {
      for (let number = 1; number <= 10; number++) {
        // As Vue's router does: the old page once more, then the new one.
        history.replaceState(null, '', location.href);
        history.pushState(null, '', `/step/${number}`);
      }
    });
    await visit.arrived('pageview', 11);
    await visit.fence();
    expect(visit.paths('pageview')).toEqual(['/', ...Array.from({ length: 10 }, (_, index) => `/step/${index + 1}`)]);
  });

  test('a title that the app sets after the address is the one that is sent', async ({ visit }) => {
    await visit.goto('/late-title');
    await visit.arrived('pageview');
    await moveToShirts(visit, 20);
    await visit.arrived('pageview', 2);
    expect(visit.named('pageview').map(({ title }) => title)).toEqual(['Shoes', 'Shirts']);
  });

  test('the answer to the view before does not send the next one before its title is there', async ({ visit }) => {
    const answerNow = visit.pages.hold();
    await visit.goto('/late-title');
    await visit.arrived('pageview');
    await moveToShirts(visit, 200);
    answerNow();
    await visit.arrived('pageview', 2);
    expect(visit.named('pageview').map(({ title }) => title)).toEqual(['Shoes', 'Shirts']);
  });

  test('coming back from the back/forward cache is a view of its own', async ({ visit }) => {
    await visit.goto('/');
    await visit.arrived('pageview');
    await visit.page.evaluate(() => {
      (window as { kept?: boolean }).kept = true;
    });
    await visit.page.click('#to-pricing');
    await visit.arrived('pageview', 2);
    await visit.page.evaluate(() => history.back());
    await visit.arrived('pageview', 3);
    expect(await visit.page.evaluate(() => (window as { kept?: boolean }).kept)).toBe(true);
    expect(visit.paths('pageview')).toEqual(['/', '/pricing', '/']);
  });

  test('a tab opened in the background counts only when it is looked at', async ({ visit }) => {
    const [background, lookAtIt] = await visit.openInBackground('/pricing');
    await background.evaluate(() =>
      (window as unknown as { telltale: (...list: unknown[]) => void }).telltale('track', 'in the dark'),
    );
    await visit.fence();
    expect(visit.names()).toEqual([]);
    await lookAtIt();
    await visit.arrived('in the dark');
    expect(visit.paths('pageview')).toEqual(['/pricing']);
  });

  test('two tags on one page count once', async ({ visit }) => {
    await visit.goto('/twice');
    await visit.arrived('pageview');
    await visit.call('track', 'clicked');
    await visit.arrived('clicked');
    await visit.closeTab();
    await visit.fence();
    expect(visit.names().filter((name) => name !== 'engagement')).toEqual(['pageview', 'clicked']);
  });

  test('a script that is run again, as Turbo does with the body of a page, counts once', async ({ visit }) => {
    await visit.goto('/');
    await visit.arrived('pageview');
    await visit.page.addScriptTag({ url: `${visit.pages.collector}/t/shop.js` });
    await visit.page.evaluate(() => history.pushState(null, '', '/next'));
    await visit.arrived('pageview', 2);
    await visit.fence();
    expect(visit.paths('pageview')).toEqual(['/', '/next']);
  });

  test('a script without currentScript finds its tag', async ({ visit }) => {
    await visit.goto('/loaded-strangely');
    await visit.arrived('pageview');
    expect(visit.paths('pageview')).toEqual(['/loaded-strangely']);
  });

  test('data-auto="false" leaves page views to the page', async ({ visit }) => {
    await visit.goto('/by-hand');
    await visit.page.evaluate(() => history.pushState(null, '', '/by-hand/2'));
    await visit.call('track', 'ready');
    await visit.arrived('ready');
    await visit.call('page', {
      url: '/virtual?x=1&msclkid=1a&y=2&utm_source=news',
      title: 'Virtual',
      props: { tier: 2 },
    });
    const [view] = await visit.arrived('pageview');
    expect(view).toMatchObject({
      url: visit.pages.url('/virtual?msclkid=1a&utm_source=news'),
      title: 'Virtual',
      props: { tier: 2 },
    });
    expect(new URL(visit.urlOf(visit.named('ready')[0] as SentEvent)).pathname).toBe('/by-hand/2');
  });

  test('data-hash makes what follows # part of the path', async ({ visit }) => {
    await visit.goto('/hash#/a');
    await visit.arrived('pageview');
    await visit.page.evaluate(() => {
      location.hash = '/b';
    });
    await visit.arrived('pageview', 2);
    expect(visit.named('pageview').map(({ url }) => url)).toEqual([
      visit.pages.url('/hash#/a'),
      visit.pages.url('/hash#/b'),
    ]);
  });

  test('without data-hash a jump inside the page is no view', async ({ visit }) => {
    await visit.goto('/');
    await visit.page.evaluate(() => {
      location.hash = '/b';
    });
    await visit.call('track', 'after the jump');
    await visit.arrived('after the jump');
    expect(visit.named('pageview').map(({ url }) => url)).toEqual([visit.pages.url('/')]);
  });
});

/** As an app does that sets its title late: by so much. */
const moveToShirts = (visit: Visit, titleAfterMs: number) =>
  visit.page.evaluate((ms) => {
    history.pushState(null, '', '/shirts');
    setTimeout(() => {
      document.title = 'Shirts';
    }, ms);
  }, titleAfterMs);
