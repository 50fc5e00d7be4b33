import type { Interval } from '../collector/contract/names.ts';

/** The only place that turns numbers and instants into text. English words, the reader's own flavour of English numbers. */
function locale(): string {
  const languages = typeof navigator === 'undefined' ? [] : (navigator.languages ?? []);
  return languages.find((language) => language.startsWith('en')) ?? 'en';
}

/** 1234 → "1,234". */
export function formatCount(value: number): string {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: 0 }).format(value);
}

/** 12345 → "12.3K", for tiles and axes. Below 10,000 every digit is shown. */
export function formatShort(value: number): string {
  if (Math.abs(value) < 10_000) return new Intl.NumberFormat(locale(), { maximumFractionDigits: 1 }).format(value);
  // Some flavours of English write a million as "m", which stands for minutes beside it.
  return new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 }).format(value);
}

/** 0–1 → "12.5%". */
export function formatRate(rate: number): string {
  const digits = rate > 0 && rate < 0.1 ? 1 : 0;
  return new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: digits }).format(rate);
}

/** Seconds → "45s", "2m 05s", "3h 10m", "2d 4h". */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole}s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)}m ${String(whole % 60).padStart(2, '0')}s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)}h ${String(minutes % 60).padStart(2, '0')}m`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

/** A duration of the contract (`90m`) in words: "90 minutes". Anything else is given back unchanged. */
export function formatDuration(text: string): string {
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(text);
  if (!match?.[1] || !match[2]) return text;
  const word = { ms: 'millisecond', s: 'second', m: 'minute', h: 'hour', d: 'day' }[match[2]] ?? match[2];
  return `${formatCount(Number(match[1]))} ${word}${match[1] === '1' ? '' : 's'}`;
}

/** Money, or null where there is no amount. */
export function formatMoney(value: number | null, currency: string | null): string | null {
  if (value === null) return null;
  if (!currency || !/^[A-Z]{3}$/.test(currency)) return formatShort(value);
  return new Intl.NumberFormat(locale(), {
    style: 'currency',
    currency,
    maximumFractionDigits: value % 1 ? 2 : 0,
  }).format(value);
}

/** An instant in the site's time zone: "9 Sep 2026, 14:05". */
export function formatInstant(at: string, timezone: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: 'medium', timeStyle: 'short', timeZone: timezone }).format(
    new Date(at),
  );
}

/** The time of day with seconds, in the site's time zone. */
export function formatClock(at: string, timezone: string): string {
  return new Intl.DateTimeFormat(locale(), {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZone: timezone,
  }).format(new Date(at));
}

/** The time of day to the minute, in the site's time zone: "14:05". */
export function formatMinute(at: string, timezone: string): string {
  return new Intl.DateTimeFormat(locale(), { hour: '2-digit', minute: '2-digit', timeZone: timezone }).format(
    new Date(at),
  );
}

/** The moment of a timeline, without the year: "9 Sep, 14:05:09". */
export function formatMoment(at: string, timezone: string): string {
  return new Intl.DateTimeFormat(locale(), {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZone: timezone,
  }).format(new Date(at));
}

/** A calendar date (`2026-09-01`): "Sep 1", with the year where it is not this one. */
export function formatDay(date: string, thisYear?: string): string {
  return new Intl.DateTimeFormat(locale(), {
    day: 'numeric',
    month: 'short',
    timeZone: 'UTC',
    ...(thisYear && !date.startsWith(thisYear) ? { year: 'numeric' } : {}),
  }).format(new Date(`${date.slice(0, 10)}T00:00:00Z`));
}

/** The name of one point of a series. */
export function formatBucket(at: string, interval: Interval, timezone: string): string {
  const options: Record<Interval, Intl.DateTimeFormatOptions> = {
    hour: { hour: '2-digit', minute: '2-digit', day: 'numeric', month: 'short' },
    day: { weekday: 'short', day: 'numeric', month: 'short' },
    week: { day: 'numeric', month: 'short' },
    month: { month: 'long', year: 'numeric' },
  };
  const text = new Intl.DateTimeFormat(locale(), { ...options[interval], timeZone: timezone }).format(new Date(at));
  return interval === 'week' ? `Week of ${text}` : text;
}

/** The same, short, for an axis. */
export function formatTick(at: string, interval: Interval, timezone: string): string {
  const options: Record<Interval, Intl.DateTimeFormatOptions> = {
    hour: { hour: '2-digit', minute: '2-digit' },
    day: { day: 'numeric', month: 'short' },
    week: { day: 'numeric', month: 'short' },
    month: { month: 'short' },
  };
  return new Intl.DateTimeFormat(locale(), { ...options[interval], timeZone: timezone }).format(new Date(at));
}

/** "5 minutes ago", "in 2 hours". */
export function formatRelative(at: string, now: number): string {
  const seconds = (Date.parse(at) - now) / 1_000;
  const words = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' });
  const size = Math.abs(seconds);
  if (size < 45) return seconds <= 0 ? 'just now' : 'in a moment';
  if (size < 2_700) return words.format(Math.round(seconds / 60), 'minute');
  if (size < 79_200) return words.format(Math.round(seconds / 3_600), 'hour');
  return words.format(Math.round(seconds / 86_400), 'day');
}

/** ISO country code → "Germany"; empty → "Unknown". */
export function formatCountry(code: string): string {
  if (!/^[A-Z]{2}$/.test(code)) return code === '' ? 'Unknown' : code;
  try {
    return new Intl.DisplayNames(['en'], { type: 'region' }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** "1 visitor", "2 visitors". */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
