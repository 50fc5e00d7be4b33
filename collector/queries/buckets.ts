import type { Interval } from '../contract/names.ts';
import { AppError } from '../errors.ts';
import { addDays, localDate, type Span, startOfDate, zoneOffsetMs } from './range.ts';

/** Points of one series: beyond this a chart shows nothing more and the answer only grows. */
const mostBuckets = 2_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** The interval that suits a range where the caller names none: up to two days by hour, up to 90 by day, up to two years by week. */
export function defaultInterval({ fromMs, toMs }: Span): Interval {
  const days = (toMs - fromMs) / dayMs;
  if (days <= 2.1) return 'hour';
  if (days <= 93) return 'day';
  return days <= 400 ? 'week' : 'month';
}

/**
 * Start of every interval that a span touches, in the site's zone, oldest first. The first may lie before the span: intervals
 * are whole hours, days, weeks from Monday, and months.
 */
export function bucketStarts(span: Span, interval: Interval, timezone: string): number[] {
  const starts = interval === 'hour' ? hourStarts(span, timezone) : dateStarts(span, interval, timezone);
  if (starts.length > mostBuckets) {
    throw new AppError('invalid_request', {
      details: [
        { path: 'interval', message: `This would be more than ${mostBuckets} points. Choose a longer interval.` },
      ],
    });
  }
  return starts;
}

function hourStarts({ fromMs, toMs }: Span, timezone: string): number[] {
  const local = fromMs + zoneOffsetMs(fromMs, timezone);
  const first = fromMs - (((local % hourMs) + hourMs) % hourMs);
  const count = Math.min(Math.ceil((toMs - first) / hourMs), mostBuckets + 1);
  return Array.from({ length: count }, (_, index) => first + index * hourMs);
}

function dateStarts({ fromMs, toMs }: Span, interval: Exclude<Interval, 'hour'>, timezone: string): number[] {
  const starts: number[] = [];
  let date = firstDate[interval](localDate(fromMs, timezone));
  let start = startOfDate(date, timezone);
  while (start < toMs && starts.length <= mostBuckets) {
    starts.push(start);
    date = nextDate[interval](date);
    start = startOfDate(date, timezone);
  }
  return starts;
}

const firstDate = {
  day: (date: string) => date,
  // getUTCDay: 0 is Sunday, which closes the week.
  week: (date: string) => addDays(date, -((new Date(date).getUTCDay() + 6) % 7)),
  month: (date: string) => `${date.slice(0, 7)}-01`,
};

const nextDate = {
  day: (date: string) => addDays(date, 1),
  week: (date: string) => addDays(date, 7),
  month: (date: string) => `${addDays(date, 32).slice(0, 7)}-01`,
};
