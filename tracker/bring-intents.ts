import type { Core, Intents, LoadIntents } from './core.ts';
import { listen } from './listen.ts';
import { safely } from './safely.ts';

/** What a visitor does that may matter to the module, as events of the document. */
const acts = 'click auxclick submit keydown focusin focusout input change invalid';

/** Forms, fields outside of one, and links that lead to another place, a program of the machine or a file. */
const interesting =
  'form,input,select,textarea,[data-tt-lead],a[download],a[href*=":"],a[href^="//"],a[href*=".pdf"],a[href*=".zip"]';

type Act = [event: Event, path: EventTarget[]];

/** So many acts are kept while the module is on its way: a minute of typing. */
const mostActs = 500;

/**
 * Loads the module of intents where the page has something for it, or gets it later, and tells it what the visitor did meanwhile.
 * `_look` looks at the page, `_close` passes on that the view ends.
 *
 * No observer of changes: what comes into the page later is seen at the latest when the visitor touches it.
 */
export function bringIntents(
  core: Core,
  load: LoadIntents,
  isSilent: () => unknown,
): { _look: () => void; _close: () => void } {
  let intents: Intents | undefined;
  let early: Act[] | undefined;

  const ask = (found: unknown) => {
    if (early || !found || isSilent()) return;
    const missed: Act[] = [];
    early = missed;
    load().then(
      ({ default: start }) => {
        intents = start(core);
        for (const act of missed) safely(intents._onAct)(...act);
      },
      () => {
        // Blocked, or not there: the page goes without.
      },
    );
  };
  listen(acts, (event) => {
    const path = event.composedPath();
    ask((path as Element[]).some((target) => target.matches?.(interesting)));
    if (intents) intents._onAct(event, path);
    else if (early && early.length < mostActs) early.push([event, path]);
  });

  return {
    _look() {
      const { events } = core._settings;
      ask(events?.includes('dataLayer') || isNotFound() || document.querySelector(interesting));
    },
    _close: () => intents?._onClose(),
  };
}

/** Whether the server said that there is no such page. Browsers that do not tell have 0 or nothing here. */
function isNotFound(): boolean {
  const [entry] = performance.getEntriesByType('navigation') as { responseStatus?: number }[];
  return entry?.responseStatus === 404;
}
