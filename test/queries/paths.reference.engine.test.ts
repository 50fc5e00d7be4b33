import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { param, sql } from '../../collector/clickhouse/sql.ts';
import type { Match } from '../../collector/contract/match.ts';
import {
  type PathsAnswer,
  type PathsRequest,
  pathPeopleRequest,
  pathsRequest,
} from '../../collector/contract/paths.ts';
import { type EventRow, toTimestamp } from '../../collector/contract/row.ts';
import { pathPeople } from '../../collector/queries/path-people.ts';
import { paths, pathsSql } from '../../collector/queries/paths.ts';
import { eventRow, type TestDatabase, testDatabase } from '../support/engine.ts';
import { type FoldedPath, foldPaths, labelOf } from '../support/path-fold.ts';

/*
 * Generated histories: few pages and names, so that repeats are common; times on a coarse grid, so that ties are; the range starts and ends in
 * the middle. Each case is a site of its own with a request of its own.
 */

const cases = 510;
/** Lists are asked for every node and link of these. */
const listedCases = 6;
/** Each case is a query or two; the machine may have other things to do. */
const patienceMs = 400_000;
const start = Date.UTC(2026, 7, 31, 23, 59, 30);

const eventOf = fc.record({
  // Before, inside and after the range, which is [10 s, 70 s).
  second: fc.integer({ min: 0, max: 20 }).map((tick) => tick * 4),
  jitter: fc.constantFrom(0, 0, 0, 1, 999),
  seq: fc.integer({ min: 0, max: 3 }),
  what: fc.constantFrom(
    { name: 'pageview', path: '/' },
    { name: 'pageview', path: '/a' },
    { name: 'pageview', path: '/a' },
    { name: 'pageview', path: '/b' },
    { name: 'pageview', path: '/b/17' },
    { name: 'pageview', path: '/b/18' },
    { name: 'pageview', path: '/b/7c9e6679-7425-40de-944b-e07fc1f90ae7/k3j9x2ab' },
    { name: 'pageview', path: '/summer2024' },
    { name: 'buy', path: '/b' },
    { name: 'buy', path: '/a' },
    { name: '(exit)', path: '/a' },
    { name: 'engagement', path: '/a' },
    { name: 'form_field', path: '/b' },
  ),
  session: fc.integer({ min: 0, max: 2 }),
});

const anchorOf = fc.constantFrom<Match>(
  { path: '/a' },
  { path: '/a' },
  { path: '/b/*' },
  { path: '/**' },
  { event: 'buy' },
  { event: 'buy', path: '/b' },
  { event: 'pageview', host: 'www.*' },
);

const caseOf = fc.record({
  anchor: fc.oneof(
    fc.constant({}),
    anchorOf.map((match) => ({ start: match })),
    anchorOf.map((match) => ({ end: match })),
  ),
  depth: fc.constantFrom(2, 2, 3, 4, 5, 10),
  by: fc.constantFrom('session' as const, 'visitor' as const),
  limit: fc.constantFrom(1, 2, 3, 10),
  group: fc.boolean(),
  events: fc.constantFrom(true, true, false),
  visitors: fc.array(fc.array(eventOf, { minLength: 1, maxLength: 12, size: 'max' }), { minLength: 6, maxLength: 14 }),
});

interface Case {
  siteId: number;
  rows: EventRow[];
  request: PathsRequest;
}

function makeCases(): Case[] {
  return fc
    .sample(caseOf, { numRuns: cases, seed: 20260901 })
    .map(({ anchor, depth, by, limit, group, events, visitors }, index) => ({
      siteId: index + 1,
      rows: visitors.flatMap((happened, visitor) =>
        happened.map(({ second, jitter, seq, what, session }, number) =>
          eventRow({
            ...what,
            site_id: index + 1,
            ts: toTimestamp(start + second * 1_000 + jitter),
            seq,
            // Large ids: a visitor id is a hash and does not fit into a number.
            visitor_id: String(18_000_000_000_000_000_000n + BigInt(visitor)),
            session_id: String(17_000_000_000_000_000_000n + BigInt(visitor * 10 + session)),
            page_id: String(number + 1),
            host: session === 0 ? 'example.com' : 'www.example.com',
          }),
        ),
      ),
      request: pathsRequest.parse({
        ...anchor,
        depth,
        by,
        limit,
        group,
        events,
        from: new Date(start + 10_000).toISOString(),
        to: new Date(start + 70_000).toISOString(),
      }),
    }));
}

