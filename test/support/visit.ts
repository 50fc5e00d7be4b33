import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, test as base, beforeAll, expect } from 'vitest';
import { openTrackerAssets, type TrackerAssets } from '../../collector/tracker-assets.ts';
import { build } from '../../scripts/build.js';
import type { BrowserKind } from './browser.ts';
import { type Pages, type SentEvent, startPages } from './pages.ts';
import { stopFocusEmulation } from './playwright-internals.ts';
import { until } from './product.ts';

/** The tag of the site, with attributes. */
export const tag = (attributes = '') => `<script defer src="COLLECTOR/t/SITE.js"${attributes}></script>`;
export const stub =
  '<script>window.telltale=window.telltale||function(){(telltale.q=telltale.q||[]).push(arguments)}</script>';

/** What a test site is made of. */
export type TestSite = Omit<Parameters<typeof startPages>[0], 'assets'>;

/** One visitor with a browser profile of their own, on a site of their own that records what the tracker sends. */
export interface Visit {
  kind: BrowserKind;
  browser: Browser;
  pages: Pages;
  context: BrowserContext;
  page: Page;
  /** Another tab of the same visitor. */
  newPage: () => Promise<Page>;
  goto: (path: string) => Promise<void>;
  /** What was accepted, in order of arrival. */
  events: () => SentEvent[];
  names: () => string[];
  named: (name: string) => SentEvent[];
  /** The path of each event of this name. */
  paths: (name: string) => string[];
  urlOf: (event: SentEvent) => string;
  /** The events of this name, when there are so many. */
  arrived: (name: string, count?: number) => Promise<SentEvent[]>;
  /** Calls `telltale(…)` in the page. */
  call: (...args: unknown[]) => Promise<void>;
  /** The visitor agrees. Resolves when the page has so many files beside the script, one of which keeps for the next page what this one cannot send. */
  agree: (files: number) => Promise<void>;
  /** Leaves as a visitor does who closes the tab. */
  closeTab: () => Promise<void>;
  /** The visitor looks at another tab; the function it returns brings them back. */
  lookElsewhere: () => Promise<() => Promise<void>>;
  /** A second tab in the window of the first, of which only one is in sight, as for a visitor. */
  tabBeside: () => Promise<Page>;
  /** A tab that is loaded out of sight, and the function that looks at it. */
  openInBackground: (path: string) => Promise<[Page, () => Promise<void>]>;
  /** Everything that was sent so far, or was about to be, has arrived. */
  fence: () => Promise<void>;
  /** All that the page wrote to its console. */
  printed: () => string;
  /** Keys of the page's storage, and its cookies. */
  stored: () => Promise<{ keys: string[]; cookies: string }>;
  end: () => Promise<void>;
  /** Errors that nobody caught in any page. Tests end with none. */
  errors: Error[];
}

/** A longer pause than the one in which the tracker gathers events. */
const longerThanGatheringMs = 300;

/** `test` with a `visit` for each test, in one browser of this kind that all tests of the group share. */
export function visitTest(kind: BrowserKind, site: TestSite) {
  let browser: Browser;
  let assets: TrackerAssets;
  let fencePage: Page;
  beforeAll(async () => {
    await build({ only: ['tracker'], quiet: true });
    assets = builtAssets();
    browser = await kind.launch();
    fencePage = await browser.newPage();
  });
  afterAll(() => browser?.close());

  return base.extend<{ visit: Visit }>({
    visit: async ({ task: _ }, use) => {
      const visit = await openVisit({ kind, browser, assets, site, fencePage });
      try {
        await use(visit);
        expect(visit.errors).toEqual([]);
      } finally {
        await visit.end();
      }
    },
  });
}

/**
 * The visitor of a page with links only agrees, the server begins to fail, and refuses an event of this name: from here on something is kept
 * for the next page.
 */
export async function trackInOutage(visit: Visit, name: string): Promise<void> {
  await visit.agree(3);
  await visit.arrived('pageview');
  visit.pages.outage(503);
  await visit.call('track', name);
  await until(() => visit.pages.posts.some(({ status }) => status === 503));
}

/** The tracker as it was built last. */
export function builtAssets(): TrackerAssets {
  const kept = mkdtempSync(join(tmpdir(), 'tracker-'));
  try {
    return openTrackerAssets(fileURLToPath(new URL('../../dist/tracker', import.meta.url)), kept);
  } finally {
    rmSync(kept, { recursive: true });
  }
}

