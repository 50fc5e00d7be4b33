import { describe, expect } from 'vitest';
import { browserKinds } from '../../support/browser.ts';
import { until } from '../../support/product.ts';
import { stub, tag, visitTest } from '../../support/visit.ts';

const calls = `
  telltale('track', 'called', { plan: 'pro', seats: 5, yearly: true });
  telltale('track', 'bought', { value: 49.5, currency: 'EUR' });
  telltale('identify', { email: 'ana@example.com', id: 42, seats: 5, nested: { no: 1 } });
  telltale('page', { url: '/virtual', title: 'Virtual' });
  telltale('track');
  telltale('trakc', 'typo');`;

const pages = {
  '/': { head: tag(), body: '<h1>Home</h1>' },
  '/early': { head: `${stub}<script>${calls}</script>${tag()}`, body: '' },
  '/late': { head: tag(), body: `<script>addEventListener('load', () => {${calls}})</script>` },
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
};

describe.each(browserKinds)('events in $name', { concurrent: true }, (kind) => {
  const test = visitTest(kind, { pages });

  test.for(['/early', '/late'])('calls made before and after loading behave the same: %s', async (path, { visit }) => {
    await visit.goto(path);
    await visit.arrived('pageview', 2);
    await visit.fence();
    const counted = visit.events().filter(({ name }) => name !== 'engagement');
    expect(counted.map(({ name, seq, props }) => [name, seq, props])).toEqual([
      ['pageview', 0, undefined],
      ['called', 1, { plan: 'pro', seats: 5, yearly: true }],
      ['bought', 2, { value: 49.5, currency: 'EUR' }],
      ['identify', 3, undefined],
      ['pageview', 0, undefined],
    ]);
    expect(counted[3]?.identity).toEqual({ email: 'ana@example.com', id: 42, seats: 5 });
    expect(counted[4]).toMatchObject({ url: visit.pages.url('/virtual'), title: 'Virtual' });
  });

  // Alone: another page that gets the focus between the two halves of a key press takes the click away.
  test.sequential('data-tt-event counts clicks on the element and its children, keys, and a label once', async ({
    visit,
  }) => {
    const { page } = visit;
    await visit.goto('/marked');
    await page.click('#child');
    const [booking] = await visit.arrived('Booking Started');
    expect(booking?.props).toEqual({ plan: 'pro', value: 49.5 });

    for (const id of ['label', 'ignored', 'search', 'stopped']) await page.click(`#${id}`);
    await page.focus('#div');
    await page.keyboard.press('Enter');
    await page.keyboard.press('x');
    await page.focus('#clicking');
    await page.keyboard.press('Enter');
    await page.focus('button');
    await page.keyboard.press('Space');
    await visit.arrived('Booking Started', 2);
    await visit.closeTab();
    await visit.fence();
    expect(visit.names().filter((name) => /^[A-Z]/.test(name))).toEqual([
      'Booking Started',
      'Terms Accepted',
      'Searched',
      'Stopped',
      'Chat Opened',
      'Clicked By Key',
      'Booking Started',
    ]);
  });

  test('wrong calls are ignored, and debug tells about them and about the server', async ({ visit }) => {
    await visit.goto('/');
    // `reset` forgets what is not sent yet.
    await visit.arrived('pageview');
    await visit.call('track');
    await visit.call('track', 5);
    await visit.call('trakc', 'typo');
    await visit.call('identify', 'ana@example.com');
    await visit.call('consent', 'yes');
    await visit.call('page', { url: 'http://[' });
    await visit.call();
    // Nothing that a test may hand over from outside the page.
    await visit.page.evaluate(() => {
      const { telltale } = window as unknown as { telltale: (...args: unknown[]) => void };
      telltale(Symbol('track'));
      telltale('reset', Symbol('now'));
      telltale('trakc', Object.create(null));
    });
    await visit.call('track', 'refused by the server', { good: 1, bad: { deep: true } });
    const [event] = await visit.arrived('refused by the server');
    expect(event?.props).toEqual({ good: 1 });
    expect(visit.names()).toEqual(['pageview', 'refused by the server']);
    await until(async () => {
      await visit.call('debug');
      return visit.printed().includes('202 invalid');
    });
    for (const words of ['trakc', 'ignored', 'ignored bad', `${visit.pages.collector}/e`])
      expect(visit.printed()).toContain(words);
  });

  test('debug prints no more than the last 20 hits', async ({ visit }) => {
    await visit.goto('/');
    await visit.page.evaluate(() => {
      const { telltale } = window as unknown as { telltale: (...args: unknown[]) => void };
      for (let number = 1; number <= 30; number++) telltale(`wrong-${number}`);
    });
    await visit.call('debug');
    await until(() => visit.printed().includes('wrong-30'));
    expect(visit.printed()).toContain('wrong-12');
    expect(visit.printed()).not.toContain('wrong-1"');
  });

  test('reset makes somebody else of the visitor, and forgets what was not sent', async ({ visit }) => {
    await visit.goto('/');
    await visit.agree(3);
    await visit.call('track', 'before');
    const [before] = await visit.arrived('before');
    await visit.page.evaluate(() => {
      const { telltale } = window as unknown as { telltale: (...args: unknown[]) => void };
      telltale('track', 'not sent yet');
      telltale('reset');
    });
    await visit.call('track', 'after');
    const [after] = await visit.arrived('after');
    expect(after?.visitor).toMatch(/^\d{10,30}$/);
    expect(after?.visitor).not.toBe(before?.visitor);
    await visit.fence();
    expect(visit.names()).not.toContain('not sent yet');
  });

  test('a site that does not exist says so in the console of its owner', async ({ visit }) => {
    await visit.goto('/');
    await visit.page.addScriptTag({ url: `${visit.pages.collector}/t/nobody.js` });
    await until(() => visit.printed().includes('there is no site "nobody"'));
  });
});
