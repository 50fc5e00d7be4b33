import { describe, expect } from 'vitest';
import { browserKinds } from '../../support/browser.ts';
import { until } from '../../support/product.ts';
import { tag, visitTest } from '../../support/visit.ts';

const pages = {
  '/': { head: tag(), body: `<h1>Home</h1><a id="to-pricing" href="/pricing">Pricing</a>` },
  '/pricing': { head: tag(), body: '<h1>Pricing</h1><a href="/">Home</a><div style="height:4000px">tall</div>' },
};

// One after the other: only one window of a browser has the focus, and time without it does not count.
describe.each(browserKinds)('engagement in $name', (kind) => {
  const test = visitTest(kind, { pages });

  test('closing the tab sends the time in sight and the deepest scroll, once', async ({ visit }) => {
    await visit.goto('/pricing');
    await visit.arrived('pageview');
    await visit.page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await visit.page.waitForFunction(() => performance.now() > 600);
    await visit.page.evaluate(() => scrollTo(0, 0));
    const openMs = await visit.page.evaluate(() => performance.now());
    await visit.closeTab();
    const [engagement] = await visit.arrived('engagement');
    await visit.fence();
    expect(visit.named('engagement').length).toBe(1);
    expect(engagement?.page).toBe(visit.named('pageview')[0]?.page);
    expect(engagement?.props?.scroll).toBe(100);
    expect(engagement?.props?.engaged_ms).toBeGreaterThan(200);
    // The closing itself takes a moment, on a busy machine a long one.
    expect(engagement?.props?.engaged_ms).toBeLessThan(openMs + 10_000);
  });

  test('time in another tab does not count', async ({ visit }) => {
    await visit.page.addInitScript(() => {
      const out = { ofSightMs: 0 };
      let since = 0;
      document.addEventListener('visibilitychange', () => {
        if (document.hidden) since = performance.now();
        else out.ofSightMs += performance.now() - since;
      });
      Object.assign(window, { out });
    });
    await visit.goto('/pricing');
    const back = await visit.lookElsewhere();
    await visit.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 1_000)));
    await back();
    const inSightMs = await visit.page.evaluate(
      () => performance.now() - (window as unknown as { out: { ofSightMs: number } }).out.ofSightMs,
    );
    await visit.page.evaluate(() => history.pushState(null, '', '/next'));
    await until(() => visit.named('engagement').some(({ seq }) => seq === 2));
    const total = visit.named('engagement').find(({ seq }) => seq === 2);
    const moreMs = await visit.page.evaluate(() => performance.now());
    expect(Number(total?.props?.engaged_ms)).toBeGreaterThan(0);
    expect(Number(total?.props?.engaged_ms)).toBeLessThanOrEqual(inSightMs + moreMs);
  });

  test('a visitor who comes back goes on with the same totals of the same view', async ({ visit }) => {
    await visit.goto('/pricing');
    await visit.arrived('pageview');
    const back = await visit.lookElsewhere();
    const [first] = await visit.arrived('engagement');
    await back();
    await visit.page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
    await visit.page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)));
    await visit.closeTab();
    const all = await visit.arrived('engagement', 2);
    await visit.fence();
    const last = all.at(-1);
    expect(last?.page).toBe(first?.page);
    expect(last?.seq).toBeGreaterThan(first?.seq ?? 0);
    expect(Number(last?.props?.engaged_ms)).toBeGreaterThan(Number(first?.props?.engaged_ms) + 200);
    expect(Number(first?.props?.scroll)).toBeLessThan(100);
    expect(last?.props?.scroll).toBe(100);
  });

  test('leaving by a link at once delivers the view and its engagement', async ({ visit }) => {
    await visit.goto('/');
    await visit.page.click('#to-pricing');
    await visit.arrived('pageview', 2);
    await visit.arrived('engagement');
    expect(visit.paths('pageview')).toEqual(['/', '/pricing']);
    expect(visit.paths('engagement')).toEqual(['/']);
  });

  test('a route change ends the time of the page before', async ({ visit }) => {
    await visit.goto('/');
    await visit.page.waitForFunction(() => performance.now() > 400);
    await visit.page.evaluate(() => history.pushState(null, '', '/next'));
    await visit.arrived('engagement');
    expect(visit.paths('engagement')).toEqual(['/']);
    await visit.closeTab();
    await visit.arrived('engagement', 2);
    expect(visit.paths('engagement')).toEqual(['/', '/next']);
  });

  test('a page that is read for half an hour sends nothing while it is read', async ({ visit }) => {
    await visit.page.clock.install();
    await visit.goto('/pricing');
    await visit.page.clock.runFor('05:00');
    await visit.arrived('pageview');
    await visit.page.clock.runFor('30:00');
    await visit.fence();
    expect(visit.names()).toEqual(['pageview']);
  });
});