/** Starts the site and a browser profile for one visitor. End it. */
export async function openVisit(place: {
  kind: BrowserKind;
  browser: Browser;
  assets: TrackerAssets;
  site: TestSite;
  fencePage: Page;
  /** What the browser is: a phone, for example. */
  profile?: BrowserContextOptions;
}): Promise<Visit> {
  const { kind, browser, assets, site, fencePage } = place;
  const pages = await startPages({ assets, ...site });
  const context = await browser.newContext(place.profile);
  const errors: Error[] = [];
  context.on('weberror', (given) => {
    const error = given.error();
    // Firefox tells about what a page's policy forbade in the same way; nothing was thrown.
    if (error.name !== 'Content-Security-Policy') errors.push(error);
  });
  const page = await context.newPage();
  const printed = printedBy(page);

  const events = () => pages.events().filter(({ page: id }) => id !== 'fence');
  const named = (name: string) => events().filter((event) => event.name === name);
  const names = () => events().map(({ name }) => name);
  /** Later events of a batch leave the URL out: it is that of their page view. */
  const urlOf = (event: SentEvent) =>
    event.url ?? pages.events().find(({ page: id, url }) => id === event.page && url)?.url ?? '';

  const call = (...args: unknown[]) =>
    page.evaluate(
      (given) => (window as unknown as { telltale: (...list: unknown[]) => void }).telltale(...given),
      args,
    );

  return {
    kind,
    browser,
    pages,
    context,
    page,
    errors,
    printed,
    events,
    named,
    names,
    urlOf,
    newPage: () => context.newPage(),
    goto: async (path) => {
      await page.goto(pages.url(path));
    },
    paths: (name) => named(name).map((event) => new URL(urlOf(event)).pathname),
    async arrived(name, count = 1) {
      await until(
        () => named(name).length >= count,
        60_000,
        () => `${count} × "${name}" did not arrive; there are: ${names().join(', ')}`,
      );
      return named(name);
    },
    call,
    async agree(files) {
      await call('consent', true);
      await until(() =>
        page.evaluate(
          (count) =>
            performance.getEntriesByType('resource').filter(({ name }) => name.includes('/t/v/')).length >= count,
          files,
        ),
      );
    },
    async closeTab() {
      const closed = page.waitForEvent('close');
      await page.close({ runBeforeUnload: true });
      await closed;
    },
    tabBeside: () => tabBeside(page, kind),
    async lookElsewhere() {
      const other = await tabBeside(page, kind);
      await lookAt(other);
      await page.waitForFunction(() => document.hidden);
      return () => lookAt(page);
    },
    async openInBackground(path) {
      const other = await tabBeside(page, kind);
      await lookAt(page);
      await other.waitForFunction(() => document.hidden);
      await other.goto(pages.url(path));
      return [other, () => lookAt(other)];
    },
    fence: () =>
      fencePage.evaluate(
        async ([url, ms]) => {
          await new Promise((resolve) => setTimeout(resolve, ms));
          const body = JSON.stringify({ v: 1, site: 'shop', page: 'fence', events: [{ name: 'fence', seq: 0 }] });
          await fetch(url, { method: 'POST', mode: 'no-cors', body });
        },
        [`${pages.collector}/e`, longerThanGatheringMs] as const,
      ),
    async end() {
      await context.close().catch(() => {});
      await pages.close();
    },
    stored: () => page.evaluate(() => ({ keys: Object.keys(localStorage), cookies: document.cookie })),
  };
}

async function tabBeside(page: Page, kind: BrowserKind): Promise<Page> {
  const opened = page.context().waitForEvent('page');
  await page.evaluate(() => void window.open('about:blank', '_blank', 'noopener'));
  const other = await opened;
  if (kind.name === 'Chromium') await Promise.all([page, other].map(stopFocusEmulation));
  return other;
}

async function lookAt(page: Page): Promise<void> {
  await page.bringToFront();
  await page.waitForFunction(() => !document.hidden);
}

/** All the page wrote to its console, as text. */
function printedBy(page: Page): () => string {
  const lines: string[] = [];
  page.on('console', async (message) => {
    lines.push(message.text());
    const values = await Promise.all(message.args().map((value) => value.jsonValue().catch(() => '')));
    lines.push(JSON.stringify(values));
  });
  return () => lines.join('\n');
}
