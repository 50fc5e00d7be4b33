import { type OpeningHours, weekdays } from '../contract/clocks.ts';
import { addDays, localDate, zoneOffsetMs } from '../queries/range.ts';

/** Open hours in the time of one place. */
export interface Calendar {
  hours: OpeningHours;
  timezone: string;
}

/** Ten years: whoever closes longer has no clocks. */
const mostDays = 3_660;

/**
 * The moment at which so much open time has gone by since `fromMs`. Time is counted as it passes, so a day on which the clock is set
 * back in the night, and the hours are open then, is an hour longer. A clock that starts while the house is closed starts at the next opening.
 */
export function addOpenTime(fromMs: number, openMs: number, { hours, timezone }: Calendar): number {
  let left = openMs;
  let date = localDate(fromMs, timezone);
  for (let day = 0; day < mostDays; day += 1, date = addDays(date, 1)) {
    if (!isOpenOn(date, hours)) continue;
    const opensMs = Math.max(fromMs, instantOf(date, hours.from, timezone));
    const closesMs = instantOf(date, hours.to, timezone);
    const usable = Math.max(0, closesMs - opensMs);
    if (usable > 0 && left <= usable) return opensMs + left;
    left -= usable;
  }
  return fromMs + mostDays * 86_400_000;
}

function isOpenOn(date: string, { days, holidays }: OpeningHours): boolean {
  const weekday = weekdays[(new Date(date).getUTCDay() + 6) % 7];
  return weekday !== undefined && days.includes(weekday) && !holidays.includes(date);
}

/** The instant of a time of day on a date in a zone. A time that a change of the clock skips is as much later: 02:30 is 03:30 then. */
function instantOf(date: string, time: string, timezone: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  const asUtc = Date.parse(date) + (hours * 60 + minutes) * 60_000;
  // The offset is that of the answer, which is not known yet: the second guess is right but in the hour of a change.
  const guess = asUtc - zoneOffsetMs(asUtc, timezone);
  const offset = zoneOffsetMs(guess, timezone);
  const before = zoneOffsetMs(asUtc - 86_400_000, timezone);
  const instant = asUtc - offset;
  return zoneOffsetMs(instant, timezone) === offset ? instant : asUtc - Math.min(before, offset);
}
