import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type FunnelPerson,
  type FunnelRequest,
  type FunnelStepResult,
  funnelRequest,
} from '../../collector/contract/funnel.ts';
import type { Filter, Match } from '../../collector/contract/match.ts';
import { type EventRow, toTimestamp } from '../../collector/contract/row.ts';
import { funnel } from '../../collector/queries/funnel.ts';
import { funnelNext } from '../../collector/queries/funnel-next.ts';
import { funnelPeople } from '../../collector/queries/funnel-people.ts';
import { eventRow, type TestDatabase, testDatabase } from '../support/engine.ts';
import { type Chain, foldFunnel } from '../support/funnel-fold.ts';

/*
 * Generated histories: few paths and names, so that repeats are common; times on a coarse grid with a jitter of a
 * millisecond, so that ties and window edges are common; the range starts and ends in the middle. Each case is a site of its
 * own with options of its own, and all cases are stored in a few inserts.
 */

const cases = 70;
const visitorsPerCase = 30;
/** Lists take a query for each number, so every fourth case is listed. */
const listedEvery = 4;
// Half a minute before midnight: the range lies on both sides of it, so a trend has two days.
const start = Date.UTC(2026, 7, 31, 23, 59, 20);

const eventOf = fc.record({
  // Before, inside and after the range, which is [20 s, 60 s).
  second: fc.integer({ min: 0, max: 20 }).map((tick) => tick * 4),
  jitter: fc.constantFrom(0, 0, 0, 1, 999),
  seq: fc.integer({ min: 0, max: 3 }),
  what: fc.constantFrom(
    { name: 'pageview', path: '/a' },
    { name: 'pageview', path: '/a' },
    { name: 'pageview', path: '/b' },
    { name: 'pageview', path: '/b/c' },
    { name: 'buy', path: '/b' },
    { name: 'buy', path: '/a' },
    { name: 'engagement', path: '/a' },
    { name: 'form_field', path: '/b' },
    { name: 'login', path: '/b' },
  ),
  plan: fc.constantFrom('', 'pro'),
  value: fc.constantFrom(0, 0, 5, 10.25),
  session: fc.integer({ min: 0, max: 2 }),
});

const stepMatch = fc.constantFrom<Match>(
  { path: '/a' },
  { path: '/a' },
  { path: '/b' },
  { path: '/b/*' },
  { path: '/**' },
  { path: '/*' },
  { event: 'buy' },
  { event: 'buy' },
  { event: 'buy', path: '/b' },
  { event: 'buy', props: { plan: 'pro' } },
  { event: 'pageview', host: '*.example.com' },
);

const excludedMatch = fc.constantFrom<Match>(
  { event: 'login' },
  { event: 'login' },
  { path: '/b/c' },
  { path: '/a' },
  { event: 'buy' },
);

const filterOf = fc.constantFrom<Filter[]>(
  [],
  [],
  [],
  [{ dimension: 'host', op: 'is', value: ['www.example.com'] }],
  [{ dimension: 'country', op: 'is_not', value: ['AT'] }],
  [{ dimension: 'path', op: 'is', value: ['/b/c'] }],
  [{ dimension: 'event', op: 'is_not', value: ['login'] }],
);

const caseOf = fc.record({
  order: fc.constantFrom<FunnelRequest['order']>('ordered', 'ordered', 'ordered', 'strict', 'any', 'any'),
  by: fc.constantFrom<FunnelRequest['by']>('visitor', 'visitor', 'session', 'lead'),
  windowSeconds: fc.constantFrom(8, 30, 30, 45),
  steps: fc.array(stepMatch, { minLength: 1, maxLength: 5, size: 'max' }),
  optional: fc.oneof(
    fc.constant<number[]>([]),
    fc.uniqueArray(fc.integer({ min: 2, max: 4 }), { minLength: 1, maxLength: 2 }),
  ),
  exclude: fc.oneof(
    fc.constant<{ match: Match; between: [number, number] | null }[]>([]),
    fc.array(fc.record({ match: excludedMatch, between: fc.option(fc.tuple(fc.nat(9), fc.nat(9))) }), {
      minLength: 1,
      maxLength: 2,
    }),
  ),
  breakdown: fc.constantFrom<NonNullable<FunnelRequest['breakdown']>>('country', 'path', 'event', 'host', 'prop:plan'),
  filters: filterOf,
  visitors: fc.array(fc.array(eventOf, { minLength: 5, maxLength: 24, size: 'max' }), {
    minLength: visitorsPerCase,
    maxLength: visitorsPerCase,
  }),
});

