import type { ClickHouse } from '../clickhouse/client.ts';
import { joinSql, param, Sql, sql } from '../clickhouse/sql.ts';
import type { FunnelAnswer, FunnelRequest, FunnelStepResult } from '../contract/funnel.ts';
import { durationMs } from '../contract/time.ts';
import { bucketStarts } from './buckets.ts';
import { chainsSql } from './funnel-chains.ts';
import { literal, momentMs } from './funnel-moments.ts';
import { type FunnelQuestion, funnelSpan, requiredSteps, stepsBefore } from './funnel-question.ts';
import { matchInWords } from './match.ts';
import { comparedSpan, type Span } from './range.ts';

/*
 * How many units (visitors, sessions or leads) reached each step of a funnel, how long they took, and what it was worth?
 *
 * One row, or one for each key of a breakdown, or for each interval of a trend; of arrays with one place for each step that
 * anybody passed, the entry first:
 *   ends       units whose attempt ended at this step or a later one
 *   counts     of these, those that did not pass over this step, which can only be where it is optional
 *   quantiles  seconds from the required step before, p50 and p90, over the attempts that speak for these units (from step 2
 *              on); linear between neighbours
 *   averages   of the same seconds
 *   below      for each of these steps, for each bound of the buckets, how many of the same seconds are less; one flat list
 *   worths     sum of the values of this step's events on these attempts
 *   carriers   how many of these events carry a value at all
 *
 * A unit counts once, however often it repeats, and in one key and one interval only: those of the first event of the attempt
 * that speaks for it. Attempts start inside the range; their later steps may lie after its end, up to the window. What exactly
 * counts: docs/funnel.md and funnel-chains.ts.
 */

export interface AskedFunnel extends FunnelQuestion {
  /** What one conversion is worth whose event carries no value, in the site's currency. */
  conversionValue?: number;
}

/** Keys of a breakdown; what is rarer is summed up as (other). */
const mostKeys = 50;

/** Seconds at which the buckets of `times` begin. */
const timeBounds = [
  0, 10, 30, 60, 120, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 259_200, 604_800, 1_209_600, 2_592_000,
];

interface FunnelRow {
  ends: number[];
  counts: number[];
  quantiles: [number, number][];
  averages: number[];
  below: number[];
  worths: number[];
  carriers: number[];
}

/** The whole funnel. */
export function funnelSql(question: FunnelQuestion): Sql {
  return sql`
SELECT ${aggregatesSql(question.request, 'whole')}, ${belowSql(question.request)} AS below
FROM (${measuredSql(question)})`;
}

/** The funnel for each value of the breakdown, the most frequent first, (other) last. */
export function funnelBreakdownSql(question: FunnelQuestion): Sql {
  const { request } = question;
  return sql`
SELECT if(place <= ${literal(mostKeys)}, key, '(other)') AS shown, ${aggregatesSql(request, 'merge')}
FROM (
  SELECT *, row_number() OVER (ORDER BY units DESC, key) AS place
  FROM (SELECT key, count() AS units, ${aggregatesSql(request, 'state')} FROM (${measuredSql(question)}) GROUP BY key)
)
GROUP BY shown
ORDER BY min(place)`;
}

/** The funnel for each interval in which any attempt started, oldest first. `starts`: where the intervals begin. */
export function funnelTrendSql(question: FunnelQuestion, starts: readonly number[]): Sql {
  const startedMs = momentMs(sql`started`, funnelSpan(question));
  return sql`
SELECT toFloat64(roundDown(toUInt64(${startedMs}), ${param.uint64s(starts.map(String))})) AS at, ${aggregatesSql(question.request, 'whole')}
FROM (${measuredSql(question)})
GROUP BY at
ORDER BY at`;
}

