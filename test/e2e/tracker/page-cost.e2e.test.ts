import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TrackerAssets } from '../../../collector/tracker-assets.ts';
import { build } from '../../../scripts/build.js';
import { launchBrowser } from '../../support/browser.ts';
import { startPages } from '../../support/pages.ts';
import { until } from '../../support/product.ts';
import { builtAssets, tag } from '../../support/visit.ts';

/** Pages with and without the tag, in turns, and each as often first; `npm run bench -- page-cost` opens more of them. */
const rounds = Number(process.env.COST_ROUNDS ?? 3);
const slowDown = 4;
/** The browser calls a task long from here on, and what is beyond it blocking (https://web.dev/articles/tbt). */
const longTaskMs = 50;

/** A page with some work of its own: a list, a form and links, as the tag finds them elsewhere. */
const body = `<h1>Shop</h1><form><input name="email"><button type="button" id="act" onclick="this.textContent = Date.now()">Go</button></form>
  ${Array.from({ length: 300 }, (_, item) => `<p><a href="/item/${item}">Item ${item}</a> <a href="https://example.com/${item}">Maker</a></p>`).join('')}`;
const pages = { '/without': { head: '', body }, '/with': { head: tag(), body } };

interface Cost {
  firstPaintMs: number;
  interactionMs: number;
  /** All tasks of the main thread beyond 50 ms, and all its script. */
  blockedMs: number;
  scriptMs: number;
  /** Of the tag alone: time in its script, its part of what is beyond 50 ms, and its longest task. */
  tagMs: number;
  tagBlockedMs: number;
  longestTagTaskMs: number;
}

let browser: Browser;
let assets: TrackerAssets;
beforeAll(async () => {
  await build({ only: ['tracker'], quiet: true });
  assets = builtAssets();
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

test('the tag blocks the main thread for less than 5 ms on a slow machine, and has no long task', {
  timeout: 1_800_000,
}, async () => {
  const costs: Record<'with' | 'without', Cost[]> = { with: [], without: [] };
  // The first pair warms up.
  for (let round = 0; round <= rounds; round++)
    for (const kind of round % 2 === 0 ? (['with', 'without'] as const) : (['without', 'with'] as const)) {
      const cost = await openPage(`/${kind}`);
      if (round > 0) costs[kind].push(cost);
    }
  print(costs);
  // Medians and a generous limit: other work on the machine must not decide. The bench prints what is meant, below 5 ms.
  expect(median(costs.with.map(({ longestTagTaskMs }) => longestTagTaskMs))).toBeLessThan(longTaskMs);
});

/** Opens the page as a new visitor on a slow machine, types and clicks, and reads what it cost from the browser's own trace. */
async function openPage(path: string): Promise<Cost> {
  const site = await startPages({ assets, pages });
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const protocol = await context.newCDPSession(page);
    await protocol.send('Emulation.setCPUThrottlingRate', { rate: slowDown });
    await browser.startTracing(page, { categories: ['devtools.timeline', 'toplevel', 'v8', 'blink.user_timing'] });
    await page.goto(site.url(path));
    // Longer than the tag gathers events: its request is part of what it costs.
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 500)));
    await page.evaluate(() => {
      const delays: number[] = [];
      Object.assign(window, { delays });
      new PerformanceObserver((list) => delays.push(...list.getEntries().map(({ duration }) => duration))).observe({
        type: 'event',
        durationThreshold: 16,
      } as PerformanceObserverInit);
    });
    await page.locator('[name=email]').pressSequentially('ana');
    await page.click('#act');
    const delays = () => page.evaluate(() => (window as unknown as { delays: number[] }).delays);
    await until(async () => (await delays()).length > 0);
    const interactionMs = Math.max(...(await delays()));
    const firstPaintMs = await page.evaluate(
      () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
    );
    return { firstPaintMs, interactionMs, ...workOf(JSON.parse(`${await browser.stopTracing()}`), site.collector) };
  } finally {
    await context.close();
    await site.close();
  }
}

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** Microseconds. */
  ts: number;
  dur?: number;
  /** Of these, the thread was working and not waiting for its turn among the others of the machine. */
  tdur?: number;
  args?: { name?: string; data?: { url?: string; fileName?: string } };
}