interface Case {
  siteId: number;
  rows: EventRow[];
  request: FunnelRequest;
  leads: { visitors: string[]; leads: string[] };
}

function makeCases(): Case[] {
  return fc.sample(caseOf, { numRuns: cases, seed: 20260901 }).map((drawn, index) => {
    const siteId = index + 1;
    const steps = drawn.steps.map((match, place) => ({ match, optional: drawn.optional.includes(place + 1) }));
    const required = steps.flatMap(({ optional }, place) => (optional ? [] : [place + 1]));
    const ids = drawn.visitors.map((_, visitor) => String(18_000_000_000_000_000_000n + BigInt(visitor)));
    return {
      siteId,
      rows: drawn.visitors.flatMap((events, visitor) =>
        events.map(({ second, jitter, seq, what, plan, value, session }, number) => {
          const ts = toTimestamp(start + second * 1_000 + jitter);
          return eventRow({
            ...what,
            site_id: siteId,
            ts,
            received_at: ts,
            seq,
            // Large ids: a visitor id is a hash and does not fit into a number.
            visitor_id: ids[visitor] as string,
            session_id: String(17_000_000_000_000_000_000n + BigInt(visitor * 10 + session)),
            page_id: String(number + 1),
            host: session === 0 ? 'example.com' : 'www.example.com',
            country: ['DE', 'AT', ''][(visitor + session) % 3] as string,
            props: plan === '' ? {} : { plan },
            value,
          });
        }),
      ),
      request: funnelRequest.parse({
        from: new Date(start + 20_000).toISOString(),
        to: new Date(start + 60_000).toISOString(),
        window: `${drawn.windowSeconds}s`,
        order: drawn.order,
        by: drawn.by,
        steps,
        exclude: drawn.exclude.map(({ match, between }) => {
          const pair = [...new Set(between?.map((place) => required[place % required.length] as number))].toSorted();
          return pair.length === 2 ? { match, between: pair } : { match };
        }),
        breakdown: drawn.breakdown,
        trend: 'day',
        filters: drawn.filters,
      }),
      // Of ten visitors eight are known, two and two the same person.
      leads: {
        visitors: ids.filter((_, visitor) => visitor % 10 < 8),
        leads: ids
          .map((_, visitor) => String(5_000 + Math.floor(visitor / 2)))
          .filter((_, visitor) => visitor % 10 < 8),
      },
    };
  });
}

