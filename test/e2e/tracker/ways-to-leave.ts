import type { BrowserContextOptions } from 'playwright-core';
import type { BrowserKind } from '../../support/browser.ts';
import { until } from '../../support/product.ts';
import { tag, type Visit } from '../../support/visit.ts';

/** How many events of each name one visit has. */
type Counts = Record<string, number>;

/** One way to turn away from a page. Every visit opens `/`, tells of a click at the last moment, and goes. */
export interface WayToLeave {
  name: string;
  /** Where there is a recipe; everywhere if absent. */
  only?: BrowserKind['name'];
  profile?: BrowserContextOptions;
  leave: (visit: Visit) => Promise<void>;
  /** What happened, in one visit. */
  happened: Counts;
  /** What the best of the other trackers delivers of it, if not all. */
  bestPeer?: Counts;
}

export const pages = {
  '/': {
    head: tag(),
    body: `<h1>Home</h1><a id="to-left" href="/left">Away</a><a id="to-next" href="/next">Next</a>
      <a id="download" href="/prices.pdf">Prices</a>
      <form action="/left" method="post"><button id="send">Send</button></form>`,
  },
  '/left': { head: '', body: '<h1>Elsewhere</h1>' },
  '/next': { head: tag(), body: '<h1>Next</h1>' },
  '/prices.pdf': { head: '', body: 'x', headers: { 'content-disposition': 'attachment' } },
};

const wholeView = { pageview: 1, clicked: 1, engagement: 1 };
/** Exits without any event: the others only have what was sent before. */
const withoutLeaving = { pageview: 1, clicked: 1, engagement: 0 };

const click = (visit: Visit) => visit.call('track', 'clicked');

/** Tells of the click and activates a link or button in one go, as a handler of the page would. */
const clickOn = (visit: Visit, id: string) =>
  visit.page.evaluate((element) => {
    (window as unknown as { telltale: (...args: unknown[]) => void }).telltale('track', 'clicked');
    document.getElementById(element)?.click();
  }, id);

async function crash(visit: Visit): Promise<void> {
  await Promise.race([visit.page.goto('chrome://crash').catch(() => {}), visit.page.waitForEvent('crash')]);
}

export const waysToLeave: WayToLeave[] = [
  { name: 'link', leave: (visit) => clickOn(visit, 'to-left'), happened: wholeView },
  {
    name: 'close tab',
    async leave(visit) {
      await click(visit);
      await visit.closeTab();
    },
    happened: wholeView,
  },
  {
    name: 'close window',
    async leave(visit) {
      await click(visit);
      await visit.context.close();
    },
    happened: wholeView,
    bestPeer: withoutLeaving,
  },
  {
    name: 'kill renderer',
    only: 'Chromium',
    async leave(visit) {
      await click(visit);
      await visit.arrived('clicked');
      await crash(visit);
    },
    happened: wholeView,
    bestPeer: withoutLeaving,
  },
  {
    name: 'background',
    async leave(visit) {
      await click(visit);
      await visit.lookElsewhere();
    },
    happened: wholeView,
  },
  {
    name: 'phone: other app, then killed',
    only: 'Chromium',
    profile: { isMobile: true, hasTouch: true, viewport: { width: 412, height: 839 } },
    async leave(visit) {
      await click(visit);
      await visit.lookElsewhere();
      await crash(visit);
    },
    happened: wholeView,
  },
  {
    name: 'back/forward cache',
    async leave(visit) {
      await clickOn(visit, 'to-left');
      await visit.page.waitForURL('**/left');
      await visit.page.evaluate(() => history.back());
      await visit.arrived('pageview', 2);
      await visit.closeTab();
    },
    happened: { pageview: 2, clicked: 1, engagement: 2 },
  },
  {
    name: 'reload',
    async leave(visit) {
      await click(visit);
      await visit.page.reload();
      await visit.arrived('pageview', 2);
      await visit.closeTab();
    },
    happened: { pageview: 2, clicked: 1, engagement: 2 },
  },
  {
    name: 'form post',
    async leave(visit) {
      await clickOn(visit, 'send');
      await visit.page.waitForURL('**/left');
    },
    happened: { ...wholeView, form_submit: 1 },
  },
  {
    name: 'download',
    async leave(visit) {
      await clickOn(visit, 'download');
      await visit.arrived('clicked');
      await visit.closeTab();
    },
    happened: wholeView,
  },
  {
    name: '503 for 3 s, and stay',
    async leave(visit) {
      visit.pages.outage(503);
      await click(visit);
      const since = Date.now();
      await until(() => Date.now() - since > 3_000 && visit.pages.posts.some(({ status }) => status === 503));
      visit.pages.outage();
      await visit.arrived('clicked');
      await visit.closeTab();
    },
    happened: wholeView,
  },
  {
    name: '503, and leave',
    async leave(visit) {
      await visit.agree(5);
      visit.pages.outage(503);
      await clickOn(visit, 'to-next');
      await visit.page.waitForURL('**/next');
      await until(() => visit.pages.posts.some(({ status }) => status === 503));
      visit.pages.outage();
      await visit.arrived('pageview', 2);
    },
    happened: { pageview: 2, clicked: 1, engagement: 1 },
  },
];
