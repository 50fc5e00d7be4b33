import { afterAll, beforeAll, expect, test } from 'vitest';
import type { List } from '../../collector/contract/answers.ts';
import type { FunnelAnswer } from '../../collector/contract/funnel.ts';
import type { LeaksAnswer } from '../../collector/contract/leaks.ts';
import type { Match } from '../../collector/contract/match.ts';
import { findPlaces } from '../../collector/leaks/find-places.ts';
import { leaksReport } from '../../collector/leaks/leaks-report.ts';
import { leaksAtlas } from '../../collector/queries/leaks-atlas.ts';
import { leaksCounts } from '../../collector/queries/leaks-counts.ts';
import { addDays, startOfDate } from '../../collector/queries/range.ts';
import { createGoals } from '../../collector/state/goals.ts';
import { type TestDatabase, testDatabase } from '../support/engine.ts';
import { foldAtlas, foldCounts } from '../support/leak-folds.ts';
import { leakTraffic, rowsOf, trafficDays, trafficGoals, type Visit } from '../support/leak-traffic.ts';
import { questionApp } from '../support/question-app.ts';
import { testState } from '../support/state.ts';

/** The clocks go back on 25 October: one of the days has 25 hours. */
const timezone = 'Europe/Berlin';
const firstDate = '2026-09-01';
const lastDate = addDays(firstDate, trafficDays);
const span = { fromMs: startOfDate(firstDate, timezone), toMs: startOfDate(lastDate, timezone) };
const nowMs = span.toMs + 3_600_000;
const goals = trafficGoals.map(({ match }) => match);
const perDay = 250;
const seeds = [1, 2];

let database: TestDatabase;
const visitsOf = new Map<number, Visit[]>();

beforeAll(async () => {
  database = await testDatabase();
  for (const seed of seeds) {
    const { visits } = trafficOf(seed);
    visitsOf.set(seed, [...visits()]);
    const rows = (visitsOf.get(seed) ?? []).flatMap((visit) => rowsOf(visit).map((row) => ({ ...row, site_id: seed })));
    for (let start = 0; start < rows.length; start += 25_000) await database.insert(rows.slice(start, start + 25_000));
  }
});
afterAll(() => database.drop());

test.each(seeds)('leaks: the atlas of seed %i is that of a loop over its visits', async (seed) => {
  const atlas = await leaksAtlas(database.clickhouse, { siteId: seed, span, goals, filters: undefined, sample: 1 });
  const folded = foldAtlas(visitsOf.get(seed) ?? [], goals);
  // Where a sign lies is the most frequent of its pages in one and the first in the other.
  const comparable = ({ signs, ...rest }: typeof atlas) => ({
    ...rest,
    signs: signs
      .map(({ page: _page, host: _host, ...sign }) => sign)
      .sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1)),
  });
  expect(comparable(atlas)).toEqual(comparable(folded));
});

test.each(seeds)(
  'leaks: every count of seed %i, day by day and segment by segment, is that of a loop',
  async (seed) => {
    const question = { siteId: seed, span, filters: undefined, sample: 1 };
    const atlas = await leaksAtlas(database.clickhouse, { ...question, goals });
    const places = findPlaces(atlas, trafficGoals);
    expect(places.length).toBeGreaterThan(25);
    const counts = await leaksCounts(database.clickhouse, { ...question, timezone, places });
    expect(sorted(counts)).toEqual(sorted(foldCounts(visitsOf.get(seed) ?? [], places)));
  },
);

test('leaks: a filter keeps the sessions of which it is true', async () => {
  const question = {
    siteId: 1,
    span,
    filters: [{ dimension: 'device' as const, op: 'is' as const, value: ['mobile'] }],
    sample: 1,
  };
  const atlas = await leaksAtlas(database.clickhouse, { ...question, goals });
  const places = findPlaces(atlas, trafficGoals);
  const counts = await leaksCounts(database.clickhouse, { ...question, timezone, places });
  const phones = (visitsOf.get(1) ?? []).filter(({ device }) => device === 'mobile');
  expect(sorted(counts)).toEqual(sorted(foldCounts(phones, places)));
});