/** Throws AppError invalid_request for a bad range or an option that makes no sense. */
export async function funnel(clickhouse: ClickHouse, question: AskedFunnel): Promise<FunnelAnswer> {
  const { request, timezone } = question;
  const { breakdown, trend, compare, ...plain } = request;
  const whole = { ...question, request: plain };
  const before = compare ? comparedSpan(request, timezone, compare) : undefined;
  const starts = trend ? bucketStarts(funnelSpan(question), trend, timezone) : [];
  const [now, then, byKey, byTime] = await Promise.all([
    ask<FunnelRow>(clickhouse, funnelSql(whole), 'funnel'),
    before && ask<FunnelRow>(clickhouse, funnelSql({ ...whole, request: { ...plain, ...toRange(before) } }), 'funnel'),
    breakdown &&
      ask<KeyRow>(clickhouse, funnelBreakdownSql({ ...whole, request: { ...plain, breakdown } }), 'funnel-breakdown'),
    trend && ask<TimeRow>(clickhouse, funnelTrendSql(whole, starts), 'funnel-trend'),
  ]);
  const all = [now, then, byKey, byTime].flatMap((answer) => answer || []);
  return {
    steps: toSteps(question, now.rows[0]),
    ...(byKey ? { breakdown: byKey.rows.map((row) => ({ key: row.shown, steps: toSteps(question, row) })) } : {}),
    ...(before && then ? { comparison: { ...toRange(before), steps: toSteps(question, then.rows[0]) } } : {}),
    ...(byTime ? { trend: toTrend(question, starts, byTime.rows) } : {}),
    elapsedMs: Math.max(...all.map(({ elapsedMs }) => elapsedMs)),
    rowsRead: all.reduce((sum, { rowsRead }) => sum + rowsRead, 0),
  };
}

type PartRow = FunnelRow | KeyRow | TimeRow;
type KeyRow = Omit<FunnelRow, 'below'> & { shown: string };
type TimeRow = Omit<FunnelRow, 'below'> & { at: number };

function ask<Row>(clickhouse: ClickHouse, statement: Sql, name: string) {
  return clickhouse.query<Row>(statement, { name });
}

/** Chains with what is measured on them. */
function measuredSql(question: FunnelQuestion): Sql {
  const { request } = question;
  const ms = (moment: Sql) => momentMs(moment, funnelSpan(question));
  if (!hasOptional(request)) {
    return sql`
  SELECT *, arrayMap(moment -> ${ms(sql`moment`)}, moments) AS times,
    arrayMap((later, earlier) -> (later - earlier) / 1000, arrayPopFront(times), arrayPopBack(times)) AS seconds
  FROM (${chainsSql(question)})`;
  }
  // An optional step of a funnel in any order has no step before it.
  const timed = request.steps.map(({ optional }) => literal(optional && request.order === 'any' ? 0 : 1));
  const bases = stepsBefore(request).map(literal);
  return sql`
  SELECT *, arrayMap(moment -> if(moment = 0, 0, ${ms(sql`moment`)}), moments) AS times,
    arrayMap(moment -> moment != 0, moments) AS passed,
    arrayPopFront(arrayMap((base, time, flag) -> if(flag, (time - times[base]) / 1000, 0), arraySlice([${joinSql(bases, sql`, `)}], 1, reached), times, passed)) AS seconds,
    arrayPopFront(arrayMap((flag, counted) -> flag AND counted = 1, passed, arraySlice([${joinSql(timed, sql`, `)}], 1, reached))) AS timed
  FROM (${chainsSql(question)})`;
}

/** What is read off the chains: as it is, as a state that can be merged, or merged from such states. */
function aggregatesSql(request: FunnelRequest, form: 'whole' | 'state' | 'merge'): Sql {
  const optional = hasOptional(request);
  const seconds = optional ? sql`seconds, timed` : sql`seconds`;
  const numbers = sql`arrayMap(number -> toFloat64(number), `;
  const all: { name: keyof FunnelRow; call: string; levels?: string; of: Sql; isCount: boolean }[] = [
    { name: 'ends', call: 'countForEach', of: sql`moments`, isCount: true },
    {
      name: 'counts',
      call: optional ? 'sumForEach' : 'countForEach',
      of: optional ? sql`passed` : sql`moments`,
      isCount: true,
    },
    {
      name: 'quantiles',
      call: optional ? 'quantilesExactInclusiveIfForEach' : 'quantilesExactInclusiveForEach',
      levels: '(0.5, 0.9)',
      of: seconds,
      isCount: false,
    },
    { name: 'averages', call: optional ? 'avgIfForEach' : 'avgForEach', of: seconds, isCount: false },
    { name: 'worths', call: 'sumForEach', of: sql`amounts`, isCount: true },
    { name: 'carriers', call: 'sumForEach', of: sql`arrayMap(amount -> amount != 0, amounts)`, isCount: true },
  ];
  const columns = all.map(({ name, call, levels = '', of, isCount }) => {
    const state = new Sql([`${name}_state`]);
    const suffix = form === 'whole' ? '' : form === 'state' ? 'State' : 'Merge';
    const value = sql`${new Sql([`${call}${suffix}${levels}`])}(${form === 'merge' ? state : of})`;
    if (form === 'state') return sql`${value} AS ${state}`;
    return isCount ? sql`${numbers}${value}) AS ${new Sql([name])}` : sql`${value} AS ${new Sql([name])}`;
  });
  return joinSql(columns, sql`, `);
}

