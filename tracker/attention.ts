/** One stretch of attention counts at most this long: a sleeping laptop keeps its tab visible and focused. */
const longestStretchMs = 30 * 60 * 1000;

/** Milliseconds that this page view was in sight, and in sight and in use. Up to date after `readClock`. */
export let visibleMs = 0;
export let engagedMs = 0;

let since = 0;
let visible = false;
let engaged = false;

/**
 * Adds the time since the last look to what was going on then. Only differences of `performance.now()` are added, each from a start
 * that was set: one wrong start became hours of attention elsewhere (https://github.com/plausible/analytics/issues/5181).
 */
export function readClock(): void {
  const now = Math.round(performance.now());
  const passed = Math.min(now - since, longestStretchMs);
  if (visible) visibleMs += passed;
  if (engaged) engagedMs += passed;
  since = now;
  visible = !document.hidden;
  engaged = visible && document.hasFocus();
}

/** A new page view begins. */
export function restartClock(): void {
  readClock();
  visibleMs = engagedMs = 0;
}
