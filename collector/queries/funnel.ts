import type { ClickHouse } from '../clickhouse/client.ts';
import { joinSql, literal, param, Sql, sql } from '../clickhouse/sql.ts';
import type { FunnelAnswer, FunnelRequest, FunnelStepResult } from '../contract/funnel.ts';
import { durationMs } from '../contract/time.ts';
import { bucketStarts } from './buckets.ts';
import { chainsSql } from './funnel-chains.ts';
import { passedAt } from './funnel-events.ts';
import { momentMs } from './funnel-moments.ts';
import { type FunnelQuestion, funnelSpan, requiredSteps, stepsBefore } from './funnel-question.ts';
import { matchInWords } from './match.ts';
import { comparedSpan, type Span } from './range.ts';

/*
 * How many units (visitors, sessions or leads) reached each step of a funnel, how long they took, and what it was worth?
 *
 * One row, or one for each key of a breakdown, or for each interval of a trend; of arrays with one place for each step:
 *   ends       units whose attempt ended at this step or a later one
 *   counts     of these, those that did not pass over this step; only where a step is optional
 *   quantiles  from step 2 on: seconds from the required step before, p50 and p90, over the attempts that speak for these units;
 *              linear between neighbours
 *   averages   of the same seconds
 *   times      of the same seconds, how many lie in each bucket; only for the whole
 *   paid       three lists of equal length: steps whose events on these attempts carry a value, the sum of these values, and
 *              how many of the events carry one
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
  counts?: number[];
  quantiles?: [number | null, number | null][];
  averages?: (number | null)[];
  times?: number[][];
  paid?: [steps: number[], sums: number[], counts: number[]];
}

/** The whole funnel. */
export function funnelSql(question: FunnelQuestion): Sql {
  return sql`
SELECT ${aggregatesSql(question.request, 'whole')}${question.request.only ? sql`` : sql`, ${timesSql(question.request)} AS times`}
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
type KeyRow = FunnelRow & { shown: string };
type TimeRow = FunnelRow & { at: number };

function ask<Row>(clickhouse: ClickHouse, statement: Sql, name: string) {
  return clickhouse.query<Row>(statement, { name });
}

/** Chains with `t_2`, `t_3` …: seconds to a step from the required one before it. Meaningful where the attempt passed the step. */
function measuredSql(question: FunnelQuestion): Sql {
  const { request } = question;
  const ms = (step: number) => momentMs(passedAt(step), funnelSpan(question));
  const bases = stepsBefore(request);
  const seconds = laterSteps(request).map(
    (step) => sql`, (${ms(step)} - ${ms(bases[step - 1] || 1)}) / 1000 AS ${secondsAt(step)}`,
  );
  return sql`
  SELECT *${joinSql(seconds, sql``)}
  FROM (${chainsSql(question)})`;
}

/** What is read off the chains: as it is, as a state that can be merged, or merged from such states. */
function aggregatesSql(request: FunnelRequest, form: 'whole' | 'state' | 'merge'): Sql {
  const all = request.steps.map((_, index) => index + 1);
  const timed = laterSteps(request).map((step) => sql`${secondsAt(step)}, ${isTimed(request, step)}`);
  const lists: { name: keyof FunnelRow; call: string; levels?: string; of: Sql[]; isCount?: boolean }[] = [
    { name: 'ends', call: 'countIf', of: all.map((step) => sql`reached >= ${literal(step)}`), isCount: true },
    ...(hasOptional(request)
      ? [
          {
            name: 'counts',
            call: 'countIf',
            of: all.map((step) => sql`${passedAt(step)} != 0`),
            isCount: true,
          } as const,
        ]
      : []),
    ...(request.only
      ? []
      : [
          { name: 'quantiles', call: 'quantilesExactInclusiveIf', levels: '(0.5, 0.9)', of: timed } as const,
          { name: 'averages', call: 'avgIf', of: timed } as const,
        ]),
  ];
  const suffix = { whole: '', state: 'State', merge: 'Merge' }[form];
  const columns = lists.flatMap(({ name, call, levels = '', of, isCount }) => {
    const values = of.map((input, index) => {
      const state = new Sql([`${name}_${index}`]);
      const value = sql`${new Sql([`${call}${suffix}${levels}`])}(${form === 'merge' ? state : input})`;
      if (form === 'state') return sql`${value} AS ${state}`;
      return isCount ? sql`toFloat64(${value})` : value;
    });
    return form === 'state' ? values : [sql`[${joinSql(values, sql`, `)}] AS ${new Sql([name])}`];
  });
  if (request.only) return joinSql(columns, sql`, `);
  const money = sql`${new Sql([`sumMap${suffix}`])}(${form === 'merge' ? sql`money_state` : sql`money.1, money.2, arrayMap(amount -> toFloat64(1), money.2)`})`;
  return joinSql([...columns, form === 'state' ? sql`${money} AS money_state` : sql`${money} AS paid`], sql`, `);
}

/** For each step from the second, how many of its times lie in each bucket. */
function timesSql(request: FunnelRequest): Sql {
  const bounds = boundsOf(request);
  const list = sql`[${joinSql(bounds.map(literal), sql`, `)}]`;
  const counts = laterSteps(request).map(
    (step) =>
      sql`arrayMap(count -> toFloat64(count), countResampleIf(0, ${literal(bounds.length)}, 1)(${secondsAt(step)}, indexOf(${list}, roundDown(${secondsAt(step)}, ${list})) - 1, ${isTimed(request, step)}))`,
  );
  return sql`[${joinSql(counts, sql`, `)}]`;
}

function laterSteps({ steps }: FunnelRequest): number[] {
  return steps.slice(1).map((_, index) => index + 2);
}

function secondsAt(step: number): Sql {
  return sql`t_${literal(step)}`;
}

/** Whether an attempt has a time for a step. An optional step of a funnel in any order has no step before it. */
function isTimed({ steps, order }: FunnelRequest, step: number): Sql {
  return order === 'any' && steps[step - 1]?.optional ? sql`0` : sql`${passedAt(step)} != 0`;
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
  const found = row?.counts ?? row?.ends;
  const counts = request.steps.map((_, index) => found?.[index] ?? 0);
  const before = stepsBefore(request);
  const last = requiredSteps(request).at(-1) ?? 1;
  const times = row?.times;
  const money = toMoney(row);
  const worth = meanConversion({ paid: money.get(last), completed: counts[last - 1] ?? 0, conversionValue });
  return request.steps.map((step, index) => {
    const count = counts[index] ?? 0;
    const dropped = index + 1 >= last ? 0 : (row?.ends[index] ?? 0) - (row?.ends[index + 1] ?? 0);
    const [p50, p90] = row?.quantiles?.[index - 1] ?? [];
    const avg = row?.averages?.[index - 1];
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
            times: timed ? toBuckets(boundsOf(request), times[index - 1] ?? []) : null,
            moneyAtRisk: isNumber(worth) ? dropped * worth * rate(counts[last - 1] ?? 0, count) : null,
          }
        : {}),
      value: money.get(index + 1)?.sum ?? null,
    };
  });
}

interface Paid {
  sum: number;
  carriers: number;
}

function toMoney(row: PartRow | undefined): Map<number, Paid> {
  const [steps, sums, carriers] = row?.paid ?? [[], [], []];
  return new Map(steps.map((step, index) => [step, { sum: sums[index] ?? 0, carriers: carriers[index] ?? 0 }]));
}

/** What a completed attempt is worth on average: the value of its last step, else what is said of a conversion. Null: unknown. */
function meanConversion(options: {
  paid: Paid | undefined;
  completed: number;
  conversionValue: number | undefined;
}): number | null {
  const { paid, completed, conversionValue } = options;
  if (completed === 0) return conversionValue ?? null;
  if (!paid && conversionValue === undefined) return null;
  return ((paid?.sum ?? 0) + (completed - (paid?.carriers ?? 0)) * (conversionValue ?? 0)) / completed;
}

function toBuckets(bounds: readonly number[], counts: readonly number[]) {
  return bounds.map((from, place) => ({ from, to: bounds[place + 1] ?? null, count: counts[place] ?? 0 }));
}

function isNumber(value: number | null | undefined): value is number {
  return value !== undefined && value !== null && !Number.isNaN(value);
}

function rate(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