/** For each step from the second, for each bound of the buckets but the first and for no bound: how many times are less. */
function belowSql(request: FunnelRequest): Sql {
  const bounds = [...boundsOf(request).slice(1).map(literal), sql`inf`];
  const list = sql`[${joinSql(bounds, sql`, `)}]`;
  const less = hasOptional(request)
    ? sql`arrayMap((time, counted) -> arrayMap(bound -> counted AND time < bound, ${list}), seconds, timed)`
    : sql`arrayMap(time -> arrayMap(bound -> time < bound, ${list}), seconds)`;
  // One flat list, because it is one aggregate: a dozen of them cost more to plan than the rest of the question.
  return sql`arrayMap(number -> toFloat64(number), sumForEach(arrayFlatten(${less})))`;
}

/** Where the buckets of times begin, seconds: as far as the window goes. */
function boundsOf({ window }: FunnelRequest): number[] {
  return timeBounds.filter((bound) => bound === 0 || bound * 1_000 <= durationMs(window));
}

function hasOptional({ steps }: FunnelRequest): boolean {
  return steps.some(({ optional }) => optional);
}

function toRange({ fromMs, toMs }: Span): { from: string; to: string } {
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}

/** One point for each interval, zeros where no attempt started. */
function toTrend(question: AskedFunnel, starts: readonly number[], rows: readonly TimeRow[]) {
  const found = new Map(rows.map((row) => [row.at, row]));
  return starts.map((start) => ({ at: new Date(start).toISOString(), steps: toSteps(question, found.get(start)) }));
}

function toSteps({ request, conversionValue }: AskedFunnel, row: PartRow | undefined): FunnelStepResult[] {
  const counts = request.steps.map((_, index) => row?.counts[index] ?? 0);
  const before = stepsBefore(request);
  const last = requiredSteps(request).at(-1) ?? 1;
  const times = row && 'below' in row ? row.below : undefined;
  const worth = row && times && meanConversion({ row, last, completed: counts[last - 1] ?? 0, conversionValue });
  return request.steps.map((step, index) => {
    const count = counts[index] ?? 0;
    const dropped = index + 1 >= last ? 0 : (row?.ends[index] ?? 0) - (row?.ends[index + 1] ?? 0);
    const [p50, p90] = row?.quantiles[index - 1] ?? [];
    const avg = row?.averages[index - 1];
    const timed = isNumber(p50) && isNumber(p90) && isNumber(avg);
    return {
      index: index + 1,
      name: step.name ?? matchInWords(step.match),
      count,
      rateFromFirst: rate(count, counts[0] ?? 0),
      rateFromPrevious: index === 0 ? 1 : rate(count, counts[(before[index] ?? 1) - 1] ?? 0),
      dropped,
      secondsFromPrevious: timed ? { p50, p90, avg } : null,
      ...(times
        ? {
            times: timed ? toBuckets(boundsOf(request), times, index) : null,
            moneyAtRisk: isNumber(worth) ? dropped * worth * rate(counts[last - 1] ?? 0, count) : null,
          }
        : {}),
      value: row?.carriers[index] ? (row.worths[index] ?? null) : null,
    };
  });
}

/** What a completed attempt is worth on average: the value of its last step, else what is said of a conversion. Null: unknown. */
function meanConversion(options: {
  row: PartRow;
  last: number;
  completed: number;
  conversionValue: number | undefined;
}): number | null {
  const { row, last, completed, conversionValue } = options;
  const carriers = row.carriers[last - 1] ?? 0;
  if (completed === 0) return conversionValue ?? null;
  if (carriers === 0 && conversionValue === undefined) return null;
  return ((row.worths[last - 1] ?? 0) + (completed - carriers) * (conversionValue ?? 0)) / completed;
}

function toBuckets(bounds: readonly number[], below: readonly number[], index: number) {
  const ofStep = below.slice((index - 1) * bounds.length, index * bounds.length);
  return bounds.map((from, place) => ({
    from,
    to: bounds[place + 1] ?? null,
    count: (ofStep[place] ?? 0) - (ofStep[place - 1] ?? 0),
  }));
}

function isNumber(value: number | null | undefined): value is number {
  return value !== undefined && value !== null && !Number.isNaN(value);
}

function rate(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
