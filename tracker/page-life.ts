import { tellable, tellableQuery } from './address.ts';
import { measureScroll, readClock } from './attention.ts';
import type { More } from './batch.ts';
import { flush } from './delivery.ts';
import { type Call, tell } from './messages.ts';
import { interesting, look, run } from './modules.ts';
import { calls, collectCalls } from './page-function.ts';
import { safely } from './safely.ts';
import { settings } from './settings.ts';
import { state } from './state.ts';
import { storedNameOf } from './stored-name.ts';
import { closeView, openView } from './view.ts';

/**
 * All that may begin, end or matter to a view. On `window` in the capture phase: events of the document and of every element come by
 * there first, those that do not bubble and those that the page stops too. Nothing of ours ever holds an event back
 * (https://github.com/umami-software/umami/issues/3144).
 */
const names = 'pagehide blur pageshow visibilitychange click input focus popstate';

/** The path of which a change begins another view. Undefined: we have not started. */
let path: string | undefined;

/** What follows # as far as it is part of the path. */
const ownHash = () => (RICH && settings.hash != null ? location.hash : '');
const currentPath = () => location.pathname + ownHash();

/** The page that is there now begins a view. */
const openHere = (more?: More) => {
  path = RICH ? currentPath() : location.pathname;
  openView(
    RICH ? tellable(location) + ownHash() : location.origin + path + tellableQuery(location.search),
    undefined,
    more,
    RICH && settings.auto !== 'false',
  );
  look((RICH && settings.events?.includes('dataLayer')) || state._visitor || document.querySelector(interesting));
};

/**
 * TRICKY: a new query alone is not a new page: filters, tabs and maps write themselves there with `replaceState`, and were counted
 * five to ten times a session elsewhere (https://github.com/umami-software/umami/issues/2461). A new path is one, by
 * `replaceState` too (https://github.com/plausible/plausible-tracker/issues/18). Vue's router calls `replaceState` for the old page
 * before every `pushState` (https://github.com/vuejs/router/issues/1416), so only a change counts.
 */
const lookAtPath = safely(() => {
  if (path !== (RICH ? currentPath() : location.pathname)) {
    closeView(1);
    openHere();
  }
});

const start = safely(() => {
  if (path || document.hidden) return;
  path = '/';
  safely(() => {
    const name = storedNameOf(settings.site);
    // `?telltale=off` leaves this browser out from then on, `?telltale=on` takes it back.
    const asked = /telltale=(off)?/.exec(location.search);
    if (asked) localStorage[name] = asked[1] ?? '';
    const stored = localStorage[name];
    if (!RICH || settings.cookieless == null || stored === 'off') state._visitor = stored;
  })();
  openHere({ ref: document.referrer.split('?')[0] });
  for (const name of ['replaceState', 'pushState'] as const) {
    const original = history[name];
    history[name] = function (...args) {
      original.apply(this, args);
      lookAtPath();
    };
  }
  // In front of the stub, or of the tracker of another site. Their properties stay, which say what was called and who is here.
  const before = telltale;
  calls.forEach(run);
  telltale = Object.assign((...call: Call) => {
    before(...call);
    run(call);
  }, before);
});

/**
 * TRICKY: on leaving, neither event alone is enough. On phones an app switch followed by a kill fires only `visibilitychange`; a link
 * fires `pagehide` and then the hiding too (https://developer.chrome.com/docs/web-platform/page-lifecycle-api), which must have nothing
 * to say any more. `unload` is never used: it keeps a page out of the back/forward cache (https://web.dev/articles/bfcache). A page that
 * comes back from there is a new view for the visitor, though no script is loaded again
 * (https://github.com/plausible/analytics/issues/3144).
 */
const onEvent = safely((event: Event) => {
  const gone = event.type === 'pagehide';
  // Left before the first frame, or looked at for the first time: popstate, visibilitychange and pagehide.
  if (/e$/.test(event.type)) start();
  if (path) {
    lookAtPath();
    readClock();
    // TRICKY: a page that comes back may be hidden still, and is a view all the same.
    if ((event as PageTransitionEvent).persisted && !gone) openHere();
    else if (gone || document.hidden) {
      closeView(gone);
      flush(1, gone);
    }
    const acted = event.composedPath();
    if (look((acted[0] as Element).closest?.(interesting))) tell([event, acted]);
  }
});

/**
 * Follows the page from when it is in front of somebody: not while it is prerendered, nor in a tab that was opened in the background
 * (https://github.com/plausible/analytics/issues/5343). We start after the first frame, in a task of our own, so that nothing of ours comes
 * before what the visitor waits for.
 */
export const livePage = (): void => {
  collectCalls();
  // A second tag of the same site, a script that Turbo runs again (https://github.com/turbolinks/turbolinks/issues/73) or the package
  // next to the tag count nothing twice.
  if (!telltale[settings.site]) {
    telltale[settings.site] = 1;
    for (const name of names.split(' ')) addEventListener(name, onEvent, true);
    addEventListener('scroll', measureScroll, true);
    requestAnimationFrame(() => setTimeout(start));
  }
};
