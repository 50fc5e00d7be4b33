import { listen } from './listen.ts';

/**
 * Runs once the page is in front of somebody: not while it is prerendered, nor in a tab that was opened in the background
 * (https://github.com/plausible/analytics/issues/5343).
 *
 * TRICKY: when a prerendered page is opened, `visibilitychange` fires while `prerendering` is still true and
 * `prerenderingchange` follows, so both are listened to and both conditions asked each time
 * (https://developer.mozilla.org/docs/Web/API/Document/prerenderingchange_event).
 */
export function whenSeen(run: () => void): void {
  let seen = false;
  const look = () => {
    if (seen || document.hidden || (document as { prerendering?: boolean }).prerendering) return;
    seen = true;
    run();
  };
  listen('visibilitychange prerenderingchange', look);
  look();
}