describe('funnel', () => {
  const all = makeCases();
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase();
    await database.insert(all.flatMap(({ rows }) => rows));
  });
  afterAll(() => database.drop());
  const asked = ({ siteId, request, leads }: Case) => ({ siteId, timezone: 'UTC', request, leads });
  const inWords = ({ siteId, request }: Case) =>
    `site ${siteId}: ${JSON.stringify({ ...request, from: undefined, to: undefined, trend: undefined })}`;

  it('is tried on at least 2,000 histories with every option, of which many are deep, tied and repeated', () => {
    const histories = all.flatMap(({ rows }) => [...new Set(rows.map((row) => row.visitor_id))]);
    expect(histories.length).toBeGreaterThanOrEqual(2_000);
    const chains = all.flatMap(expectedChains);
    expect(chains.filter(({ reached }) => reached >= 3).length).toBeGreaterThan(100);
    expect(
      chains.filter(({ events }) => events.some((row, step) => row?.ts === events[step - 1]?.ts)).length,
    ).toBeGreaterThan(20);
    for (const order of ['ordered', 'strict', 'any'] as const) {
      const some = all.filter(({ request }) => request.order === order && request.steps.length > 2);
      expect(some.filter(({ request }) => request.exclude?.length).length, `${order} with exclusions`).toBeGreaterThan(
        1,
      );
      expect(
        some.filter(({ request }) => request.steps.some(({ optional }) => optional)).length,
        `${order} with optional steps`,
      ).toBeGreaterThan(1);
    }
  });

  it('counts, times and sums what a plain fold over each history finds, also by key and by day', async () => {
    for (const one of all) {
      const chains = expectedChains(one);
      const answer = await funnel(database.clickhouse, asked(one));
      expect(answer.steps.map(comparable), inWords(one)).toEqual(expectedSteps(chains, one.request));
      expect(
        answer.steps.map(({ times }) => bucketCounts(times)),
        inWords(one),
      ).toEqual(expectedTimes(chains, one.request));
      const keys = Object.fromEntries((answer.breakdown ?? []).map(({ key, steps }) => [key, steps.map(comparable)]));
      expect(keys, inWords(one)).toEqual(grouped(chains, one.request, ({ key }) => key));
      const days = (answer.trend ?? []).map(({ at, steps }) => [at, steps.map(comparable)] as const);
      expect(days.map(([at]) => at)).toEqual(['2026-08-31T00:00:00.000Z', '2026-09-01T00:00:00.000Z']);
      expect(Object.fromEntries(days.filter(([, steps]) => (steps[0]?.count ?? 0) > 0)), inWords(one)).toEqual(
        grouped(chains, one.request, (chain) => `${chain.start.ts.slice(0, 10)}T00:00:00.000Z`),
      );
    }
  });

  it('lists exactly the people behind every number', async () => {
    for (const one of all.filter(({ siteId }) => siteId % listedEvery === 0)) {
      const chains = expectedChains(one);
      const last = lastRequired(one.request);
      for (const index of one.request.steps.map((_, place) => place + 1)) {
        for (const outcome of ['dropped', 'reached'] as const) {
          const wanted = chains.filter(({ reached, events }) =>
            outcome === 'reached' ? events[index - 1] !== undefined : reached === index && index < last,
          );
          const question = { ...one.request, step: index, outcome, limit: 1_000 };
          const people = await funnelPeople(database.clickhouse, { ...asked(one), request: question });
          expect(people.total, inWords(one)).toBe(wanted.length);
          expect(people.next).toBeNull();
          const isLead = one.request.by === 'lead';
          expect(people.items.map((item) => person(item, isLead)).sort(), inWords(one)).toEqual(
            wanted.map((chain) => stopped(chain, isLead)).sort(),
          );
        }
      }
    }
  });

  it('finds what those who dropped did next, adding up to the number that dropped', async () => {
    for (const one of all.filter(({ siteId }) => siteId % listedEvery === 1)) {
      const chains = expectedChains(one);
      for (let step = 1; step < one.request.steps.length; step += 1) {
        const wanted = chains.filter(({ reached }) => reached === step && step < lastRequired(one.request));
        const answer = await funnelNext(database.clickhouse, { ...asked(one), request: { ...one.request, step } });
        expect(answer.dropped, inWords(one)).toBe(wanted.length);
        expect(
          Object.fromEntries(answer.items.map((item) => [`${item.kind} ${item.label}`, item.count])),
          inWords(one),
        ).toEqual(countBy(wanted.map(nextLabel)));
      }
    }
  });
});

function expectedChains({ rows, request, leads }: Case): Chain[] {
  const leadOf = new Map(leads.visitors.map((visitor, index) => [visitor, leads.leads[index] as string]));
  const counted = new Set(rowsOfFilters(rows, request));
  return foldFunnel(rows, request, { leadOf, isCounted: (row) => counted.has(row) });
}

/** A filter on a path or an event keeps the sessions in which it occurred, in the rows a funnel can be about. */
function rowsOfFilters(rows: EventRow[], request: FunnelRequest): EventRow[] {
  const until = Date.parse(request.to) + Number.parseInt(request.window, 10) * 1_000;
  const inReach = rows.filter((row) => at(row) >= Date.parse(request.from) && at(row) < until);
  return (request.filters ?? []).reduce((kept, { dimension, op, value }) => {
    const column = dimension === 'event' ? 'name' : (dimension as 'host' | 'country' | 'path');
    const holds = (row: EventRow) => value.includes(row[column]);
    if (column === 'host' || column === 'country') return kept.filter((row) => holds(row) === (op === 'is'));
    const sessions = new Set(inReach.filter(holds).map((row) => row.session_id));
    return kept.filter((row) => sessions.has(row.session_id) === (op === 'is'));
  }, rows);
}

