import { afterAll, beforeAll, describe, expect } from 'vitest';
import { build } from '../../../scripts/build.js';
import { browserKinds } from '../../support/browser.ts';
import { until } from '../../support/product.ts';
import { type RealCollector, startRealCollector } from '../../support/real-collector.ts';
import { type TestSite, tag, visitTest } from '../../support/visit.ts';

const pages = { '/': { head: tag(), body: '<h1>Home</h1><div style="height:4000px">tall</div>' } };

let collector: RealCollector;
beforeAll(async () => {
  await build();
  collector = await startRealCollector();
});
afterAll(() => collector?.close());

describe.each(browserKinds)('what lies in ClickHouse of visits with $name', (kind) => {
  const site: TestSite = { pages };
  let number = 0;
  beforeAll(async () => {
    const forward = await collector.newSite();
    site.forward = forward;
    number = forward.number;
  });
  const test = visitTest(kind, site);
  const rows = () => collector.rows({ number });

  test('a batch that was taken, and whose answer got lost, is stored once', async ({ visit }) => {
    visit.pages.answer('lost', 'lost');
    await visit.goto('/');
    await until(() => visit.pages.posts.filter(({ batch }) => batch.events[0]?.name === 'pageview').length >= 3);
    await visit.call('track', 'after');
    await until(async () => (await rows()).some(({ name }) => name === 'after'));
    expect((await rows()).map(({ name, seq }) => [name, seq])).toEqual([
      ['pageview', 0],
      ['after', 1],
    ]);
  });

  test('a computer whose clock is three hours wrong stores the right time', async ({ visit }) => {
    await visit.page.addInitScript(() => {
      const { now } = Date;
      Date.now = () => now() - 3 * 60 * 60 * 1000;
    });
    const before = Date.now();
    await visit.goto('/');
    await visit.call('track', 'clicked');
    await visit.arrived('clicked');
    const after = Date.now();
    const [stored] = await until(async () => {
      const found = (await rows()).filter(({ name }) => name === 'clicked');
      return found.length > 0 && found;
    });
    const at = Date.parse(`${stored?.ts.replace(' ', 'T')}Z`);
    expect(at).toBeGreaterThanOrEqual(before - 1_000);
    expect(at).toBeLessThanOrEqual(after + 1_000);
  });
});