test('leaks: the report names place, people, day and money of what is planted, from nothing but events and goals', async () => {
  const { state } = await testState(() => nowMs);
  for (const { name, match, value } of trafficGoals) {
    await createGoals(state, () => nowMs).create(1, { name, match, ...(value === null ? {} : { value }) });
  }
  const answer = await leaksReport(
    { state, clickhouse: database.clickhouse },
    { siteId: 1, timezone, request: { from: firstDate, to: lastDate }, nowMs },
  );
  expect(answer.notes).toEqual([]);
  const { planted } = trafficOf(1);
  expect(answer.items).toHaveLength(planted.length);
  const told = answer.items.map(({ kind, to, who, since }) => ({ kind, to, who: who?.value ?? null, since }));
  for (const { kind, to, segment, since } of planted) {
    const near = [-2, -1, 0, 1, 2].map((days) => addDays(firstDate, since + days));
    expect(told).toContainEqual({ kind, to, who: segment?.value ?? null, since: expect.toBeOneOf(near) });
  }
  for (const { reached, lost, rate, baseline, excess, kind, moneyAtRisk } of answer.items) {
    expect(rate).toBeCloseTo(lost / reached, 9);
    expect(lost - baseline * reached).toBeCloseTo(excess, 0);
    expect(moneyAtRisk === null).toBe(kind === 'tracking');
  }
});

/** Half past six in the evening of the last day: the report ends at six, within the day. */
const lastEvening = span.toMs - 5.5 * 3_600_000;

test.each([
  ['of whole days', nowMs, []],
  ['that ends within a day', lastEvening, []],
  ['of phones', lastEvening, [{ dimension: 'device', op: 'is', value: ['mobile'] }]],
])('leaks: every number of a report %s opens a list of exactly as many visits', async (_, now, filters) => {
  const { state } = await testState(() => now);
  for (const { name, match } of trafficGoals) await createGoals(state, () => now).create(1, { name, match });
  const { ask } = questionApp({ clickhouse: database.clickhouse, state, now: () => now, site: { timezone } });
  const report = await ask<LeaksAnswer>('/leaks', { from: addDays(lastDate, -30), to: lastDate, filters });
  const { items, through } = report.body;
  expect(Date.parse(through)).toBe(Math.min(span.toMs, now - 30 * 60_000));
  const funnels = items.filter(({ from, to }) => JSON.stringify(from) !== JSON.stringify(to));
  expect(funnels.length).toBeGreaterThan(6);
  if (filters.length === 0) expect(funnels.some(({ at }) => at)).toBe(true);
  for (const { from, to, at, countedFrom, reached, lost } of funnels) {
    const asked = { from: countedFrom, to: through, by: 'session', window: '24h', filters };
    const steps = (first: Match) => [{ match: first }, { match: to }];
    const whole = await ask<FunnelAnswer>('/funnel', { ...asked, steps: steps(from) });
    expect(whole.body.steps[0]?.count).toBe(reached);
    const list = await ask<List<unknown>>('/funnel/people', { ...asked, steps: steps(at ?? from), step: 1, limit: 1 });
    expect(list.body.total).toBe(lost);
  }
});

test('leaks: a day that has only begun holds nothing to count', async () => {
  const midnight = startOfDate(lastDate, timezone);
  const { state } = await testState(() => midnight);
  const { ask } = questionApp({ clickhouse: database.clickhouse, state, now: () => midnight + 60_000 });
  const { body } = await ask<LeaksAnswer>('/leaks', { from: addDays(lastDate, 1), to: addDays(lastDate, 2) });
  expect(body).toMatchObject({ items: [], looked: 0 });
  expect(body.notes).toHaveLength(1);
});

function trafficOf(seed: number) {
  const firstDayMs = (day: number) => startOfDate(addDays(firstDate, day), timezone);
  return leakTraffic({ seed, firstDayMs, perDay, leaks: true });
}

/** Rows of equal size come in any order. */
function sorted(counts: ReturnType<typeof foldCounts>) {
  return counts.map(({ place, series }) => ({
    place,
    series: [...series].sort((one, other) =>
      `${one.dimension} ${one.value}` < `${other.dimension} ${other.value}` ? -1 : 1,
    ),
  }));
}
