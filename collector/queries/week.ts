import { AppError } from '../errors.ts';
import { addDays, localDate, type Span, startOfDate } from './range.ts';

/** ISO 8601 week of a Monday, as `2026-W36`: the week belongs to the year of its Thursday. */
export function weekOf(monday: string): string {
  const thursday = addDays(monday, 3);
  const year = thursday.slice(0, 4);
  const days = (Date.parse(thursday) - Date.parse(`${year}-01-01`)) / 86_400_000;
  return `${year}-W${String(Math.floor(days / 7) + 1).padStart(2, '0')}`;
}

/** The Monday on or before a date. */
export function mondayBefore(date: string): string {
  return addDays(date, -((new Date(date).getUTCDay() + 6) % 7));
}

export interface Week {
  /** As `2026-W36`. */
  week: string;
  /** Dates in the zone, half-open: Monday to Monday. */
  from: string;
  to: string;
  span: Span;
}

/** A week in a time zone; without a name, the one that runs. Throws `invalid_request` for a week that is none. */
export function toWeek(name: string | undefined, { timezone, nowMs }: { timezone: string; nowMs: number }): Week {
  const from = name === undefined ? mondayBefore(localDate(nowMs, timezone)) : mondayOf(name);
  const to = addDays(from, 7);
  return {
    week: weekOf(from),
    from,
    to,
    span: { fromMs: startOfDate(from, timezone), toMs: startOfDate(to, timezone) },
  };
}

function mondayOf(name: string): string {
  const [year = '', week = ''] = name.split('-W');
  // The fourth of January is always in the first week.
  const monday = addDays(mondayBefore(`${year}-01-04`), (Number(week) - 1) * 7);
  if (weekOf(monday) !== name) {
    throw new AppError('invalid_request', { details: [{ path: 'week', message: `There is no week ${name}.` }] });
  }
  return monday;
}
