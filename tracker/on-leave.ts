import { listen } from './listen.ts';

/**
 * Runs when the visitor turns away: the page is left (`gone`), or only out of sight and may come back.
 *
 * TRICKY: neither event alone is enough. On phones an app switch followed by a kill fires only `visibilitychange`; a link fires
 * `pagehide` and then the hiding too (https://developer.chrome.com/docs/web-platform/page-lifecycle-api). So `run` is called twice
 * on most exits and must have nothing to say the second time. `unload` is never used: it keeps a page out of the back/forward
 * cache (https://web.dev/articles/bfcache).
 */
export function onLeave(run: (gone: boolean) => void): void {
  listen('pagehide visibilitychange', ({ type }) => {
    const gone = type === 'pagehide';
    if (gone || document.hidden) run(gone);
  });
}
