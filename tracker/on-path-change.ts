import { listen } from './listen.ts';
import { safely } from './safely.ts';
import { addressOf, pathOf } from './view.ts';
import { wrapMethod } from './wrap-method.ts';

/**
 * Runs after each navigation inside the page that leads to another path.
 *
 * TRICKY: a new query alone is not a new page: filters, tabs and maps write themselves there with `replaceState`, and were counted
 * five to ten times a session elsewhere (https://github.com/umami-software/umami/issues/2461). A new path is one, by
 * `replaceState` too (https://github.com/plausible/plausible-tracker/issues/18). Vue's router calls `replaceState` for the old page
 * before every `pushState` (https://github.com/vuejs/router/issues/1416), so only a change counts.
 */
export function onPathChange(run: () => void): void {
  let path = pathOf(addressOf());
  const look = safely(() => {
    const before = path;
    path = pathOf(addressOf());
    if (path !== before) run();
  });
  // A new hash is a `popstate` too (https://html.spec.whatwg.org/multipage/browsing-the-web.html#updating-the-document).
  listen('popstate', look);
  wrapMethod(history, 'pushState', look);
  wrapMethod(history, 'replaceState', look);
}
