import type { Rule } from '../contract/rule.ts';

type QuietHours = Pick<NonNullable<Rule['quietHours']>, 'from' | 'to' | 'days'>;

const minutesOfDay = 24 * 60;
/** A jump over a clock change would land an hour off, so none is longer than that. */
const longestJumpMinutes = 60;
/** More than a week of such jumps: if it is still quiet then, it always is. */
const mostJumps = 8 * 24 + 8;

/**
 * The first moment from `ms` on that is not quiet, in the given time zone; `ms` itself where it is not quiet, null where quiet
 * hours never end. Quiet are `from`–`to` of every day (over midnight where `to` is earlier), and the whole of each of `days`.
 */
export function quietUntil(
  ms: number,
  { quietHours, timezone }: { quietHours: QuietHours; timezone: string },
): number | null {
  const clock = localClock(timezone);
  let at = ms;
  for (let jump = 0; jump < mostJumps; jump += 1) {
    const minutes = minutesLeft(clock(at), quietHours);
    if (minutes === 0) return at;
    // To the start of a local minute, so that 08:00 means 08:00:00.
    at = Math.floor(at / 60_000) * 60_000 + Math.min(minutes, longestJumpMinutes) * 60_000;
  }
  return null;
}

/** Minutes by the clock until this reason to be quiet ends, 0 where it is not quiet. */
function minutesLeft(local: { weekday: string; minute: number }, { from, to, days }: QuietHours): number {
  const { weekday, minute } = local;
  if (days.some((day) => day === weekday)) return minutesOfDay - minute;
  const start = minuteOf(from);
  const end = minuteOf(to);
  if (start < end) return minute >= start && minute < end ? end - minute : 0;
  if (start > end) {
    if (minute < end) return end - minute;
    return minute >= start ? minutesOfDay - minute : 0;
  }
  return 0;
}

function minuteOf(clockTime: string): number {
  const [hours = 0, minutes = 0] = clockTime.split(':').map(Number);
  return hours * 60 + minutes;
}

function localClock(timezone: string): (ms: number) => { weekday: string; minute: number } {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return (ms) => {
    const parts = format.formatToParts(ms);
    const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
    return { weekday: part('weekday').toLowerCase(), minute: Number(part('hour')) * 60 + Number(part('minute')) };
  };
}
