import { type Draft, headOf, type Sender, toBody, type View } from './batch.ts';
import { forget, keepForLater, leftovers } from './leftovers.ts';
import { note } from './notes.ts';
import { settings } from './settings.ts';
import { consent, visitor } from './who.ts';

/** Events of one moment go together, and a page has this long to set its title. Leaving sends at once, so nothing is lost by it. */
const gatherMs = 250;
/** So many waiting events do not gather any longer. */
const fullBatch = 50;
/** Of one page view: the oldest are given up beyond this. */
const longestQueue = 200;

/** All page views with something that the server has not confirmed, oldest first. */
let queue: View[] = [];
/** Those that are on their way. */
let flying: Draft[] = [];
let failures = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
let lastWords: AbortController | undefined;

export const endpoint = (): string => `${settings.host}/e`;

export const isWithheld = (): boolean => RICH && settings.consent === 'required' && consent !== 'granted';

const sender = (): Sender => ({
  site: settings.site,
  sent: Date.now(),
  visitor,
  consent: consent === 'granted' ? consent : undefined,
});

export function enqueue(view: View, event: Draft): void {
  if (!queue.includes(view)) queue.push(view);
  if (view.events.push(event) > longestQueue) view.events.shift();
  // While the server is in trouble the time of the next try stands.
  if (!failures) wake(view.events.length < fullBatch ? gatherMs : 0);
}

/** Nothing that waits is sent any more. */
export function clearQueue(): void {
  for (const view of queue) view.events = [];
}

/** Sends what earlier pages could not. */
export function resume(): void {
  queue.unshift(...leftovers());
}

function wake(ms: number): void {
  clearTimeout(timer);
  timer = setTimeout(() => flush(), ms);
}

/**
 * Sends: one request at a time, in order. What was not taken stays in the queue and is sent again with the same ids, which makes the
 * repeat safe. `leaving` sends all at once, past gathering and back-off, and keeps it for the next page; `gone`: nobody will hear the
 * answer.
 */
export function flush(leaving?: boolean, gone?: boolean): void {
  lastWords?.abort();
  if (isWithheld() || (flying[0] && !leaving)) return;
  for (const view of queue) {
    if (leaving) keepForLater(view);
    for (let rest = view.events.filter((event) => !flying.includes(event)); rest[0]; ) {
      const events = headOf(rest);
      post(view, events, gone);
      if (!leaving) return;
      rest = rest.slice(events.length);
    }
  }
}

/**
 * Posts as text: `text/plain` needs no preflight and has none of its failures (https://github.com/w3c/beacon/issues/10). Normally by
 * fetch, which is answered and outlives the page. When the page is gone by beacon, which Safari delivers more surely
 * (https://github.com/medama-io/medama/issues/85), or fetch where the beacon is refused.
 */
async function post(view: View, events: Draft[], gone?: boolean): Promise<void> {
  const others = (event: Draft) => !events.includes(event);
  const body = toBody(sender(), view, events);
  const line = note(events.map(({ name }) => name).join(), 'no answer');
  flying = [...flying, ...events];
  try {
    if (!gone || !navigator.sendBeacon?.(endpoint(), body)) {
      const { status, headers } = await fetch(endpoint(), {
        method: 'POST',
        body,
        keepalive: true,
        credentials: 'omit',
      });
      line[1] = `${status} ${headers.get('x-telltale-dropped') || ''}`;
      // Any other refusal would stay one.
      if (status === 429 || status >= 500) throw headers.get('retry-after');
    }
    failures = 0;
    view.events = view.events.filter(others);
    queue = queue.filter(({ events: left }) => left[0]);
    if (!gone && !view.events[0]) forget(view);
  } catch (seconds) {
    // 1, 2, 4, 8, 16 s and up to as much again, so that not all pages come back at once.
    wake(Math.max(2 ** Math.min(failures++, 4) * (1 + Math.random()), Number(seconds) || 0) * 1000);
  }
  flying = flying.filter(others);
  if (!failures && !gone) flush();
}

/**
 * Gives the browser what to send should the page end without a word: a crash, or a window that is closed with all its tabs. `event` is
 * what leaving would send next, so that it has the same id then. Only browsers with `fetchLater` can
 * (https://developer.mozilla.org/docs/Web/API/Window/fetchLater).
 */
export function deferLastWords(view: View, event: Draft): void {
  lastWords?.abort();
  lastWords = new AbortController();
  (window as unknown as { fetchLater: typeof fetch }).fetchLater(endpoint(), {
    method: 'POST',
    body: toBody(sender(), view, [...view.events, event]),
    credentials: 'omit',
    signal: lastWords.signal,
  });
}
