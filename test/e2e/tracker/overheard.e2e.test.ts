import { describe, expect } from 'vitest';
import { browserKinds } from '../../support/browser.ts';
import { stub, tag, visitTest } from '../../support/visit.ts';

const shop = `<script>
  window.dataLayer = window.dataLayer || [];
  function gtag() { dataLayer.push(arguments); }
  gtag('js', new Date());
  gtag('config', 'G-1');
  dataLayer.push({ event: 'gtm.js', 'gtm.start': 1 });
  dataLayer.push({ event: 'view_item', ecommerce: { currency: 'EUR', value: 20, items: [{ item_id: 'mug' }] } });
  // What stands in for Segment until it is loaded.
  window.analytics = { listeners: [], on(call, run) { this.listeners.push(run); },
    track(name, props) { this.listeners.forEach((run) => run(name, props, {})); } };
</script>`;
const pages = { '/shop': { head: shop + stub + tag(), body: '<button id="buy">Buy</button>' } };

/** What the page tells others after it was loaded. */
function tellOthers(): void {
  const page = window as unknown as {
    gtag: (...args: unknown[]) => void;
    dataLayer: { push: (...entries: unknown[]) => unknown };
    analytics: { track: (name: string, props: unknown) => void };
  };
  page.dataLayer.push({
    event: 'add_to_cart',
    ecommerce: { currency: 'EUR', value: 40 },
    userEmail: 'ana@example.com',
  });
  page.gtag('event', 'purchase', { transaction_id: 'T1', value: 40, currency: 'EUR', note: 'for ana@example.com' });
  page.dataLayer.push(null, undefined, 5, { event: 5 }, () => {});
  page.analytics.track('Order Completed', { order_id: 'T1', revenue: 40, phone: '+43123456', products: [] });
}

describe.each(browserKinds)('calls to other tools in $name', { concurrent: true }, (kind) => {
  const autoEvents = { outbound: true, downloads: true, contacts: true, forms: true, notFound: true, clicks: true };
  describe('switched on', () => {
    const test = visitTest(kind, { pages, settings: { autoEvents: { ...autoEvents, dataLayer: true } } });

    test('are understood, those before the tracker came too, without what is said of persons', async ({ visit }) => {
      await visit.goto('/shop');
      await visit.arrived('view_item');
      await visit.page.evaluate(tellOthers);
      await visit.arrived('Order Completed');
      const heard = visit.events().filter(({ via }) => via);
      expect(heard.map(({ name, via, props }) => [name, via, props])).toEqual([
        ['view_item', 'ga4', { currency: 'EUR', value: 20 }],
        ['add_to_cart', 'ga4', { currency: 'EUR', value: 40 }],
        ['purchase', 'ga4', { transaction_id: 'T1', value: 40, currency: 'EUR' }],
        ['Order Completed', 'segment', { order_id: 'T1', revenue: 40 }],
      ]);
    });
  });

  describe('as usual', () => {
    const test = visitTest(kind, { pages });

    test('are left alone', async ({ visit }) => {
      await visit.goto('/shop');
      await visit.page.evaluate(tellOthers);
      await visit.closeTab();
      await visit.arrived('engagement');
      await visit.fence();
      expect(visit.events().filter(({ via }) => via)).toEqual([]);
    });
  });
});
