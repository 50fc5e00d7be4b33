import { describe, expect } from 'vitest';
import { browserKinds } from '../../support/browser.ts';
import type { Post } from '../../support/pages.ts';
import { until } from '../../support/product.ts';
import { stub, tag, trackInOutage, visitTest } from '../../support/visit.ts';

const pages = {
  '/': { head: stub + tag(), body: '<h1>Home</h1><a id="next" href="/next">Next</a>' },
  '/early': { head: `${stub}<script>telltale('track', 'during the outage')</script>${tag()}`, body: '' },
  '/next': { head: stub + tag(), body: '<h1>Next</h1>' },
};

/** The ids of one request, as the server makes them of page and number. */
const idsOf = ({ batch }: Post) => batch.events.map(({ seq }) => `${batch.page}.${seq}`);

describe.each(browserKinds)('delivery in $name', { concurrent: true }, (kind) => {
  const test = visitTest(kind, { pages });

  test('what the server could not take is sent again, with the same ids, and only once', async ({ visit }) => {
    const { posts } = visit.pages;
    visit.pages.answer(503, 429);
    await visit.goto('/early');
    await visit.arrived('during the outage');
    await visit.closeTab();
    await visit.fence();
    expect(posts.slice(0, 2).map(({ status }) => status)).toEqual([503, 429]);
    const [first = [], second, third] = posts.map(idsOf);
    expect(second).toEqual(first);
    expect(third?.slice(0, first.length)).toEqual(first);
    expect(visit.names().filter((name) => name !== 'engagement')).toEqual(['pageview', 'during the outage']);
    // The time of the event stays, and that of sending is written anew for every try, so that a wrong clock is still corrected.
    const times = posts.slice(0, 3).map(({ batch }) => ({ at: batch.events[0]?.at, sent: batch.sent ?? 0 }));
    expect(new Set(times.map(({ at }) => at)).size).toBe(1);
    expect(times[1]?.sent).toBeGreaterThan(times[0]?.sent ?? 0);
    expect(times[2]?.sent).toBeGreaterThan(times[1]?.sent ?? 0);
  });

  test('a connection that breaks is tried again', async ({ visit }) => {
    visit.pages.answer('reset', 'reset');
    await visit.goto('/');
    await visit.arrived('pageview');
    expect(visit.named('pageview').length).toBe(1);
  });

  test('a refusal that will stay one is not repeated', async ({ visit }) => {
    visit.pages.answer(400);
    await visit.goto('/');
    await until(() => visit.pages.posts.length === 1);
    await visit.call('track', 'next');
    await visit.arrived('next');
    expect(visit.names()).toEqual(['next']);
  });

  test('what happened offline is delivered when the browser is online again', async ({ visit }) => {
    await visit.goto('/');
    await visit.arrived('pageview');
    await visit.context.setOffline(true);
    await visit.call('track', 'in the tunnel');
    await visit.fence();
    expect(visit.names()).toEqual(['pageview']);
    await visit.context.setOffline(false);
    await visit.arrived('in the tunnel');
    await visit.fence();
    expect(visit.named('in the tunnel').length).toBe(1);
  });

  test('leaving during an outage gives the events to the browser once more', async ({ visit }) => {
    visit.pages.answer(503);
    await visit.goto('/');
    await until(async () => {
      await visit.call('debug');
      return visit.printed().includes('503');
    });
    await visit.closeTab();
    await visit.arrived('pageview');
    await visit.fence();
    expect(new Set(visit.names())).toEqual(new Set(['pageview', 'engagement']));
  });

  test('with consent, what an outage kept back is delivered from the next page', async ({ visit }) => {
    await visit.goto('/');
    await trackInOutage(visit, 'nearly lost');
    await visit.page.click('#next');
    await visit.page.waitForURL('**/next');
    await visit.fence();
    expect(visit.names()).not.toContain('nearly lost');
    visit.pages.outage();
    await visit.arrived('nearly lost');
    await visit.arrived('pageview', 2);
    await visit.fence();
    expect(visit.paths('nearly lost')).toEqual(['/']);
    expect(visit.paths('pageview')).toEqual(['/', '/next']);
  });

  test('without consent nothing is kept for the next page', async ({ visit }) => {
    visit.pages.outage(503);
    await visit.goto('/');
    await visit.call('track', 'kept back');
    await until(() => visit.pages.posts.length > 0);
    expect(await visit.stored()).toEqual({ keys: [], cookies: '' });
    await visit.page.click('#next');
    await visit.page.waitForURL('**/next');
    expect(await visit.stored()).toEqual({ keys: [], cookies: '' });
  });

  test('more events than one request holds arrive in order, none twice', async ({ visit }) => {
    await visit.goto('/');
    await visit.page.evaluate(() => {
      const { telltale } = window as unknown as { telltale: (...args: unknown[]) => void };
      for (let number = 0; number < 120; number++) telltale('track', 'counted', { number });
    });
    await visit.arrived('counted', 120);
    expect(visit.named('counted').map(({ props }) => props?.number)).toEqual(
      Array.from({ length: 120 }, (_, number) => number),
    );
    expect(new Set(visit.events().map(({ id }) => id)).size).toBe(121);
    expect(visit.pages.posts.every(({ batch }) => batch.events.length <= 50)).toBe(true);
  });

  test('no request is larger than what browsers carry past the end of a page', async ({ visit }) => {
    await visit.goto('/');
    await visit.arrived('pageview');
    const text = '漢'.repeat(900);
    // 30 events of 2,700 bytes are 81 kB, more than all requests of a page that is left may have together.
    await visit.page.evaluate((words) => {
      const { telltale } = window as unknown as { telltale: (...args: unknown[]) => void };
      for (let number = 0; number < 30; number++) telltale('track', 'large', { number, words });
    }, text);
    await visit.arrived('large', 30);
    expect(Math.max(...visit.pages.posts.map(({ bytes }) => bytes))).toBeLessThanOrEqual(65_536);
    expect(visit.named('large').map(({ props }) => props?.number)).toEqual(Array.from({ length: 30 }, (_, n) => n));
  });

  test('events keep their order by number, and one page id says which view they are of', async ({ visit }) => {
    visit.pages.answer(503);
    await visit.goto('/');
    await visit.call('track', 'first');
    await visit.call('track', 'second');
    await visit.page.evaluate(() => history.pushState(null, '', '/elsewhere'));
    await visit.call('track', 'third');
    await visit.arrived('third');
    const [first, second, third] = ['first', 'second', 'third'].map((name) => visit.named(name)[0]);
    expect(first?.page).toBe(second?.page);
    expect(first?.seq).toBeLessThan(second?.seq ?? 0);
    expect(third?.page).not.toBe(first?.page);
    // An event of a page needs no id of its own: page and number are one.
    expect(visit.pages.posts.flatMap(({ batch }) => batch.events).filter((event) => event.id)).toEqual([]);
  });
});
