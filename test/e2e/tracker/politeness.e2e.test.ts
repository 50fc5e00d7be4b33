import { describe, expect } from 'vitest';
import { browserKinds } from '../../support/browser.ts';
import { until } from '../../support/product.ts';
import { stub, tag, type Visit, visitTest } from '../../support/visit.ts';

const quote = `<form action="/thanks" data-tt-form="Quote"><input name="email"><button>Send</button></form>`;
const pages = {
  '/': { head: stub + tag(), body: quote },
  '/needs-consent': { head: stub + tag(' data-consent="required"'), body: quote },
  '/cookieless': { head: stub + tag(' data-cookieless'), body: '' },
  '/elsewhere': { head: stub + tag(' data-domains="example.com"'), body: '' },
  '/admin/users': { head: stub + tag(' data-exclude="/admin/**"'), body: '' },
};

const nothing = { keys: [], cookies: '' };

describe.each(browserKinds)('politeness in $name', { concurrent: true }, (kind) => {
  const test = visitTest(kind, { pages });

  test.for([
    ['/elsewhere', 'domains'],
    ['/admin/users', 'exclude'],
  ] as const)('%s is not counted, because of data-%s', async ([path, reason], { visit }) => {
    await visit.goto(path);
    await visit.call('track', 'anything');
    await visit.call('debug');
    await until(() => visit.printed().includes(reason));
    await visit.closeTab();
    await visit.fence();
    expect(visit.pages.posts.filter(({ batch }) => batch.page !== 'fence')).toEqual([]);
  });

  test('with consent required nothing is sent or stored before it, and all of the page after it', async ({ visit }) => {
    await visit.goto('/needs-consent');
    await visit.call('track', 'waiting');
    await visit.page.fill('[name=email]', 'ana@example.com');
    await visit.fence();
    expect(visit.names()).toEqual([]);
    expect(await visit.stored()).toEqual(nothing);

    await visit.call('consent', true);
    await visit.arrived('waiting');
    expect(visit.paths('pageview')).toEqual(['/needs-consent']);
    const visitor = visit.named('waiting')[0]?.visitor;
    expect(visitor).toMatch(/^\d{10,30}$/);
    expect((await visit.stored()).keys).toContain('telltale.shop');
    expect((await visit.stored()).cookies).toBe('');

    await visit.page.reload();
    await visit.arrived('pageview', 2);
    expect(visit.named('pageview')[1]?.visitor).toBe(visitor);
  });

  test('with consent refused nothing is sent, and leaving sends nothing either', async ({ visit }) => {
    await visit.goto('/needs-consent');
    await visit.call('consent', false);
    await visit.call('track', 'refused');
    await visit.closeTab();
    await visit.fence();
    expect(visit.names()).toEqual([]);
  });

  test('refusing and then agreeing counts the page from then on', async ({ visit }) => {
    await refuseAndAgree(visit);
    expect(visit.names()).toEqual(['pageview', 'agreed']);
  });

  test('what is called after a refusal waits for it, however late the part is that hears it', async ({ visit }) => {
    await visit.page.route(/\/t\/v\//, async (route) => {
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await route.continue();
    });
    await refuseAndAgree(visit);
    expect(visit.names()).toEqual(['pageview', 'agreed']);
  });

  test('where consent is not required nothing is stored until it is given, and it is forgotten when taken back', async ({
    visit,
  }) => {
    await visit.goto('/');
    await visit.arrived('pageview');
    expect(await visit.stored()).toEqual(nothing);
    await visit.call('consent', true);
    await until(async () => (await visit.stored()).keys.includes('telltale.shop'));
    await visit.call('consent', false);
    await until(async () => (await visit.stored()).keys.length === 0);
    await visit.call('track', 'later');
    const [later] = await visit.arrived('later');
    expect(later?.visitor).toBeUndefined();
  });

  test('data-cookieless stores nothing even after consent', async ({ visit }) => {
    await visit.goto('/cookieless');
    await visit.call('consent', true);
    await visit.call('track', 'agreed');
    const [agreed] = await visit.arrived('agreed');
    expect(agreed?.visitor).toBeUndefined();
    expect(await visit.stored()).toEqual(nothing);
  });

  test.for([
    ['Global Privacy Control', 'globalPrivacyControl', true],
    ['Do Not Track', 'doNotTrack', '1'],
  ] as const)('a browser with %s sends and stores nothing', async ([, property, value], { visit }) => {
    await visit.page.addInitScript(([name, signal]) => Object.defineProperty(navigator, name, { get: () => signal }), [
      property,
      value,
    ] as const);
    await visit.goto('/');
    await visit.call('consent', true);
    await visit.call('track', 'anything');
    await visit.call('identify', { email: 'ana@example.com' });
    await visit.page.fill('[name=email]', 'ana@example.com');
    await visit.call('debug');
    await until(() => visit.printed().includes('GPC/DNT'));
    expect(await visit.stored()).toEqual(nothing);
    await visit.closeTab();
    await visit.fence();
    expect(visit.names()).toEqual([]);
  });

  test('opting out by hand lasts from page to page', async ({ visit }) => {
    await visit.goto('/');
    await visit.arrived('pageview');
    await visit.page.evaluate(() => localStorage.setItem('telltale.shop', 'off'));
    await visit.page.goto(visit.pages.url('/cookieless'));
    await visit.call('track', 'anything');
    await visit.page.reload();
    await visit.closeTab();
    await visit.fence();
    expect(visit.paths('pageview')).toEqual(['/']);
    expect(visit.names()).not.toContain('anything');
  });
});

describe.each(browserKinds)('what the owner set for the site, in $name', { concurrent: true }, (kind) => {
  const strict = visitTest(kind, { pages, settings: { consent: 'required' } });

  strict('consent is required without a word in the tag', async ({ visit }) => {
    await visit.goto('/');
    await visit.fence();
    expect(visit.names()).toEqual([]);
    await visit.call('consent', true);
    await visit.arrived('pageview');
  });
});

/** Each time something is tracked, of which only what follows the yes may arrive. */
async function refuseAndAgree(visit: Visit): Promise<void> {
  await visit.goto('/needs-consent');
  await visit.call('consent', false);
  await visit.call('track', 'refused');
  await visit.call('consent', true);
  await visit.call('track', 'agreed');
  await visit.arrived('agreed');
}
