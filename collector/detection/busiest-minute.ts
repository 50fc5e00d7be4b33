const minuteMs = 60_000;

/** The most events within any minute. `times`: milliseconds, in order. */
export function busiestMinute(times: readonly number[]): number {
  let most = 0;
  let first = 0;
  for (const [index, ms] of times.entries()) {
    while (ms - (times[first] ?? ms) >= minuteMs) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}
