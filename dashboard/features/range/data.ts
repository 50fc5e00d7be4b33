import type { Range } from '../../../collector/contract/time.ts';
import { formatDay } from '../../format.ts';

export const presets = ['today', 'yesterday', '7d', '28d', '30d', '91d', 'month', 'lastmonth', 'custom'] as const;
export type Preset = (typeof presets)[number];

export const presetNames: Record<Preset, string> = {
  today: 'Today',
  yesterday: 'Yesterday',
  '7d': 'Last 7 days',
  '28d': 'Last 28 days',
  '30d': 'Last 30 days',
  '91d': 'Last 91 days',
  month: 'This month',
  lastmonth: 'Last month',
  custom: 'Custom range',
};

export const comparisons = ['previous', 'year', 'none'] as const;
export type Comparison = (typeof comparisons)[number];

/** The range as it stands in the URL. `from` and `to` only with `custom`, and there `to` is the last day, as people say it. */
export interface RangeSearch {
  range?: Preset | undefined;
  from?: string | undefined;
  to?: string | undefined;
  compare?: Comparison | undefined;
}

/** Reads the range from search parameters; what does not fit is left out and the default (last 30 days) holds. */
export function parseRangeSearch(search: Record<string, unknown>): RangeSearch {
  const result: RangeSearch = {};
  const preset = presets.find((name) => name === search.range);
  const { from, to } = search;
  if (preset === 'custom') {
    if (isCalendarDate(from) && isCalendarDate(to) && from <= to) Object.assign(result, { range: preset, from, to });
  } else if (preset) {
    result.range = preset;
  }
  const compare = comparisons.find((name) => name === search.compare);
  if (compare) result.compare = compare;
  return result;
}

/**
 * The half-open range [from, to) as dates in the site's time zone. "Last N days" ends with today, so a new site
 * sees its first visitors at once; the running day is drawn dotted.
 */
export function toRange(search: RangeSearch, options: { timezone: string; now: number }): Range {
  const today = dateIn(options.timezone, options.now);
  const tomorrow = addDays(today, 1);
  const monthStart = `${today.slice(0, 7)}-01`;
  switch (search.range ?? '30d') {
    case 'today':
      return { from: today, to: tomorrow };
    case 'yesterday':
      return { from: addDays(today, -1), to: today };
    case '7d':
      return { from: addDays(today, -6), to: tomorrow };
    case '28d':
      return { from: addDays(today, -27), to: tomorrow };
    case '30d':
      return { from: addDays(today, -29), to: tomorrow };
    case '91d':
      return { from: addDays(today, -90), to: tomorrow };
    case 'month':
      return { from: monthStart, to: tomorrow };
    case 'lastmonth':
      return { from: `${addDays(monthStart, -1).slice(0, 7)}-01`, to: monthStart };
    case 'custom':
      return { from: search.from ?? today, to: addDays(search.to ?? today, 1) };
  }
}

/** What the range button says: the preset's name, or the dates. */
export function rangeLabel(search: RangeSearch, year: string): string {
  if (search.range !== 'custom' || !search.from || !search.to) return presetNames[search.range ?? '30d'];
  if (search.from === search.to) return formatDay(search.from, year);
  return `${formatDay(search.from, year)} – ${formatDay(search.to, year)}`;
}

/** The dates of a half-open range in words, last day included. */
export function rangeInWords(range: Range, year: string): string {
  const last = addDays(range.to.slice(0, 10), -1);
  const first = range.from.slice(0, 10);
  return first === last ? `on ${formatDay(first, year)}` : `from ${formatDay(first, year)} to ${formatDay(last, year)}`;
}

/** What to say where a range, or the one it is compared with, begins before the first day whose events a site keeps; null where neither does. */
export function keptNote(
  { from, to }: Range,
  { compare, retentionDays, today }: { compare: Comparison; retentionDays: number | null; today: string },
): string | null {
  if (retentionDays === null) return null;
  const first = addDays(today, -retentionDays);
  const gone = `Events from before ${formatDay(first, today.slice(0, 4))} are no longer kept`;
  if (from < first) return `${gone}.`;
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000;
  const date = from.slice(0, 10);
  const compared = { none: date, previous: addDays(date, -days), year: addDays(date, -365) }[compare];
  return compared < first ? `${gone}, so the range compared with is not whole.` : null;
}

/** The calendar date at this instant in this time zone, as 2026-09-01. */
export function dateIn(timezone: string, now: number): string {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  }).formatToParts(now);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')}`;
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

function isCalendarDate(value: unknown): value is string {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value));
}
