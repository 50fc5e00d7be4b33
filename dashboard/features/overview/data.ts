import type { Annotation } from '../../../collector/contract/manage.ts';
import type { Dimension, DropReason, Metric } from '../../../collector/contract/names.ts';
import type {
  BreakdownAnswer,
  DroppedCount,
  OverviewAnswer,
  RealtimeAnswer,
} from '../../../collector/contract/overview.ts';
import type { Range } from '../../../collector/contract/time.ts';
import {
  formatBucket,
  formatCount,
  formatMinute,
  formatRate,
  formatSeconds,
  formatShort,
  plural,
} from '../../format.ts';
import { dimensionNames, valueName } from '../filters/data.ts';
import { dateIn, rangeInWords } from '../range/data.ts';

export const metricNames: Record<Metric, string> = {
  visitors: 'Visitors',
  sessions: 'Sessions',
  pageviews: 'Page views',
  events: 'Events',
  bounceRate: 'Bounce rate',
  sessionSeconds: 'Time per session',
  engagedSeconds: 'Attention',
};

export const metricHelp: Record<Metric, string> = {
  visitors: 'Different browsers. Without consent a browser is counted anew each day.',
  sessions: 'Visits: a run of activity with no pause over 30 minutes.',
  pageviews: 'Pages opened, repeats included.',
  events: 'Everything that happened, page views included.',
  bounceRate: 'Share of sessions that saw one page and did nothing else. Lower is better.',
  sessionSeconds: 'Average time from the first to the last thing done in a session.',
  engagedSeconds: 'Average time per session in which the page was in front and in use.',
};

export const tiles: Metric[] = ['visitors', 'sessions', 'pageviews', 'bounceRate', 'sessionSeconds', 'engagedSeconds'];

const lowerIsBetter = new Set<Metric>(['bounceRate']);

export function formatMetric(metric: Metric, value: number): string {
  if (metric === 'bounceRate') return formatRate(value);
  if (metric === 'sessionSeconds' || metric === 'engagedSeconds') return formatSeconds(value);
  return formatShort(value);
}

/** Change against the comparison: null where there is nothing to compare with. */
export function change(
  metric: Metric,
  now: number,
  before: number | undefined,
): { rate: number; text: string; good: boolean } | null {
  if (before === undefined || before === 0) return null;
  const rate = (now - before) / before;
  const text = rate === 0 ? 'no change' : `${rate > 0 ? '+' : '−'}${formatRate(Math.abs(rate))}`;
  return { rate, text, good: rate === 0 || rate > 0 !== lowerIsBetter.has(metric) };
}

export interface TrendPoint {
  at: string;
  label: string;
  /** Null for the interval that is still running. */
  value: number | null;
  /** The running interval and the one before it: drawn dotted. */
  running: number | null;
  previous: number | null;
}

/** Points of the chart. Intervals that have not begun are left out; the comparison is laid over by position. */
export function trendPoints(
  answer: OverviewAnswer,
  options: { metric: Metric; timezone: string; now: number },
): TrendPoint[] {
  const begun = answer.series.filter((point) => Date.parse(point.at) <= options.now);
  const last = begun.length - 1;
  const lastStart = begun[last]?.at;
  const lastRuns = lastStart !== undefined && Date.parse(lastStart) + shortestMs[answer.interval] > options.now;
  return begun.map((point, index) => {
    const value = point[options.metric];
    return {
      at: point.at,
      label: formatBucket(point.at, answer.interval, options.timezone),
      value: lastRuns && index === last ? null : value,
      running: lastRuns && index >= last - 1 ? value : null,
      previous: answer.comparison?.series[index]?.[options.metric] ?? null,
    };
  });
}

/** Lengths that no interval of that name undercuts, daylight saving and February included. */
const shortestMs = { hour: 3_600_000, day: 23 * 3_600_000, week: 167 * 3_600_000, month: 28 * 86_400_000 } as const;