/** Blocked time of the page's main thread, and the part of the tag in it. */
function workOf({ traceEvents }: { traceEvents: TraceEvent[] }, collector: string) {
  const ours = ({ args }: TraceEvent) => (args?.data?.url ?? args?.data?.fileName ?? '').startsWith(`${collector}/t/`);
  const scripts = traceEvents.filter(
    ({ name, ph }) =>
      ph === 'X' && /^(EvaluateScript|FunctionCall|v8\.compile|v8\.compileModule|v8\.evaluateModule)$/.test(name),
  );
  const page = scripts.find(({ args }) => args?.data?.url?.startsWith(collector.replace('127.0.0.1', 'localhost')));
  const main = ({ pid, tid }: TraceEvent) => !page || (pid === page.pid && tid === page.tid);
  const tasks = traceEvents.filter((event) => event.ph === 'X' && /RunTask$/.test(event.name) && main(event));
  const within = (outer: TraceEvent, inner: TraceEvent) =>
    inner.pid === outer.pid && inner.tid === outer.tid && inner.ts >= outer.ts && end(inner) <= end(outer);
  /** Time of some events, those inside of others not counted again. */
  const timeOf = (events: TraceEvent[]) =>
    events
      .filter((event) => !events.some((other) => other !== event && within(other, event)))
      .reduce((sum, event) => sum + workMs(event), 0);

  const perTask = tasks.map((task) => {
    const inside = scripts.filter((event) => ours(event) && within(task, event));
    const beyondMs = Math.max(0, workMs(task) - longTaskMs);
    return { beyondMs, tagMs: timeOf(inside) };
  });
  const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0);
  return {
    blockedMs: sum(perTask.map(({ beyondMs }) => beyondMs)),
    scriptMs: timeOf(scripts),
    tagMs: sum(perTask.map(({ tagMs }) => tagMs)),
    tagBlockedMs: sum(perTask.map(({ beyondMs, tagMs }) => Math.min(beyondMs, tagMs))),
    longestTagTaskMs: Math.max(0, ...perTask.map(({ tagMs }) => tagMs)),
  };
}

const workMs = ({ tdur, dur = 0 }: TraceEvent) => (tdur ?? dur) / 1000;
const end = ({ ts, dur = 0 }: TraceEvent) => ts + dur;

const sorted = (numbers: number[]) => numbers.toSorted((a, b) => a - b);
const at = (numbers: number[], part: number) => sorted(numbers)[Math.floor((numbers.length - 1) * part)] ?? Number.NaN;
const median = (numbers: number[]) => at(numbers, 0.5);

function print(costs: Record<'with' | 'without', Cost[]>): void {
  const words: Record<keyof Cost, string> = {
    firstPaintMs: 'first contentful paint',
    interactionMs: 'slowest interaction (typing, a click)',
    blockedMs: 'total blocking time of the page',
    scriptMs: 'all script',
    tagMs: 'script of the tag',
    tagBlockedMs: 'total blocking time of the tag',
    longestTagTaskMs: 'longest task of the tag',
  };
  const rows = (Object.entries(words) as [keyof Cost, string][]).map(([key, what]) => {
    const cell = (kind: 'with' | 'without') => {
      const numbers = costs[kind].map((cost) => cost[key]);
      return `${median(numbers).toFixed(1)} (${at(numbers, 0.25).toFixed(1)}–${at(numbers, 0.75).toFixed(1)})`;
    };
    return { what, without: cell('without'), with: cell('with') };
  });
  console.log(
    [
      '',
      `${rounds} pages each, in turns, at ${slowDown} × slow-down: median (quartiles), ms`,
      '',
      '| | without the tag | with it |',
      '|---|---:|---:|',
      ...rows.map((row) => `| ${row.what} | ${row.without} | ${row.with} |`),
      JSON.stringify({ bench: 'page-cost', rounds, slowDown, rows }),
    ].join('\n'),
  );
}
