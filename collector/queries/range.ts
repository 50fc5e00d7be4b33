import { param, type Sql, sql } from '../clickhouse/sql.ts';
import { limits } from '../contract/limits.ts';
import { isDate, type Range } from '../contract/time.ts';
import { AppError } from '../errors.ts';

/** Half-open [fromMs, toMs), milliseconds since 1970. */
export interface Span {
  fromMs: number;
  toMs: number;
}

const dayMs = 86_400_000;

/** The instants of a range: a date is midnight in the site's zone. Throws invalid_request that says what is wrong. */
export function toSpan(range: Range, timezone: string): Span {
  const span = { fromMs: toInstant(range.from, timezone), toMs: toInstant(range.to, timezone) };
  if (span.fromMs >= span.toMs) {
    throw new AppError('invalid_request', {
      details: [{ path: 'to', message: 'The end of the range must lie after its start. `to` itself is not included.' }],
    });
  }
  if (span.toMs - span.fromMs > limits.rangeDays * dayMs) {
    throw new AppError('invalid_request', {
      details: [{ path: 'from', message: `A range covers at most ${limits.rangeDays} days. Choose a later start.` }],
    });
  }
  // ClickHouse's DateTime64 and Date cover these years, and no website is older.
  if (span.fromMs < Date.UTC(1990, 0, 1) || span.toMs > Date.UTC(2100, 0, 1)) {
    throw new AppError('invalid_request', {
      details: [{ path: 'from', message: 'A range lies between the years 1990 and 2099.' }],
    });
  }
  return span;
}

/**
 * The span to compare with. `previous`: the equally long one that ends where this one starts; ranges of whole dates move by
 * whole days of the site's zone, so a day of 23 hours is compared with a whole day. `year`: the same dates a year earlier.
 */
export function comparedSpan(range: Range, timezone: string, compare: 'previous' | 'year'): Span {
  const span = toSpan(range, timezone);
  if (isDate(range.from) && isDate(range.to)) {
    const days = Math.round((Date.parse(range.to) - Date.parse(range.from)) / dayMs);
    const shift = compare === 'year' ? yearBefore : (date: string) => addDays(date, -days);
    return { fromMs: startOfDate(shift(range.from), timezone), toMs: startOfDate(shift(range.to), timezone) };
  }
  if (compare === 'previous') return { fromMs: span.fromMs - (span.toMs - span.fromMs), toMs: span.fromMs };
  const shift = (ms: number) => new Date(ms).setUTCFullYear(new Date(ms).getUTCFullYear() - 1);
  return { fromMs: shift(span.fromMs), toMs: shift(span.toMs) };
}

/** Rows of one site in a span. */
export function withinSql(siteId: number, { fromMs, toMs }: Span): Sql {
  const from = param.dateTime(fromMs);
  const to = param.dateTime(toMs);
  // The last day of the range: with `to` itself a question that ends at midnight would read the day after as well.
  const last = param.dateTime(toMs - 1);
  // TRICKY: ClickHouse does not derive bounds of toDate(ts) from bounds of a DateTime64; without them the key is of no use.
  return sql`site_id = ${param.uint32(siteId)} AND toDate(ts) >= toDate(${from}) AND toDate(ts) <= toDate(${last}) AND ts >= ${from} AND ts < ${to}`;
}

/** Every zone of today is ahead of UTC by whole quarters of an hour, so days and hours anywhere are made of these. */
export const quarterMs = 900_000;

export function isWholeQuarters({ fromMs, toMs }: Span): boolean {
  return fromMs % quarterMs === 0 && toMs % quarterMs === 0;
}

/** Rows of one site in a span of whole quarters of an hour, in the words of the projection that counts by them. */
export function quartersSql(siteId: number, { fromMs, toMs }: Span): Sql {
  const quarter = sql`toStartOfFifteenMinutes(ts)`;
  return sql`site_id = ${param.uint32(siteId)} AND ${quarter} >= toDateTime(${param.dateTime(fromMs)}, 'UTC') AND ${quarter} < toDateTime(${param.dateTime(toMs)}, 'UTC')`;
}

/** A `from` or `to` as ISO 8601 UTC, the form in which the state store sorts instants; undefined stays undefined. */
export function toInstantText(text: string | undefined, timezone: string): string | undefined {
  return text === undefined ? undefined : new Date(toInstant(text, timezone)).toISOString();
}

/** First instant of a calendar date (`2026-09-01`) in a time zone. Where the clock skips midnight, the first instant after. */
export function startOfDate(date: string, timezone: string): number {
  // Zones lie between UTC−12 and UTC+14, and local dates never run backwards, so the border can be found by halving.
  let before = Date.parse(date) - 15 * 3_600_000;
  let after = Date.parse(date) + 13 * 3_600_000;
  while (after - before > 1_000) {
    const middle = Math.round((before + after) / 2_000) * 1_000;
    if (localDate(middle, timezone) < date) before = middle;
    else after = middle;
  }
  return after;
}

/** Calendar date of an instant in a time zone, `2026-09-01`. */
export function localDate(ms: number, timezone: string): string {
  return localTime(ms, timezone).slice(0, 10);
}

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(date) + days * dayMs).toISOString().slice(0, 10);
}

/** How far local time is ahead of UTC at an instant, milliseconds. */
export function zoneOffsetMs(ms: number, timezone: string): number {
  const startMs = Math.floor(ms / offsetHoldsMs) * offsetHoldsMs;
  const key = `${timezone} ${startMs}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  const offset = Date.parse(`${localTime(startMs, timezone)}Z`) - startMs;
  if (offsets.size >= mostOffsets) offsets.clear();
  offsets.set(key, offset);
  return offset;
}

/** Clocks are changed at whole minutes, everywhere since 1972. Asking Intl takes many times as long as looking it up. */
const offsetHoldsMs = 60_000;
const mostOffsets = 10_000;
const offsets = new Map<string, number>();

/** The instant of a text that `instantOrDate` has accepted; a date is midnight in the zone. */
export function toInstant(text: string, timezone: string): number {
  return isDate(text) ? startOfDate(text, timezone) : Date.parse(text);
}

function yearBefore(date: string): string {
  const shifted = new Date(Date.parse(date));
  shifted.setUTCFullYear(shifted.getUTCFullYear() - 1);
  return shifted.toISOString().slice(0, 10);
}

const formats = new Map<string, Intl.DateTimeFormat>();

function localTime(ms: number, timezone: string): string {
  let format = formats.get(timezone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-CA', {
      timeZone: timezone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    });
    formats.set(timezone, format);
  }
  const part = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, value]));
  return `${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}:${part.second}`;
}