describe('paths', () => {
  const all = makeCases();
  let database: TestDatabase;
  let hashes: ReadonlyMap<string, bigint>;
  beforeAll(async () => {
    database = await testDatabase();
    await database.insert(all.flatMap(({ rows }) => rows));
    const labels = all.flatMap(({ rows }) => rows.flatMap((row) => [labelOf(row, true), labelOf(row, false)]));
    const { rows } = await database.clickhouse.query<{ label: string; hash: string }>(
      sql`SELECT arrayJoin(${param.strings([...new Set(labels)])}) AS label, cityHash64(label) AS hash`,
      { name: 'test' },
    );
    hashes = new Map(rows.map(({ label, hash }) => [label, BigInt(hash)]));
  });
  afterAll(() => database.drop());

  const fold = ({ rows, request }: Case) => foldPaths(rows, request, hashes);
  const answers = new Map<number, Promise<PathsAnswer>>();
  const ask = ({ siteId, request }: Case) => {
    const answer = answers.get(siteId) ?? paths(database.clickhouse, { siteId, timezone: 'UTC', request });
    answers.set(siteId, answer);
    return answer;
  };

  it('are tried on cases of which many are deep, cut off, and have something rare', async () => {
    const folded = all.flatMap(fold);
    expect(folded.filter(({ steps }) => steps.length >= 4).length).toBeGreaterThan(300);
    expect(folded.filter(({ steps }) => steps.length === 1).length).toBeGreaterThan(300);
  });

  it(
    'count what a plain fold over each history finds',
    async () => {
      let others = 0;
      for (const one of all) {
        const answer = await ask(one);
        const way = columnsOf(fold(one), one.request, answer);
        expect(linksOf(answer), `site ${one.siteId}`).toEqual(way.links);
        expect(nodesOf(answer), `site ${one.siteId}`).toEqual(way.nodes);
        others += way.nodes.filter((node) => node.includes(' (other) ')).length;
      }
      expect(others).toBeGreaterThan(300);
    },
    patienceMs,
  );

  it('are the same whether or not those who never come to the start are left out first', async () => {
    const anchored = all.filter(({ request }) => request.start || request.end).slice(0, 60);
    for (const { siteId, request } of anchored) {
      const asked = (startIsRare: boolean) => {
        const statement = pathsSql({ siteId, timezone: 'UTC', request, startIsRare });
        return database.clickhouse.query(statement, { name: 'test' }).then(({ rows }) => rows);
      };
      expect(await asked(true), `site ${siteId}`).toEqual(await asked(false));
    }
  });

  it('name a node that has no row on the first and the last day', async () => {
    const siteId = 2 * cases + 1;
    const view = (path: string, day: number, minute: number) =>
      eventRow({ site_id: siteId, path, ts: `2026-09-0${day} 12:0${minute}:00.000`, page_id: `${day}${minute}` });
    await database.insert([
      ...[1, 9].flatMap((day) => [view('/', day, 0), view('/a', day, 1)]),
      view('/', 5, 0),
      view('/only-once', 5, 1),
    ]);
    const request = pathsRequest.parse({ from: '2026-09-01', to: '2026-09-10', depth: 2, by: 'visitor' });
    const { columns } = await paths(database.clickhouse, { siteId, timezone: 'UTC', request });
    expect(columns.map(({ nodes }) => nodes.map(({ label }) => label))).toEqual([['/'], ['/a']]);
    const from = { ...request, end: { path: '/only-once' } };
    const backward = await paths(database.clickhouse, { siteId, timezone: 'UTC', request: from });
    expect(backward.columns.map(({ nodes }) => nodes.map(({ label }) => label))).toEqual([['/only-once'], ['/']]);
  });

  it('add up: what leaves a node and what enters it is its count, and only the rarest are summed up', async () => {
    for (const one of all.slice(0, 200)) {
      const { columns, links } = await ask(one);
      columns.forEach(({ nodes, total }, column) => {
        expect(total).toBe(sum(nodes.map(({ count }) => count)));
        const named = nodes.filter(({ kind }) => kind === 'page' || kind === 'event');
        expect(named.length).toBeLessThanOrEqual(one.request.limit);
        for (const { label, kind, count } of nodes) {
          const entering = links.filter((link) => link.column === column - 1 && link.to === label);
          if (column > 0) expect(sum(entering.map((link) => link.count))).toBe(count);
          const leaving = links.filter((link) => link.column === column && link.from === label);
          const goesOn = kind !== 'exit' && kind !== 'entry' && column < one.request.depth - 1;
          expect(sum(leaving.map((link) => link.count))).toBe(goesOn ? count : 0);
        }
      });
    }
  });

  it(
    'open into exactly the people behind every node and link',
    async () => {
      for (const one of all.slice(0, listedCases)) {
        const answer = await ask(one);
        const folded = fold(one);
        const numbers = [
          ...answer.columns.flatMap(({ nodes }, column) => nodes.map(({ label, count }) => ({ column, label, count }))),
          ...answer.links.map(({ column, from, to, count }) => ({ column, label: from, next: to, count })),
        ];
        const shown = shownLabels(answer);
        for (const { count, ...number } of numbers) {
          const request = pathPeopleRequest.parse({ ...one.request, ...number, limitPeople: 1_000 });
          const people = await pathPeople(database.clickhouse, { siteId: one.siteId, timezone: 'UTC', request });
          const next = 'next' in number ? number.next : undefined;
          const wanted = folded.filter(
            (path) =>
              at(path, number.column, shown, one.request) === number.label &&
              (next === undefined || at(path, number.column + 1, shown, one.request) === next),
          );
          expect(people.total).toBe(count);
          expect(people.items.map(({ id, reached }) => `${id} ${reached}`).sort()).toEqual(
            wanted.map(({ unit, steps }) => `${unit} ${steps.length}`).sort(),
          );
          for (const { id, stoppedAt, lastPath } of people.items) {
            const steps = wanted.find(({ unit }) => unit === id)?.steps ?? [];
            const row = steps[Math.min(number.column, steps.length - 1)]?.row;
            expect(toTimestamp(Date.parse(stoppedAt))).toBe(row?.ts);
            // An event may happen on two pages at once.
            expect(one.rows.filter(({ ts, path }) => ts === row?.ts && path === lastPath)).not.toEqual([]);
          }
        }
      }
    },
    patienceMs,
  );

  it('list people page by page, each once', async () => {
    const one = all.find((one) => fold(one).length > 12) as Case;
    const answer = await ask(one);
    const label = answer.columns[0]?.nodes[0]?.label ?? '';
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const request = pathPeopleRequest.parse({
        ...one.request,
        column: 0,
        label,
        limitPeople: 2,
        ...(cursor ? { cursor } : {}),
      });
      const page = await pathPeople(database.clickhouse, { siteId: one.siteId, timezone: 'UTC', request });
      expect(page.total).toBe(answer.columns[0]?.nodes[0]?.count);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next ?? undefined;
    } while (cursor);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBe(answer.columns[0]?.nodes[0]?.count);
  });

  it('tell the next page from what each page view remembers, the same as from whole paths', async () => {
    // Page views of a session at different times, each remembering the one before.
    const paced = all.slice(0, 60).map(({ siteId, rows, request }): Case => {
      const last = new Map<string, string>();
      const views = rows
        .filter(({ name }) => name === 'pageview')
        .map((row, index) => ({
          ...row,
          site_id: siteId + cases,
          ts: toTimestamp(start + 5_000 + ((index * 7_919) % 71) * 1_000 + index),
        }))
        .sort((a, b) => (a.ts < b.ts ? -1 : 1))
        .map((row) => {
          const before = last.get(row.session_id) ?? '';
          last.set(row.session_id, row.path);
          return { ...row, prev_path: before };
        });
      const asked = { ...request, start: { path: '/a' }, end: undefined, depth: 2, by: 'session', events: false };
      return { siteId: siteId + cases, rows: views, request: pathsRequest.parse(asked) };
    });
    await database.insert(paced.flatMap(({ rows }) => rows));
    let went = 0;
    for (const one of paced) {
      // A host makes it a question that no page view can answer alone.
      const whole = { ...one.request, start: { path: '/a', host: '**' } };
      const answer = await ask(one);
      const other = await paths(database.clickhouse, { siteId: one.siteId, timezone: 'UTC', request: whole });
      expect(answer.links).toEqual(other.links);
      expect(linksOf(answer)).toEqual(columnsOf(fold(one), one.request, answer).links);
      went += answer.columns[0]?.total ?? 0;
    }
    expect(went).toBeGreaterThan(200);
  });

  it('refuse a column they do not have', async () => {
    const request = pathPeopleRequest.parse({ ...all[0]?.request, depth: 2, column: 1, label: '/a', next: '/b' });
    await expect(pathPeople(database.clickhouse, { siteId: 1, timezone: 'UTC', request })).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });
});

