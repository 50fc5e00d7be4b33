import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FunnelPerson, type FunnelRequest, funnelRequest } from '../../collector/contract/funnel.ts';
import type { Match } from '../../collector/contract/match.ts';
import { type EventRow, toTimestamp } from '../../collector/contract/row.ts';
import { funnel } from '../../collector/queries/funnel.ts';
import { funnelNext } from '../../collector/queries/funnel-next.ts';
import { funnelPeople } from '../../collector/queries/funnel-people.ts';
import { eventRow, type TestDatabase, testDatabase } from '../support/engine.ts';
import { type Chain, foldFunnel } from '../support/funnel-fold.ts';

/*
 * Generated histories: few paths and names, so that repeats are common; times on a coarse grid with a jitter of a
 * millisecond, so that ties and window edges are common; the range starts and ends in the middle. Each case is a site of its
 * own, and all cases are stored in a few inserts.
 */

const cases = 24;
const visitorsPerCase = 45;
/** Lists take two queries for each number, so they are tried on 450 histories. */
const listedCases = 10;
const start = Date.UTC(2026, 7, 31, 23, 59, 30);
const windowSeconds = 30;

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

const caseOf = fc.record({
  steps: fc.array(stepMatch, { minLength: 1, maxLength: 5, size: 'max' }),
  visitors: fc.array(fc.array(eventOf, { minLength: 5, maxLength: 24, size: 'max' }), {
    minLength: visitorsPerCase,
    maxLength: visitorsPerCase,
  }),
});

interface Case {
  siteId: number;
  rows: EventRow[];
  request(by: 'visitor' | 'session'): FunnelRequest;
}

function makeCases(): Case[] {
  return fc.sample(caseOf, { numRuns: cases, seed: 20260901 }).map(({ steps, visitors }, index) => {
    const siteId = index + 1;
    return {
      siteId,
      rows: visitors.flatMap((events, visitor) =>
        events.map(({ second, jitter, seq, what, plan, value, session }, number) => {
          const ts = toTimestamp(start + second * 1_000 + jitter);
          return eventRow({
            ...what,
            site_id: siteId,
            ts,
            received_at: ts,
            seq,
            // Large ids: a visitor id is a hash and does not fit into a number.
            visitor_id: String(18_000_000_000_000_000_000n + BigInt(visitor)),
            session_id: String(17_000_000_000_000_000_000n + BigInt(visitor * 10 + session)),
            page_id: String(number + 1),
            host: session === 0 ? 'example.com' : 'www.example.com',
            props: plan === '' ? {} : { plan },
            value,
          });
        }),
      ),
      request: (by) =>
        funnelRequest.parse({
          from: new Date(start + 20_000).toISOString(),
          to: new Date(start + 60_000).toISOString(),
          window: `${windowSeconds}s`,
          by,
          steps: steps.map((match) => ({ match })),
        }),
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

  it('is tried on at least 1,000 histories, of which many are deep, tied and repeated', () => {
    const histories = all.flatMap(({ rows }) => [...new Set(rows.map((row) => row.visitor_id))]);
    expect(histories.length).toBeGreaterThanOrEqual(1_000);
    const chains = all.flatMap(({ rows, request }) => foldFunnel(rows, request('visitor')));
    expect(chains.filter(({ reached }) => reached >= 3).length).toBeGreaterThan(100);
    const tied = chains.filter(({ events }) => events.some((row, index) => row.ts === events[index - 1]?.ts));
    expect(tied.length).toBeGreaterThan(20);
  });

  describe.each(['visitor', 'session'] as const)('by %s', (by) => {
    it('counts, times and sums what a plain fold over each history finds', async () => {
      for (const { siteId, rows, request } of all) {
        const chains = foldFunnel(rows, request(by));
        const answer = await funnel(database.clickhouse, { siteId, timezone: 'UTC', request: request(by) });
        expect(answer.steps.map(comparable), `site ${siteId}`).toEqual(expectedSteps(chains, request(by)));
      }
    });

    it('lists exactly the people behind every number', async () => {
      for (const { siteId, rows, request } of all.slice(0, listedCases)) {
        const chains = foldFunnel(rows, request(by));
        const answer = await funnel(database.clickhouse, { siteId, timezone: 'UTC', request: request(by) });
        for (const { index, count, dropped } of answer.steps) {
          for (const outcome of ['dropped', 'reached'] as const) {
            const wanted = chains.filter(({ reached }) =>
              outcome === 'reached' ? reached >= index : reached === index && index < answer.steps.length,
            );
            const question = { ...request(by), step: index, outcome, limit: 1_000 };
            const people = await funnelPeople(database.clickhouse, { siteId, timezone: 'UTC', request: question });
            expect(people.total).toBe(outcome === 'reached' ? count : dropped);
            expect(people.next).toBeNull();
            expect(people.items.map(person).sort()).toEqual(wanted.map(stopped).sort());
          }
        }
      }
    });

    it('finds what those who dropped did next, adding up to the number that dropped', async () => {
      for (const { siteId, rows, request } of all.slice(0, listedCases)) {
        const chains = foldFunnel(rows, request(by));
        for (let step = 1; step < request(by).steps.length; step += 1) {
          const wanted = chains.filter(({ reached }) => reached === step);
          const answer = await funnelNext(database.clickhouse, {
            siteId,
            timezone: 'UTC',
            request: { ...request(by), step },
          });
          expect(answer.dropped).toBe(wanted.length);
          expect(Object.fromEntries(answer.items.map((item) => [`${item.kind} ${item.label}`, item.count]))).toEqual(
            countBy(wanted.map(nextLabel)),
          );
        }
      }
    });
  });
});

function expectedSteps(chains: Chain[], request: FunnelRequest) {
  const reaching = (step: number) => chains.filter(({ reached }) => reached >= step);
  return request.steps.map((_, index) => {
    const arrived = reaching(index + 1);
    const seconds = arrived
      .map(({ events }) => (at(events[index]) - at(events[index - 1])) / 1_000)
      .sort((a, b) => a - b);
    const values = arrived.map(({ events }) => events[index]?.value ?? 0);
    return {
      count: arrived.length,
      dropped: index === request.steps.length - 1 ? 0 : arrived.length - reaching(index + 2).length,
      seconds:
        index === 0 || arrived.length === 0
          ? null
          : [quantile(seconds, 0.5), quantile(seconds, 0.9), seconds.reduce((a, b) => a + b) / seconds.length].map(
              rounded,
            ),
      value: values.some((value) => value !== 0) ? rounded(values.reduce((a, b) => a + b)) : null,
    };
  });
}

function comparable(step: Awaited<ReturnType<typeof funnel>>['steps'][number]) {
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

function person({ id, visitor, stoppedAt, reached }: FunnelPerson): string {
  return [id, visitor, stoppedAt, reached].join(' ');
}

function stopped({ unit, events, reached }: Chain): string {
  const last = events.at(-1);
  return [unit, last?.visitor_id, new Date(at(last)).toISOString(), reached].join(' ');
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