function lastRequired({ steps }: FunnelRequest): number {
  return steps.findLastIndex(({ optional }) => !optional) + 1;
}

function grouped(chains: Chain[], request: FunnelRequest, of: (chain: Chain) => string) {
  return Object.fromEntries(
    [...new Set(chains.map(of))].map((key) => [
      key,
      expectedSteps(
        chains.filter((chain) => of(chain) === key),
        request,
      ),
    ]),
  );
}

/** Seconds from the required step before, of everybody who passed the step; undefined where there is no such time. */
function secondsOf(chains: Chain[], request: FunnelRequest, index: number): number[] | undefined {
  const step = request.steps[index];
  const before = request.steps.findLastIndex(({ optional }, place) => place < index && !optional);
  if (before < 0 || (step?.optional && request.order === 'any')) return undefined;
  const seconds = chains
    .filter(({ events }) => events[index])
    .map(({ times }) => ((times[index] ?? 0) - (times[before] ?? 0)) / 1_000);
  return seconds.length > 0 ? seconds.sort((a, b) => a - b) : undefined;
}

function expectedSteps(chains: Chain[], request: FunnelRequest) {
  return request.steps.map((_, index) => {
    const passed = chains.filter(({ events }) => events[index] !== undefined);
    const seconds = secondsOf(chains, request, index);
    const values = passed.map(({ events }) => events[index]?.value ?? 0);
    return {
      count: passed.length,
      dropped: index + 1 >= lastRequired(request) ? 0 : chains.filter(({ reached }) => reached === index + 1).length,
      seconds: seconds
        ? [quantile(seconds, 0.5), quantile(seconds, 0.9), seconds.reduce((a, b) => a + b) / seconds.length].map(
            rounded,
          )
        : null,
      value: values.some((value) => value !== 0) ? rounded(values.reduce((a, b) => a + b)) : null,
    };
  });
}

function expectedTimes(chains: Chain[], request: FunnelRequest) {
  return request.steps.map((_, index) => {
    const seconds = secondsOf(chains, request, index);
    return seconds ? countBy(seconds.map((time) => String(time < 10 ? 0 : time < 30 ? 10 : 30))) : null;
  });
}

function bucketCounts(times: FunnelStepResult['times']) {
  if (!times) return null;
  return Object.fromEntries(times.filter(({ count }) => count > 0).map(({ from, count }) => [String(from), count]));
}

function comparable(step: FunnelStepResult) {
  const { count, dropped, secondsFromPrevious: seconds, value } = step;
  return {
    count,
    dropped,
    seconds: seconds && [seconds.p50, seconds.p90, seconds.avg].map(rounded),
    value: value === null ? null : rounded(value),
  };
}

/** Linear between neighbours, as spreadsheets do it. */
function quantile(sorted: number[], level: number): number {
  const place = (sorted.length - 1) * level;
  const [below, above] = [sorted[Math.floor(place)] ?? 0, sorted[Math.ceil(place)] ?? 0];
  return below + (above - below) * (place - Math.floor(place));
}

/** Two browsers of a lead may do something in the very same moment, so which of them stopped is open. */
function person({ id, visitor, stoppedAt, reached }: FunnelPerson, isLead: boolean): string {
  return [id, isLead ? '' : visitor, stoppedAt, reached].join(' ');
}

function stopped({ unit, stop, reached }: Chain, isLead: boolean): string {
  return [unit, isLead ? '' : stop.visitor_id, new Date(at(stop)).toISOString(), reached].join(' ');
}

function nextLabel({ next }: Chain): string {
  if (!next) return 'exit (exit)';
  return next.name === 'pageview' ? `page ${next.path}` : `event ${next.name}`;
}

function at(row: EventRow | undefined): number {
  return row ? Date.parse(`${row.ts.replace(' ', 'T')}Z`) : 0;
}

function countBy(labels: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

function rounded(value: number): number {
  return Number(value.toFixed(9));
}
