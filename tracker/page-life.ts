import { limits } from '../collector/contract/limits.ts';
import { readClock } from './attention.ts';
import type { More } from './batch.ts';
import { closeIntents, lookForIntents } from './bring-intents.ts';
import type { Props } from './calls.ts';
import { flush, resume } from './delivery.ts';
import { listen } from './listen.ts';
import { onPathChange } from './on-path-change.ts';
import { safely } from './safely.ts';
import { settings } from './settings.ts';
import { addressOf, countView, deferEngagement, measureScroll, openView, tellEngagement } from './view.ts';

/** At most so much of the time on a page is lost when it crashes. Costs no request. */
const lastWordsMs = 5_000;

export function nextView(props?: Props, more?: More): void {
  openView(addressOf());
  if (!RICH || settings.auto !== 'false') countView(props, more);
}

export function closeView(gone?: boolean): void {
  closeIntents();
  tellEngagement(gone);
}

/**
 * Counts the page, and follows it through all that browsers do with pages.
 *
 * TRICKY: on leaving, neither event alone is enough. On phones an app switch followed by a kill fires only `visibilitychange`; a link
 * fires `pagehide` and then the hiding too (https://developer.chrome.com/docs/web-platform/page-lifecycle-api), which must have nothing
 * to say any more. `unload` is never used: it keeps a page out of the back/forward cache (https://web.dev/articles/bfcache). A page that
 * comes back from there is a new view for the visitor, though no script is loaded again
 * (https://github.com/plausible/analytics/issues/3144).
 */
export function livePage(): void {
  resume();
  nextView(undefined, { ref: document.referrer.split('?')[0]?.slice(0, limits.urlLength) || undefined });
  onPathChange(() => {
    closeView();
    nextView();
  });
  listen('scroll', measureScroll);
  listen('online', () => flush());
  listen<PageTransitionEvent>('focus blur visibilitychange pageshow pagehide', ({ type, persisted }) => {
    const gone = type === 'pagehide';
    readClock();
    if (gone || document.hidden) {
      closeView(gone);
      flush(true, gone);
    } else if (persisted) {
      resume();
      nextView({ nav: 'bfcache' });
    }
  });
  setInterval(
    safely(() => {
      lookForIntents();
      if (!document.hidden) deferEngagement();
    }),
    lastWordsMs,
  );
}
