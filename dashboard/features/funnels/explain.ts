import type { FunnelAnswer, FunnelStepResult, FunnelWhyAnswer } from '../../../collector/contract/funnel.ts';
import type { Interval } from '../../../collector/contract/names.ts';
import { formatBucket, formatCount, formatMoney, formatRate, formatSeconds } from '../../format.ts';
import { dimensionNames, valueName } from '../filters/data.ts';
import type { TrendPoint } from '../overview/data.ts';
import { matchName, type Step } from './data.ts';

/** The numbers of the steps that are optional, from 1. */
export function optionalSteps(steps: Step[]): ReadonlySet<number> {
  return new Set(steps.flatMap((step, index) => (step.optional ? [index + 1] : [])));
}

/** "+12 · 3% more of the step before than then", or null where there is nothing to compare with. */
export function stepChange(step: FunnelStepResult, before: FunnelStepResult | undefined): string | null {
  if (!before) return null;
  const difference = step.count - before.count;
  const count =
    difference === 0 ? 'as many as before' : `${signed(difference)} than before (${formatCount(before.count)})`;
  if (step.index === 1) return count;
  const points = Math.round((step.rateFromFirst - before.rateFromFirst) * 1_000) / 10;
  if (points === 0) return `${count}, the same share`;
  return `${count}, share ${points > 0 ? '+' : '−'}${Math.abs(points)} points`;
}

function signed(difference: number): string {
  return `${formatCount(Math.abs(difference))} ${difference > 0 ? 'more' : 'fewer'}`;
}

/** "half go on within 2m 05s, 9 of 10 within 1h 20m", or null where nobody went on. */
export function paceWords(step: FunnelStepResult | undefined): string | null {
  const times = step?.secondsFromPrevious;
  if (!times) return null;
  return `half go on within ${formatSeconds(times.p50)}, 9 of 10 within ${formatSeconds(times.p90)}`;
}

export interface TimeBar {
  label: string;
  count: number;
  /** 0–1 of the tallest bar. */
  height: number;
}

/** Times to go on as small bars, from the first that holds somebody to the last; empty where none are known. */
export function timeBars(step: FunnelStepResult | undefined): TimeBar[] {
  const all = step?.times ?? [];
  const times = all.slice(
    all.findIndex((one) => one.count > 0),
    all.findLastIndex((one) => one.count > 0) + 1,
  );
  const most = Math.max(1, ...times.map((one) => one.count));
  return times.map(({ from, to, count }) => ({
    label: to === null ? `${formatSeconds(from)} or more` : `${formatSeconds(from)} to ${formatSeconds(to)}`,
    count,
    height: count / most,
  }));
}

/** The bars in words: where most are, and how many of how many. Null where there are none. */
export function timesSentence(bars: TimeBar[]): string | null {
  const total = bars.reduce((sum, bar) => sum + bar.count, 0);
  const tallest = bars.reduce<TimeBar | null>((best, bar) => (bar.count > (best?.count ?? 0) ? bar : best), null);
  if (!tallest) return null;
  return `Most often ${tallest.label}: ${formatCount(tallest.count)} of ${formatCount(total)}.`;
}

/** "worth €1,200, €340 at risk after it", or null where no money is known. */
export function moneyWords(step: FunnelStepResult, currency: string): string | null {
  const worth = formatMoney(step.value, currency);
  const risk = step.moneyAtRisk === undefined || step.moneyAtRisk === null ? null : Math.round(step.moneyAtRisk);
  const words = [
    ...(worth === null ? [] : [`worth ${worth}`]),
    ...(risk === null || risk === 0 ? [] : [`about ${formatMoney(risk, currency)} lost after it`]),
  ];
  return words.length === 0 ? null : words.join(', ');
}

/** The interval of a trend that gives a readable number of points. */
export function trendInterval({ from, to }: { from: string; to: string }): Interval {
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000;
  if (days <= 2) return 'hour';
  if (days <= 92) return 'day';
  return days <= 400 ? 'week' : 'month';
}