/** Which labels of a column are shown by name is the answer's choice; the test beside this one holds it to the most frequent. */
function shownLabels({ columns }: PathsAnswer): Set<string>[] {
  return columns.map(
    ({ nodes }) => new Set(nodes.filter(({ kind }) => kind === 'page' || kind === 'event').map(({ label }) => label)),
  );
}

function at({ steps }: FoldedPath, column: number, shown: Set<string>[], { end }: PathsRequest): string | undefined {
  const label = steps[column]?.label;
  if (label !== undefined) return shown[column]?.has(label) ? label : '(other)';
  return column === steps.length ? (end ? '(entry)' : '(exit)') : undefined;
}

function columnsOf(folded: FoldedPath[], request: PathsRequest, answer: PathsAnswer) {
  const shown = shownLabels(answer);
  const nodes: string[] = [];
  const links: string[] = [];
  for (const path of folded) {
    for (let column = 0; column < request.depth; column += 1) {
      const label = at(path, column, shown, request);
      if (label !== undefined) nodes.push(`${column} ${label}`);
      const next = at(path, column + 1, shown, request);
      if (column < request.depth - 1 && label !== undefined && next !== undefined)
        links.push(`${column} ${label} > ${next}`);
    }
  }
  // What is not shown by name must be at most as frequent as everything that is.
  for (let column = 0; column < request.depth; column += 1) {
    const counts = counted(folded.flatMap(({ steps }) => steps[column]?.label ?? []));
    const named = counts.filter(([label]) => shown[column]?.has(label)).map(([, count]) => count);
    const hidden = counts.filter(([label]) => !shown[column]?.has(label)).map(([, count]) => count);
    expect(named.length).toBe(Math.min(request.limit, counts.length));
    expect(Math.max(0, ...hidden)).toBeLessThanOrEqual(Math.min(Number.POSITIVE_INFINITY, ...named));
  }
  const lines = (list: string[]) =>
    counted(list)
      .map(([label, count]) => `${label} ${count}`)
      .sort();
  return { nodes: lines(nodes), links: lines(links) };
}

function counted(labels: string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts];
}

function nodesOf({ columns }: PathsAnswer): string[] {
  return columns.flatMap(({ nodes }, column) => nodes.map(({ label, count }) => `${column} ${label} ${count}`)).sort();
}

function linksOf({ links }: PathsAnswer): string[] {
  return links.map(({ column, from, to, count }) => `${column} ${from} > ${to} ${count}`).sort();
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
