import { afterAll, beforeAll, describe, expect } from 'vitest';
import { build } from '../../../scripts/build.js';
import { browserKinds } from '../../support/browser.ts';
import { until } from '../../support/product.ts';
import { type RealCollector, type StoredRow, startRealCollector } from '../../support/real-collector.ts';
import { type TestSite, visitTest } from '../../support/visit.ts';
import { pages, walkAtRandom } from './random-walk.ts';

/** `npm run bench -- random-walk` does more. */
const actions = Number(process.env.WALK_ACTIONS ?? 500);
const seed = Number(process.env.WALK_SEED ?? 20_261_122);

let collector: RealCollector;
beforeAll(async () => {
  await build();
  collector = await startRealCollector();
});
afterAll(() => collector?.close());

describe.each(browserKinds)('a random walk in $name', (kind) => {
  const site: TestSite = { pages };
  let number = 0;
  beforeAll(async () => {
    const forward = await collector.newSite();
    number = forward.number;
    site.forward = forward;
  });
  const test = visitTest(kind, site);

  test(`what happened is what is stored: nothing lost, nothing twice`, { timeout: 1_800_000 }, async ({ visit }) => {
    const began = Date.now();
    const ledger = await walkAtRandom(visit, { actions, seed });
    await visit.closeTab();
    let rows: StoredRow[] = [];
    await until(async () => {
      rows = (await collector.rows({ number })).filter(({ name }) => name in keyOf);
      return minus(ledger, rows.map(toKey)).length === 0;
    }, 20_000).catch(() => {});
    const stored = rows.map(toKey);
    const [lost, double] = [minus(ledger, stored), minus(stored, ledger)];
    const figures = { browser: kind.name, seed, actions, happened: ledger.length, stored: stored.length };
    const seconds = Math.round((Date.now() - began) / 1000);
    console.log(
      JSON.stringify({ bench: 'random-walk', ...figures, lost: lost.length, double: double.length, seconds }),
    );
    expect({ seed, lost, double }).toEqual({ seed, lost: [], double: [] });
    expect(outOfOrder(rows)).toEqual([]);
  });
});

/** What tells one event of a name from the others. */
const keyOf: Record<string, (row: StoredRow) => string | undefined> = {
  pageview: ({ path }) => path,
  clicked: ({ props }) => props.n,
  tracked: ({ props }) => props.n,
  form_start: ({ props }) => props.form,
  form_submit: ({ props }) => props.form,
  form_abandon: ({ props }) => props.form,
};

const toKey = (row: StoredRow) => `${row.name} ${keyOf[row.name]?.(row)}`;

/** What is in the first list more often than in the second. */
function minus(these: string[], those: string[]): string[] {
  const counts = new Map<string, number>();
  for (const key of those) counts.set(key, (counts.get(key) ?? 0) + 1);
  return these.filter((key) => {
    const count = counts.get(key) ?? 0;
    counts.set(key, count - 1);
    return count <= 0;
  });
}

/** Clicks are numbered as they happened: within a page the numbers of the events say the same. */
function outOfOrder(rows: StoredRow[]): StoredRow[] {
  const clicks = rows.filter(({ name }) => name === 'clicked');
  return clicks.filter((row, index) => {
    const before = clicks[index - 1];
    return before?.page_id === row.page_id && Number(before.props.n) > Number(row.props.n);
  });
}