/** The overall rate over time. An interval that nobody entered in has no rate and breaks the line. */
export function trendPoints(
  trend: NonNullable<FunnelAnswer['trend']>,
  options: { interval: Interval; timezone: string },
): TrendPoint[] {
  return trend.map(({ at, steps }) => {
    const rate = (steps[0]?.count ?? 0) === 0 ? null : (steps.at(-1)?.rateFromFirst ?? null);
    return {
      at,
      label: formatBucket(at, options.interval, options.timezone),
      value: rate,
      running: null,
      previous: null,
    };
  });
}

/** A trend in one sentence: the best and the worst interval. */
export function trendSentence(points: TrendPoint[]): string {
  const known = points.flatMap(({ label, value }) => (value === null ? [] : [{ label, value }]));
  const best = known.reduce<(typeof known)[number] | null>((a, b) => (a && a.value >= b.value ? a : b), null);
  const worst = known.reduce<(typeof known)[number] | null>((a, b) => (a && a.value <= b.value ? a : b), null);
  if (!best || !worst) return 'Nobody entered this funnel in this range.';
  if (best.value === worst.value) return `The rate stayed at ${formatRate(best.value)}.`;
  return `Highest: ${formatRate(best.value)} (${best.label}). Lowest: ${formatRate(worst.value)} (${worst.label}).`;
}

/** The name of what a funnel or a "why" is broken down by. */
export function breakdownName(dimension: string): string {
  if (Object.hasOwn(dimensionNames, dimension)) return dimensionNames[dimension as keyof typeof dimensionNames];
  return dimension.replace(/^prop:/, '');
}

/** The name of one of its values. */
export function breakdownValue(dimension: string, value: string): string {
  return valueName(dimension as Parameters<typeof valueName>[0], value);
}

export interface WhyLine {
  key: string;
  /** "Device is mobile" */
  what: string;
  left: string;
  wentOn: string;
  /** "2.1× as frequent among those who left" */
  times: string;
  /** How sure that is, in plain words. */
  sure: string;
  /** Whether it goes with leaving, rather than with going on. */
  leaving: boolean;
}

/** What differs, as lines to read. */
export function whyLines({ items }: FunnelWhyAnswer): WhyLine[] {
  return items.map((item) => {
    const leaving = item.ratio > 1;
    const share = (part: number, whole: number) =>
      `${formatRate(whole === 0 ? 0 : part / whole)} (${formatCount(part)} of ${formatCount(whole)})`;
    return {
      key: `${item.dimension} ${item.value}`,
      what: `${breakdownName(item.dimension)} is ${breakdownValue(item.dimension, item.value)}`,
      left: share(item.droppedWith, item.dropped),
      wentOn: share(item.wentOnWith, item.wentOn),
      times: timesWords(item.ratio),
      sure: sureWords(item.significance),
      leaving,
    };
  });
}

function timesWords(ratio: number): string {
  if (!Number.isFinite(ratio)) return 'only among those who left';
  if (ratio === 0) return 'only among those who went on';
  const factor = ratio >= 1 ? ratio : 1 / ratio;
  return `${factor.toFixed(1)}× as frequent among those who ${ratio >= 1 ? 'left' : 'went on'}`;
}

/** A probability of chance in words; the bounds are the customary ones. */
export function sureWords(significance: number): string {
  if (significance < 0.001) return 'Practically certain';
  if (significance < 0.01) return 'Very likely real';
  if (significance < 0.05) return 'Likely real';
  return 'May be chance';
}

/** A rule that watches for one step and expects the next; nobody is written to before it is switched on. */
export function ruleOfDrop(
  steps: Step[],
  step: number,
  window: string,
): { name: string; intent: Step['match']; complete: Step['match'][]; wait: string; enabled: false } | null {
  const from = steps[step - 1];
  const to = steps.slice(step).find((one) => !one.optional);
  if (!from || !to) return null;
  // A rule waits 30 days at most, and never longer than the funnel gives.
  const days = /^(\d+)d$/.exec(window);
  return {
    name: `${from.name ?? matchName(from.match)} without ${to.name ?? matchName(to.match)}`.slice(0, 120),
    intent: from.match,
    complete: [to.match],
    wait: days && Number(days[1]) > 30 ? '30d' : window,
    enabled: false,
  };
}
