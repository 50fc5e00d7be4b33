import { listen } from './listen.ts';

/** One stretch of attention counts at most this long: a sleeping laptop keeps its tab visible and focused. */
const longestStretchMs = 30 * 60 * 1000;

/**
 * A stopwatch that runs while the page is visible and focused; the function it returns reads it, in milliseconds. Only differences of
 * `performance.now()` are added, each from a start that was set: one wrong start became hours of attention elsewhere
 * (https://github.com/plausible/analytics/issues/5181).
 */
export function watchAttention(): () => number {
  let engagedMs = 0;
  let since = 0;
  let watching = false;
  const look = () => {
    const now = performance.now();
    if (watching) engagedMs += Math.min(now - since, longestStretchMs);
    since = now;
    watching = !document.hidden && document.hasFocus();
    return engagedMs;
  };
  listen('focus blur visibilitychange', look);
  return look;
}