/** The chart in one sentence. */
export function trendSummary(
  answer: OverviewAnswer,
  options: { metric: Metric; range: Range; timezone: string; year: string; compare: 'previous' | 'year' | 'none' },
): string {
  const { metric } = options;
  const name = metricNames[metric];
  const when = rangeInWords(options.range, options.year);
  const total = answer.totals[metric];
  const subject = isCount(metric)
    ? `${formatCount(total)} ${name.toLowerCase()} ${when}`
    : `${name} ${formatMetric(metric, total)} ${when}`;
  const against = change(metric, total, answer.comparison?.totals[metric]);
  const before = options.compare === 'year' ? 'a year earlier' : 'the period before';
  const compared =
    against === null
      ? ''
      : against.rate === 0
        ? `, the same as ${before}`
        : `, ${formatRate(Math.abs(against.rate))} ${against.rate > 0 ? 'more' : 'less'} than ${before}`;
  const best = answer.series.reduce<(typeof answer.series)[number] | null>(
    (top, point) => (point[metric] > (top?.[metric] ?? 0) ? point : top),
    null,
  );
  const peak =
    best && answer.series.length > 1
      ? ` Highest: ${formatBucket(best.at, answer.interval, options.timezone)} with ${formatMetric(metric, best[metric])}.`
      : '';
  return `${subject}${compared}.${peak}`;
}

function isCount(metric: Metric): boolean {
  return metric === 'visitors' || metric === 'sessions' || metric === 'pageviews' || metric === 'events';
}

export const breakdownTabs = {
  pages: [
    { value: 'path', label: 'Top' },
    { value: 'entry_path', label: 'Entry' },
    { value: 'exit_path', label: 'Exit' },
  ],
  sources: [
    { value: 'channel', label: 'Channel' },
    { value: 'source', label: 'Source' },
    { value: 'campaign', label: 'Campaign' },
    { value: 'referrer', label: 'Referrer' },
  ],
  places: [{ value: 'country', label: 'Country' }],
  devices: [
    { value: 'device', label: 'Device' },
    { value: 'browser', label: 'Browser' },
    { value: 'os', label: 'System' },
  ],
  events: [{ value: 'event', label: 'Event' }],
} as const satisfies Record<string, readonly { value: Dimension; label: string }[]>;
export type BreakdownCard = keyof typeof breakdownTabs;

export const breakdownNames: Record<BreakdownCard, string> = {
  pages: 'Pages',
  sources: 'Sources',
  places: 'Places',
  devices: 'Devices',
  events: 'Events',
};

/** What of the overview stands in the URL beside range and filters: the charted metric, the table twin, the open tabs. */
export interface OverviewSearch extends Partial<Record<BreakdownCard, Dimension | undefined>> {
  metric?: Metric | undefined;
  view?: 'table' | undefined;
}

export function parseOverviewSearch(search: Record<string, unknown>): OverviewSearch {
  const metric = tiles.find((name) => name === search.metric);
  const result: OverviewSearch = {
    ...(metric ? { metric } : {}),
    ...(search.view === 'table' ? { view: 'table' } : {}),
  };
  for (const card of Object.keys(breakdownTabs) as BreakdownCard[]) {
    const tab = breakdownTabs[card].find((one) => one.value === search[card]);
    if (tab) result[card] = tab.value;
  }
  return result;
}

/** A note of a day, with the point of the chart it stands at. */
export interface NoteMark {
  /** `at` of the point. */
  at: string;
  texts: string[];
}

/** The point of each note: the last one that begins on its day or before. Notes outside the chart are left out. */
export function noteMarks(
  points: readonly { at: string }[],
  notes: readonly Annotation[],
  options: { timezone: string; range: Range },
): NoteMark[] {
  const marks = new Map<string, string[]>();
  for (const { on, text } of notesWithin(notes, options.range)) {
    const point =
      points.find((one) => dateIn(options.timezone, Date.parse(one.at)) === on) ??
      points.findLast((one) => dateIn(options.timezone, Date.parse(one.at)) < on);
    if (point) marks.set(point.at, [...(marks.get(point.at) ?? []), text]);
  }
  return [...marks].map(([at, texts]) => ({ at, texts }));
}

