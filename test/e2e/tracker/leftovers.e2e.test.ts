import { describe, expect } from 'vitest';
import { browserKinds } from '../../support/browser.ts';
import { until } from '../../support/product.ts';
import { stub, tag, trackInOutage, visitTest } from '../../support/visit.ts';

const pages = {
  '/': { head: stub + tag(), body: '<h1>Home</h1><a href="/next">Next</a>' },
  '/next': { head: stub + tag(), body: '<h1>Next</h1>' },
  '/quiet': { head: '', body: 'No tag here' },
};

describe.each(browserKinds)('what is left over in $name', { concurrent: true }, (kind) => {
  const test = visitTest(kind, { pages });

  test('what the server did not take before the visitor left is sent by the next page, with the same ids', async ({
    visit,
  }) => {
    await visit.goto('/');
    await trackInOutage(visit, 'during the outage');
    await visit.goto('/quiet');
    expect(visit.named('during the outage')).toEqual([]);
    expect((await visit.stored()).keys.length).toBe(2);

    visit.pages.outage();
    await visit.goto('/next');
    const [late] = await visit.arrived('during the outage');
    const [before, after] = await visit.arrived('pageview', 2);
    expect(late?.page).toBe(before?.page);
    expect(late?.visitor).toBe(after?.visitor);
    await visit.fence();
    // Once, and then forgotten: only the id is left.
    expect(visit.named('during the outage').length).toBe(1);
    await until(async () => (await visit.stored()).keys.join() === 'telltale.shop');
  });

  test('going back and forth while the server is away does not multiply what waits', async ({ visit }) => {
    const travel = async (by: number, path: string) => {
      await visit.page.evaluate((steps) => history.go(steps), by);
      await until(async () => (await visit.page.evaluate(() => location.pathname).catch(() => '')) === path);
    };
    await visit.goto('/');
    await trackInOutage(visit, 'during the outage');
    await visit.goto('/next');
    for (let times = 0; times < 4; times++) {
      await travel(-1, '/');
      await travel(1, '/next');
    }
    visit.pages.outage();
    await visit.closeTab();
    await visit.arrived('during the outage');
    await visit.fence();
    // Once more where it was on its way when the page was left.
    expect(visit.named('during the outage').length).toBeLessThan(3);
  });

  test('taking consent back, or a log-out, deletes what was left over', async ({ visit }) => {
    await visit.goto('/');
    await visit.call('consent', true);
    await until(async () => (await visit.stored()).keys.length === 1);
    await visit.page.evaluate(() => {
      localStorage.setItem('telltale.shop.1', JSON.stringify({ page: '1', url: location.href, events: [] }));
    });
    await visit.call('reset');
    await until(async () => (await visit.stored()).keys.join() === 'telltale.shop');
    await visit.call('consent', false);
    await until(async () => (await visit.stored()).keys.length === 0);
  });

  test('?telltale=off leaves a browser out for good, and ?telltale=on takes it back', async ({ visit }) => {
    await visit.goto('/?telltale=off');
    await visit.goto('/next');
    await visit.fence();
    expect(visit.names()).toEqual([]);
    await visit.goto('/?telltale=on');
    await visit.arrived('pageview');
    expect(visit.paths('pageview')).toEqual(['/']);
  });
});

describe.each(browserKinds.filter(({ name }) => name === 'Chromium'))('a crash in $name', (kind) => {
  const test = visitTest(kind, { pages });

  test('a page that dies without a word still tells how long it was read', async ({ visit }) => {
    await visit.goto('/');
    const [view] = await visit.arrived('pageview');
    await visit.page.waitForFunction(() => performance.now() > 6_000);
    await visit.page.goto('chrome://crash').catch(() => {});
    const [engagement] = await visit.arrived('engagement');
    expect(engagement?.page).toBe(view?.page);
    expect(engagement?.props?.visible_ms).toBeGreaterThan(3_000);
    await visit.fence();
    expect(visit.names()).toEqual(['pageview', 'engagement']);
  });
});
