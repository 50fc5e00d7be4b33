import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Filter } from '../../collector/contract/match.ts';
import { intervals } from '../../collector/contract/names.ts';
import { breakdownRequest, overviewRequest, type Totals } from '../../collector/contract/overview.ts';
import { type EventRow, fromTimestamp, toTimestamp } from '../../collector/contract/row.ts';
import { breakdown } from '../../collector/queries/breakdown.ts';
import { bucketStarts } from '../../collector/queries/buckets.ts';
import { overview } from '../../collector/queries/overview.ts';
import { toSpan } from '../../collector/queries/range.ts';
import { eventRow, type TestDatabase, testDatabase } from '../support/engine.ts';
import { type FoldedSession, foldSessions } from '../support/session-fold.ts';

/*
 * Histories around the change of clocks of October 2026 (Berlin: 25th, New York: 1st of November; Lord Howe moves by half an hour on
 * the 4th), stored in several batches out of order, asked with random ranges, zones, intervals and filters, and compared with a fold.
 */
const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe'];
const paths = ['/', '/pricing', '/book', '/blog/a'];
const sites = 12;
const questionsPerSite = 45;
const histories = new Map<number, EventRow[]>();

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  const random = seeded(20261025);
  for (let siteId = 1; siteId <= sites; siteId += 1) histories.set(siteId, history(siteId, random));
  const shuffled = [...histories.values()].flat().toSorted(() => random() - 0.5);
  for (let start = 0; start < shuffled.length; start += 700) {
    const text = shuffled.slice(start, start + 700).map((row) => `${JSON.stringify(row)}\n`);
    const lines = () => Readable.from([text.join('')]);
    const token = randomUUID();
    // Each batch twice, as after a lost answer.
    await database.clickhouse.insertLines({ table: 'events', token, lines });
    await database.clickhouse.insertLines({ table: 'events', token, lines });
  }
});
afterAll(() => database.drop());

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

function history(siteId: number, random: () => number): EventRow[] {
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random() * values.length)] as Value;
  return Array.from({ length: 40 }, (_, number) => {
    const visitor = String(1 + Math.floor(random() * 15));
    const start = Date.UTC(2026, 9, 1) + Math.floor(random() * 40 * 24 * 3_600) * 1_000;
    const visit = {
      country: pick(['DE', 'US', '']),
      device: pick(['desktop', 'mobile'] as const),
      source: pick(['', 'google', 'mail']),
    };
    let at = start;
    let page = 0;
    return Array.from({ length: 1 + Math.floor(random() * 8) }, (_, index) => {
      // Ties, and gaps of up to 29 minutes.
      at += pick([0, 1, 40_000, 1_740_000]);
      const name =
        index === 0 ? pick(['pageview', 'pageview', 'call']) : pick(['pageview', 'engagement', 'signup', 'pageview']);
      if (name === 'pageview') page += 1;
      return eventRow({
        ...visit,
        site_id: siteId,
        visitor_id: visitor,
        session_id: String(siteId * 1_000 + number),
        page_id: String((siteId * 1_000 + number) * 100 + page),
        seq: index,
        ts: toTimestamp(at),
        name,
        path: pick(paths),
        engaged_ms: name === 'engagement' ? Math.floor(random() * 60_000) : 0,
        props: name === 'signup' ? { plan: pick(['free', 'pro']) } : {},
      });
    });
  }).flat();
}

const filter: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({
    dimension: fc.constant('country' as const),
    op: fc.constantFrom('is', 'is_not'),
    value: fc.constant<string[]>(['DE']),
  }),
  fc.record({
    dimension: fc.constant('source' as const),
    op: fc.constantFrom('contains', 'not_contains'),
    value: fc.constant<string[]>(['GOO']),
  }),
  fc.record({
    dimension: fc.constant('path' as const),
    op: fc.constantFrom('is', 'contains'),
    value: fc.constant<string[]>(['/pricing']),
  }),
  fc.record({
    dimension: fc.constant('event' as const),
    op: fc.constant('is'),
    value: fc.constant<string[]>(['signup']),
  }),
  fc.record({
    dimension: fc.constant('prop:plan' as const),
    op: fc.constant('is'),
    value: fc.constant<string[]>(['pro']),
  }),
);

const question = fc.record({
  siteId: fc.integer({ min: 1, max: sites }),
  timezone: fc.constantFrom(...zones),
  fromDay: fc.integer({ min: 0, max: 30 }),
  days: fc.integer({ min: 1, max: 12 }),
  minutes: fc.constantFrom(0, 0, 0, 7),
  interval: fc.constantFrom(...intervals),
  filters: fc.array(filter, { maxLength: 2 }),
});

/** Whether one event fits a filter on events, or its session's visit one on visits. */
function fits(filter: Filter, row: EventRow): boolean {
  const value = filter.dimension.startsWith('prop:')
    ? row.props[filter.dimension.slice(5)]
    : { country: row.country, source: row.source, path: row.path, event: row.name }[filter.dimension as 'path'];
  const hit = filter.value.some((text) =>
    filter.op === 'is' || filter.op === 'is_not' ? value === text : value?.toLowerCase().includes(text.toLowerCase()),
  );
  return filter.op === 'is' || filter.op === 'contains' ? hit : !hit;
}

const isOfEvents = ({ dimension }: Filter) =>
  dimension === 'path' || dimension === 'event' || dimension.startsWith('prop:');

