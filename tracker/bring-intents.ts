import type { Intents, LoadIntents } from './core.ts';
import { listen } from './listen.ts';
import { safely } from './safely.ts';
import { settings } from './settings.ts';
import { send, silence } from './view.ts';
import { consent } from './who.ts';

/** What a visitor does that may matter, as events of the document. */
const acts = 'click auxclick submit keydown focusin focusout input change invalid';

/** Forms, fields outside of one, buttons, what the owner marked, and links that may lead to another place, a program of the machine or a file. */
const interesting = 'form,input,select,textarea,button,a[href*=":"],a[href*="."],[data-tt-event],[data-tt-not-found]';

/** So many acts are kept while the module is on its way: a minute of typing. */
const mostActs = 500;

let load: LoadIntents | undefined;
let intents: Intents | undefined;
const early: [event: Event, path: EventTarget[]][] = [];

/** Loads the module where there is something for it. Once. */
function loadFor(found: unknown): void {
  if (!load || !found || silence()) return;
  load().then(
    safely(({ default: start }) => {
      intents = start({ _settings: settings, _send: send, _consent: () => consent });
      for (const act of early) safely(intents._onAct)(...act);
    }),
    // Blocked, or not there: the page goes without.
    () => {},
  );
  load = undefined;
}

/**
 * Loads the module of intents where the page has something for it, or gets it later, and tells it what the visitor did meanwhile. No
 * observer of changes: what comes into the page later is seen at the latest when the visitor touches it.
 */
export function bringIntents(loadIntents: LoadIntents): void {
  load = loadIntents;
  lookForIntents();
  listen(acts, (event) => {
    const path = event.composedPath();
    loadFor((path[0] as Element).closest?.(interesting));
    if (intents) intents._onAct(event, path);
    else if (!load && early.length < mostActs) early.push([event, path]);
  });
}

/** Looks whether the page has something for the module. */
export function lookForIntents(): void {
  loadFor(settings.events?.includes('dataLayer') || document.querySelector(interesting) || isNotFound());
}

/** Whether the server said that there is no such page. Not every browser tells. */
function isNotFound(): boolean {
  const [page] = performance.getEntriesByType('navigation') as { responseStatus?: number }[];
  return page?.responseStatus === 404;
}

/** The view ends. */
export const closeIntents = (): void => intents?._onClose();
