import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { isbot } from 'isbot';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { build } from '../../scripts/build.js';

const command = fileURLToPath(new URL('../../bin/telltale.js', import.meta.url));
/** 10,000 lines of May 2015 from elastic/examples (Apache-2.0), the addresses of visitors replaced by ones reserved for tests. */
const log = fileURLToPath(new URL('fixtures/apache_logs.log.gz', import.meta.url));

beforeAll(async () => {
  await build({ only: ['collector', 'tracker'] });
});

test('import: of a real access log, keeps the page views and tells the visitors apart as a count by hand does', () => {
  const data = mkdtempSync(join(tmpdir(), 'telltale-'));
  onTestFinished(() => rmSync(data, { recursive: true, force: true }));
  const telltale = (...args: string[]) =>
    execFileSync(process.execPath, [command, ...args, '--data', data], { encoding: 'utf8', maxBuffer: 64 * 1024 ** 2 });
  const site = JSON.parse(telltale('site', 'add', 'example.com', '--json')) as { id: string };
  const importing = ['import', log, '--format', 'access-log', '--site', site.id];

  // What examples/apache-log/README.md says.
  expect(telltale(...importing)).toBe(
    'Read 10000 lines: kept 1667, dropped 8333 (asset 5560, method 48, status 208, bot 2517).\n',
  );
  expect(telltale(...importing)).toContain(
    'kept 0, dropped 10000 (asset 5560, method 48, status 208, bot 2517, duplicate 1667)',
  );

  const stored = telltale('export', '--site', site.id)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { visitor: string; at: string });
  const counted = countByHand();
  expect(sizes(stored.map(({ visitor }) => visitor))).toEqual(sizes(counted.visitors));
  expect(counted.bots).toBe(2_517);
  expect(sizes(counted.visitors)).toMatchObject({ pages: 1_667, visitors: 986, withMore: 299 });
  // Each hour of the log has as many page views as was counted.
  expect(tally(stored.map(({ at }) => at.slice(0, 13)))).toEqual(tally(counted.hours));
});

const feeds = new Set(['feed', 'rss', 'atom']);
/** Endings in this log of what a page loads: `… | grep -o '\.[a-zA-Z0-9]*$' | sort | uniq -c` over its paths. */
const loaded = new Set(['png', 'css', 'ico', 'jpg', 'js', 'gif', 'ttf', 'xml', 'svg', 'jpeg', 'woff', 'rss', 'atom']);

/** The log cut at its quotes and spaces, without our parser: who (address, browser, day), when, and how many robots. */
function countByHand(): { visitors: string[]; hours: string[]; bots: number } {
  const counted = { visitors: [] as string[], hours: [] as string[], bots: 0 };
  for (const line of gunzipSync(readFileSync(log)).toString('latin1').trimEnd().split('\n')) {
    const [start = '', request = '', answer = '', , , browser = ''] = line.split('"');
    const [method, target = ''] = request.split(' ');
    const path = target.split(/[?#]/)[0] ?? '';
    const names = path.split('/').filter((name) => name !== '');
    const isAsset = path === '/robots.txt' || feeds.has(names.at(-1) ?? '') || loaded.has(path.split('.').at(-1) ?? '');
    if (method !== 'GET' || Number(answer.trim().split(' ')[0]) >= 400 || isAsset) continue;
    if (browser === '-' || isbot(browser)) {
      counted.bots += 1;
      continue;
    }
    const [address = ''] = start.split(' ');
    const [, day = '', hour = ''] = /\[(\d\d)\/May\/2015:(\d\d)/.exec(start) ?? [];
    counted.visitors.push(`${address} ${browser} ${day}`);
    counted.hours.push(`2015-05-${day}T${hour}`);
  }
  return counted;
}

/** Page views, visitors, those with two pages or more, and how many have 1, 2, 3 … pages. */
function sizes(visitors: string[]) {
  const pages = [...tally(visitors).values()];
  return {
    pages: visitors.length,
    visitors: pages.length,
    withMore: pages.filter((count) => count > 1).length,
    distribution: new Map([...tally(pages.map(String))].sort()),
  };
}

function tally(keys: string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