/** The notes of the range, oldest first. */
export function notesWithin<Note extends Annotation>(notes: readonly Note[], { from, to }: Range): Note[] {
  return notes
    .filter(({ on }) => on >= from.slice(0, 10) && on < to.slice(0, 10))
    .sort((a, b) => a.on.localeCompare(b.on));
}

/** The last half hour in one sentence. */
export function minutesSummary(minutes: RealtimeAnswer['minutes'], timezone: string): string {
  const total = minutes.reduce((sum, minute) => sum + minute.pageviews, 0);
  const best = minutes.reduce<RealtimeAnswer['minutes'][number] | null>(
    (top, minute) => (minute.pageviews > (top?.pageviews ?? 0) ? minute : top),
    null,
  );
  if (!best) return 'No page views in the last 30 minutes.';
  return `${plural(total, 'page view')} in the last 30 minutes, most at ${formatMinute(best.at, timezone)} (${formatCount(best.pageviews)}).`;
}

/** The chart as a table of numbers. */
export function trendRows(
  points: readonly TrendPoint[],
  options: { metric: Metric; compared: boolean },
): Record<string, string | number | null>[] {
  const name = metricNames[options.metric];
  return points.map((point) => ({
    When: point.at,
    [name]: point.value ?? point.running,
    ...(options.compared ? { [`${name} before`]: point.previous } : {}),
  }));
}

/** A list as a table of numbers. */
export function breakdownRows(
  dimension: Dimension,
  items: BreakdownAnswer['items'],
): Record<string, string | number | null>[] {
  return items.map((item) => ({
    [dimensionNames[dimension]]: valueName(dimension, item.key),
    Visitors: item.visitors,
    Sessions: item.sessions,
    'Page views': item.pageviews,
    Events: item.events,
  }));
}

/** Why events were not counted: what to call it, and what it means. */
export const dropNames: Record<DropReason, { name: string; help: string }> = {
  bot: { name: 'Bots', help: 'Programs, not people: search engines, monitors, scrapers.' },
  origin: { name: 'Other domains', help: 'From pages on domains that are not on the list of this site.' },
  'unknown-site': { name: 'Unknown site', help: 'The tag names a site that does not exist.' },
  consent: { name: 'No consent', help: 'The visitor did not agree, or the browser asks not to be tracked.' },
  rate: { name: 'Floods', help: 'Too much from one address at once. Browsers send it again a little later.' },
  invalid: { name: 'Unreadable', help: 'Sent by something else than the tag, or damaged on the way.' },
  duplicate: { name: 'Repeats', help: 'Arrived twice and counted once, so nothing is missing.' },
};

/** What was not counted, in one or two sentences. */
export function droppedSummary(dropped: readonly DroppedCount[], options: { range: Range; year: string }): string {
  const when = rangeInWords(options.range, options.year);
  const total = dropped.reduce((sum, { count }) => sum + count, 0);
  const [first] = dropped;
  if (!first) return `Everything that arrived ${when} was counted.`;
  const most =
    dropped.length === 1
      ? `All for one reason: ${dropNames[first.reason].name.toLowerCase()}.`
      : `Most often: ${dropNames[first.reason].name.toLowerCase()} (${formatCount(first.count)}).`;
  return `${plural(total, 'event')} not counted ${when}. ${most}`;
}

/** The same as a table of numbers. */
export function droppedRows(dropped: readonly DroppedCount[]): Record<string, string | number | null>[] {
  return dropped.map(({ reason, count }) => ({ Reason: dropNames[reason].name, Events: count }));
}
