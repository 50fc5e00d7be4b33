import type { View } from '../batch.ts';
import type { Core } from '../core.ts';
import { hasAgreed } from '../has-agreed.ts';
import type { Part } from '../intents/part.ts';
import { listen } from '../listen.ts';
import { safely } from '../safely.ts';
import type { Waiting } from '../state.ts';
import { storedNameOf } from '../stored-name.ts';

/** The server knows a repeat for a day, and after a day it no longer believes when an event was. */
const oldestMs = 24 * 60 * 60 * 1000;
/** At most so much of the time on a page is lost when it crashes. Costs no request. */
const lookMs = 2_000;
/** Far above the numbers of a view's other events, so that its last words never stand for one of them. */
const lastSeq = 900_000;
/** Calls are remembered for `telltale('debug')` and for the tracker of another site, not for ever. */
const mostCalls = 100;

type Kept = [name: string, text: string];

const idOf = ([view, event]: Waiting) => `${view.page}.${event.seq}`;

/**
 * What outlives the page: events that the server has not confirmed, for the next page of this visitor, where an id is stored; and
 * the last words of a page that ends without one, where browsers have `fetchLater`.
 */
export default function keepSafe(core: Core): Part {
  const { _state: state, _settings: settings, _host } = core;
  const name = storedNameOf(settings.site);
  // TRICKY: each page has a name of its own, so that tabs never overwrite one another.
  const own = `${name}.${Date.now()}${Math.random()}`;
  /** What earlier pages kept, and the events in it. */
  let kept: Kept[] = [];
  let late: Waiting[] = [];
  let lastWords: AbortController | undefined;

  /**
   * Puts before all else what earlier pages kept. It stays in the storage until the server has it: a page that dies takes nothing along.
   * TRICKY: a page that comes back from the cache knows some of it, and pages between which somebody goes back and forth keep it for
   * each other: without a look at what waits already it would double each time. Its own it takes back too: nobody knows whether the
   * beacon arrived with which it left.
   */
  const resume = safely(() => {
    if (!state._visitor) return;
    const views = new Map<string, View>();
    const known = new Set(state._queue.map(idOf));
    const fresh: Waiting[] = [];
    for (const key of Object.keys(localStorage)) {
      const text = localStorage.getItem(key) as string;
      if (!key.startsWith(`${name}.`)) continue;
      kept.push([key, text]);
      for (const [view, event] of readKept(text)) {
        views.set(view.page, views.get(view.page) ?? view);
        const waiting: Waiting = [views.get(view.page) as View, event];
        if (Date.now() - event.at < oldestMs && !known.has(idOf(waiting))) fresh.push(waiting);
        known.add(idOf(waiting));
      }
    }
    late.push(...fresh);
    state._queue.unshift(...fresh);
    if (fresh[0]) core._flush();
  });

  /** What is on its way too: nobody may hear that it did not arrive. */
  const store = () => {
    lastWords?.abort();
    const flying = state._hits.flatMap((hit) => (hit._answer ? [] : hit._batch));
    const all = [...new Set([...flying, ...state._queue])];
    if (state._visitor && all[0]) localStorage.setItem(own, JSON.stringify(all));
  };

  /** Clears away what the server has by now. Another page may have put more under the same name meanwhile. */
  const tidy = safely(() => {
    core._calls.splice(0, core._calls.length - mostCalls);
    if (!state._queue[0] && state._visitor) localStorage.removeItem(own);
    if (state._queue.some((waiting) => late.includes(waiting))) return;
    for (const [key, text] of kept) if (localStorage.getItem(key) === text) localStorage.removeItem(key);
    kept = late = [];
  });

  /** https://developer.mozilla.org/docs/Web/API/Window/fetchLater */
  const deferLastWords = safely(() => {
    lastWords?.abort();
    const isWithheld = settings.consent === 'required' && !hasAgreed(state);
    if (document.hidden || !state._view || !state._seq || isWithheld) return;
    lastWords = new AbortController();
    const { url } = state._view;
    const event = { name: 'engagement', seq: lastSeq, at: Date.now(), url, props: core._totals() };
    (window as unknown as { fetchLater: typeof fetch }).fetchLater(`${_host}/e`, {
      method: 'POST',
      body: core._toBody(state._view, [...state._queue, [state._view, event]]),
      credentials: 'omit',
      signal: lastWords.signal,
    });
  });

  resume();
  listen('online', () => core._flush());
  listen<PageTransitionEvent>('pageshow', ({ persisted }) => persisted && resume());
  deferLastWords();
  setInterval(() => {
    tidy();
    deferLastWords();
  }, lookMs);
  return { _onAct() {}, _onClose: safely(store), _forget() {} };
}

/** Events as they were written, or none where somebody else wrote. */
function readKept(text: string): Waiting[] {
  try {
    return JSON.parse(text).filter(([view, event]: Waiting) => view.page && event.at);
  } catch {
    return [];
  }
}
