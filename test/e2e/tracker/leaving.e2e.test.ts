import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TrackerAssets } from '../../../collector/tracker-assets.ts';
import { build } from '../../../scripts/build.js';
import { type BrowserKind, browserKinds } from '../../support/browser.ts';
import { until } from '../../support/product.ts';
import { type RealCollector, type StoredRow, startRealCollector } from '../../support/real-collector.ts';
import { builtAssets, openVisit, type Visit } from '../../support/visit.ts';
import { pages, type WayToLeave, waysToLeave } from './ways-to-leave.ts';

/** Visits of each way; `npm run bench -- leaving` makes more of them. */
const visits = Number(process.env.LEAVING_VISITS ?? 2);
const atOnce = 4;

let collector: RealCollector;
beforeAll(async () => {
  await build();
  collector = await startRealCollector();
});
afterAll(async () => {
  await collector?.close();
  if (figures.length) console.log(`\n${table()}\n${JSON.stringify({ bench: 'leaving', visits, figures })}`);
});

interface Figure {
  way: string;
  browser: string;
  happened: number;
  sent: number;
  stored: number;
  double: number;
  bestPeer: number;
}
const figures: Figure[] = [];

describe.each(browserKinds)('leaving in $name', (kind) => {
  let browser: Browser;
  let fencePage: Page;
  let assets: TrackerAssets;
  beforeAll(async () => {
    assets = builtAssets();
    browser = await kind.launch();
    fencePage = await browser.newPage();
  });
  afterAll(() => browser?.close());

  const ways = waysToLeave.filter(({ only }) => !only || only === kind.name);
  test.each(ways)('$name: what happened is stored, and nothing twice', async (way) => {
    const figure = await measure(kind, way, { browser, fencePage, assets });
    figures.push(figure);
    expect(figure.double).toBe(0);
    expect(figure.stored).toBeGreaterThanOrEqual(figure.bestPeer);
  });
});

async function measure(
  kind: BrowserKind,
  way: WayToLeave,
  place: { browser: Browser; fencePage: Page; assets: TrackerAssets },
): Promise<Figure> {
  const real = await collector.newSite();
  let sent = 0;
  let taken = 0;
  const visitOnce = async () => {
    const visit = await openVisit({
      ...place,
      kind,
      site: { pages, forward: real },
      ...(way.profile && { profile: way.profile }),
    });
    try {
      await visit.goto('/');
      await visit.arrived('pageview');
      // What watches the form of the page is there before anybody can have filled it.
      await visit.page.waitForLoadState('networkidle');
      await way.leave(visit);
      await allArrived(visit, way);
      sent += visit.pages.posts.flatMap(({ batch }) => batch.events).filter(({ name }) => name in way.happened).length;
      taken += found(visit.events(), way.happened);
    } finally {
      await visit.end();
    }
  };
  for (let done = 0; done < visits; done += atOnce)
    await Promise.all(Array.from({ length: Math.min(atOnce, visits - done) }, visitOnce));

  const all = Object.fromEntries(Object.entries(way.happened).map(([name, count]) => [name, count * visits]));
  const rows = await storedRows(real, (known) => found(known, all) >= taken);
  const ids = rows.map(({ page_id, seq }) => `${page_id}.${seq}`);
  return {
    way: way.name,
    browser: kind.name,
    happened: total(all),
    sent,
    stored: found(rows, all),
    double: ids.length - new Set(ids).size,
    bestPeer: total(way.bestPeer ?? way.happened) * visits,
  };
}

/** Gives the events of one visit the time to arrive: those that must, however long it takes, and the others a while. */
async function allArrived(visit: Visit, { happened, bestPeer = happened }: WayToLeave): Promise<void> {
  const arrived = (some: Record<string, number>) => () => found(visit.events(), some) >= total(some);
  await until(arrived(happened), 8_000).catch(() => until(arrived(bestPeer)).catch(() => {}));
}

/** What lies in ClickHouse when all that was taken is there. */
async function storedRows(real: { number: number }, isAll: (rows: StoredRow[]) => boolean): Promise<StoredRow[]> {
  let rows: StoredRow[] = [];
  await until(async () => {
    rows = await collector.rows(real);
    return isAll(rows);
  }).catch(() => {});
  return rows;
}

const total = (counts: Record<string, number>) => Object.values(counts).reduce((sum, count) => sum + count, 0);

type Known = { name: string; seq?: number | undefined } & ({ page: string | undefined } | { page_id: string });

/** One event: a page view has one engagement, which grows. */
const key = (event: Known) =>
  `${event.name} ${'page' in event ? event.page : event.page_id} ${event.name === 'engagement' ? '' : event.seq}`;

/** How many of the events that happened are among these, each counted once. */
function found(events: Known[], happened: Record<string, number>): number {
  const different = [...new Set(events.map(key))];
  return Object.entries(happened).reduce(
    (sum, [name, count]) => sum + Math.min(count, different.filter((text) => text.startsWith(`${name} `)).length),
    0,
  );
}

function table(): string {
  const rows = figures.map(
    ({ way, browser, happened, sent, stored, double, bestPeer }) =>
      `| ${way} | ${browser} | ${happened} | ${sent} | ${stored} | ${double} | ${bestPeer} |`,
  );
  return [
    '| way to leave | browser | happened | sent | stored | double | best peer |',
    '|---|---|---:|---:|---:|---:|---:|',
  ]
    .concat(rows)
    .join('\n');
}
