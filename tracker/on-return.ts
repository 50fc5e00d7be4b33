import { listen } from './listen.ts';

/**
 * Runs when the page comes back from the back/forward cache: for the visitor a new view, though no script is loaded again
 * (https://github.com/plausible/analytics/issues/3144).
 */
export function onReturn(run: () => void): void {
  listen<PageTransitionEvent>('pageshow', ({ persisted }) => {
    if (persisted) run();
  });
}