interface Asked {
  rows: EventRow[];
  sessions: FoldedSession[];
  filters: Filter[];
  from: number;
  to: number;
}

/** Totals of [from, to), of which `whole` are the ends of the range asked about. */
function foldTotals({ rows, sessions, filters, from, to }: Asked, whole: { fromMs: number; toMs: number }): Totals {
  const acts = rows.filter((row) => row.name !== 'engagement' && filters.every((one) => fits(one, row)));
  const here = acts.filter(({ ts }) => fromTimestamp(ts) >= from && fromTimestamp(ts) < to);
  const kept = sessions.filter((session) => {
    const own = rows.filter(
      ({ session_id, ts }) =>
        session_id === session.id && fromTimestamp(ts) >= whole.fromMs && fromTimestamp(ts) < whole.toMs,
    );
    const any = rows.find(({ session_id }) => session_id === session.id);
    return filters.every((one) =>
      isOfEvents(one) ? own.some((row) => fits(one, row)) : any !== undefined && fits(one, any),
    );
  });
  const there = kept.filter(({ started, ended }) => started < to && ended >= from);
  const begun = there.filter(({ started }) => started >= from);
  const mean = (values: number[]) =>
    values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    visitors: new Set(
      filters.some(isOfEvents) ? here.map((row) => row.visitor_id) : there.map(({ visitor }) => visitor),
    ).size,
    sessions: begun.length,
    pageviews: here.filter(({ name }) => name === 'pageview').length,
    events: here.length,
    bounceRate: mean(begun.map(({ pageviews, events }) => (pageviews === 1 && events === 1 ? 1 : 0))),
    sessionSeconds: mean(begun.map(({ started, ended }) => (ended - started) / 1_000)),
    engagedSeconds: mean(begun.map(({ engagedMs }) => engagedMs / 1_000)),
  };
}

/** A whole number near it, with no border where fractions of few parts lie: the last bit of a quotient must not decide. */
const whole = (value: number) => Math.floor(value + 0.3137);

const rounded = (totals: Totals) =>
  Object.fromEntries(Object.entries(totals).map(([key, value]) => [key, whole(value * 1e6)]));

it(`${sites * questionsPerSite} random questions: overview and breakdown equal a fold over the events, in every zone and interval`, async () => {
  await fc.assert(
    fc.asyncProperty(question, async ({ siteId, timezone, fromDay, days, minutes, interval, filters }) => {
      const from = new Date(Date.UTC(2026, 9, 1 + fromDay, 0, minutes)).toISOString();
      const to = new Date(Date.UTC(2026, 9, 1 + fromDay + days, 0, minutes)).toISOString();
      const range = minutes === 0 ? { from: from.slice(0, 10), to: to.slice(0, 10) } : { from, to };
      const span = toSpan(range, timezone);
      const rows = histories.get(siteId) ?? [];
      const sessions = foldSessions(rows);
      const asked = { rows, sessions, filters };
      const answer = await overview(database.clickhouse, {
        siteId,
        timezone,
        request: overviewRequest.parse({ ...range, interval, filters }),
      });
      expect(rounded(answer.totals)).toEqual(rounded(foldTotals({ ...asked, from: span.fromMs, to: span.toMs }, span)));
      const starts = bucketStarts(span, interval, timezone);
      const expected = starts.map((start, index) => ({
        at: new Date(start).toISOString(),
        ...foldTotals(
          { ...asked, from: Math.max(start, span.fromMs), to: Math.min(starts[index + 1] ?? span.toMs, span.toMs) },
          span,
        ),
      }));
      expect(answer.series.map(({ at, ...totals }) => [at, rounded(totals)])).toEqual(
        expected.map(({ at, ...totals }) => [at, rounded(totals)]),
      );
      if (filters.some(isOfEvents)) return;
      for (const dimension of ['country', 'entry_path', 'exit_path'] as const) {
        const items = (
          await breakdown(database.clickhouse, {
            siteId,
            timezone,
            request: breakdownRequest.parse({ ...range, dimension, filters, metric: 'engagedSeconds' }),
          })
        ).items;
        const key = (session: FoldedSession) =>
          ({ country: session.country, entry_path: session.entry, exit_path: session.exit })[dimension];
        const kept = sessions.filter(
          (session) =>
            session.started < span.toMs &&
            session.ended >= span.fromMs &&
            (dimension === 'country' || session.pageviews > 0) &&
            filters.every((one) => fits(one, rows.find(({ session_id }) => session_id === session.id) as EventRow)),
        );
        const table = new Map(
          [...new Set(kept.map(key))].map((name) => {
            const own = kept.filter((session) => key(session) === name);
            const begun = own.filter(({ started }) => started >= span.fromMs);
            const sum = (of: (session: FoldedSession) => number) =>
              begun.reduce((total, session) => total + of(session), 0);
            return [
              name,
              {
                visitors: new Set(own.map(({ visitor }) => visitor)).size,
                sessions: begun.length,
                pageviews: sum(({ pageviews }) => pageviews),
                events: sum(({ events }) => events),
                value: whole(begun.length === 0 ? 0 : sum(({ engagedMs }) => engagedMs) / begun.length),
              },
            ];
          }),
        );
        expect(
          new Map(items.map(({ key: name, value, ...rest }) => [name, { ...rest, value: whole(value * 1_000) }])),
        ).toEqual(table);
      }
    }),
    { numRuns: sites * questionsPerSite, seed: 3 },
  );
}, 400_000);
