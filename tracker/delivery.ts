import { type Draft, type More, toBody } from './batch.ts';
import type { Props } from './calls.ts';
import { hasAgreed } from './has-agreed.ts';
import { host, settings } from './settings.ts';
import { type Hit, state } from './state.ts';

/** Events of one moment go together, and a page has this long to set its title. Leaving sends at once, so nothing is lost by it. */
const gatherMs = 250;
/** So many waiting events do not gather any longer, and go in one request at most. */
const fullBatch = 50;
/** More do not wait: those that came first tell most. */
const longestQueue = 200;
/**
 * Characters of one body. A character has at most 3 bytes, so a body stays below the 64 KiB that browsers allow for all requests which
 * outlive their page (https://fetch.spec.whatwg.org/#http-network-or-cache-fetch).
 */
const bodyCharacters = 20_000;
/** From here on an answer says "not now", or "not so much at once", and the events are sent again. Any other refusal would stay one. */
const notTaken = 413;
/** Tries are apart by up to this much more each time, by chance, so that not all pages come back at once. */
const patienceMs = 4_000;

/** Requests on their way. */
let flying = 0;
let failures = 0;
/** 0: what waits has gathered long enough. */
let timer: ReturnType<typeof setTimeout> | 0;
/** The event of the view itself; without one there is no engagement to report. */
export let pageview: Draft | undefined;

const wake = (ms: number): void => {
  clearTimeout(timer);
  timer = setTimeout(flush, ms);
};

/** Sends an event of the view that is open. Does nothing where the page may not be counted. */
export const send = (name: string, props?: Props, more?: More): Draft | undefined => {
  if (state._view) {
    const event: Draft = { name, seq: state._seq++, at: Date.now(), props, ...more };
    state._queue[longestQueue - 1] || state._queue.push([state._view, event]);
    // While the server is in trouble the time of the next try stands.
    failures || wake(state._queue[fullBatch - 1] ? 0 : gatherMs);
    return event;
  }
};

export const setPageview = (event?: Draft): void => {
  pageview = event;
};

/**
 * Single-page apps set the title after the address (https://github.com/googleanalytics/autotrack/issues/229), so it is read late: before
 * the view is sent, or when it is left.
 */
export const settleTitle = (): void => {
  if (pageview) pageview.title ||= document.title;
};

/**
 * Sends what waits: one request at a time, in order. What was not taken goes back to the head of the queue and is sent again with the same
 * ids, which makes the repeat safe. `leaving` sends all, past gathering and back-off; `gone`: nobody will hear the answer.
 *
 * As text: `text/plain` needs no preflight and has none of its failures (https://github.com/w3c/beacon/issues/10). Normally by fetch, which
 * is answered and outlives the page. When the page is gone by beacon, which Safari delivers more surely
 * (https://github.com/medama-io/medama/issues/85), or fetch where the beacon is refused.
 */
export const flush = async (leaving?: unknown, gone?: unknown): Promise<void> => {
  // Leaving waits for no timer and stops none, so that there is never more than one.
  if (!leaving) timer = 0;
  settleTitle();
  if (!state._queue[0] || (flying && !leaving) || (RICH && isWithheld())) return;
  const [[view, first]] = state._queue;
  first.url = view.url;
  const batch = state._queue.filter((one) => one[0] === view).slice(0, fullBatch);
  const hit: Hit = { method: 'POST', keepalive: true, credentials: 'omit', _batch: batch };
  const address = `${host}/e`;
  state._hits.unshift(hit);
  flying++;
  try {
    // biome-ignore lint/suspicious/noAssignInExpressions: written twice it is more bytes for every visitor.
    while ((hit.body = toBody(view, batch)).length > bodyCharacters && batch[1]) batch.length >>= 1;
    state._queue = state._queue.filter((one) => !batch.includes(one));
    const sent = (gone && navigator.sendBeacon?.(address, hit.body)) || fetch(address, hit);
    if (leaving) flush(leaving, gone);
    // biome-ignore lint/suspicious/noAssignInExpressions: written twice it is more bytes for every visitor.
    if (!((hit._answer = (await sent) as Response).status < notTaken || gone)) throw 0;
    failures = 0;
  } catch {
    state._queue.unshift(...batch);
    wake(patienceMs * ++failures * Math.random());
  }
  // TRICKY: no next try without an answer to this one: where the page is dead already, `setTimeout` gives 0 and `fetch` fails at once, for ever.
  --flying || failures || timer || flush();
};

const isWithheld = () => settings.consent === 'required' && !hasAgreed(state);
