/** One stretch of attention counts at most this long: a sleeping laptop keeps its tab visible and focused. */
const longestStretchMs = 30 * 60 * 1000;

/** Milliseconds that this page view was in sight, and in sight and in use. Up to date after `readClock`. */
export let visibleMs: number;
export let engagedMs: number;
/** Deepest scroll, percent of the page's height down to the lower edge of the window. The server takes more than 100 for 100. */
export let scroll: number;

/** Before the first view they are undefined, and what is added then is no number; a view begins with 0. */
let since: number;
let visible: boolean;
let engaged: boolean;

/**
 * Adds the time since the last look to what was going on then. Only differences of `performance.now()` are added, each from a start
 * that was set: one wrong start became hours of attention elsewhere (https://github.com/plausible/analytics/issues/5181).
 */
export const readClock = (): void => {
  const now = ~~performance.now();
  const passed = Math.min(now - since, longestStretchMs);
  visibleMs += passed * (visible as never);
  engagedMs += passed * (engaged as never);
  since = now;
  visible = !document.hidden;
  engaged = visible && document.hasFocus();
};

/** 0 while nothing has a height, as in a frame that is not shown. */
export const measureScroll = (): void => {
  scroll = Math.max(scroll, ~~(((scrollY + innerHeight) / document.documentElement.scrollHeight) * 100 + 0.5));
};

/** A new page view begins. */
export const restart = (): void => {
  readClock();
  scroll = visibleMs = engagedMs = 0;
};
