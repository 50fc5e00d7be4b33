import { limits } from '../collector/contract/limits.ts';
import { engagedMs, readClock, restartClock, visibleMs } from './attention.ts';
import type { Draft, More, View } from './batch.ts';
import type { Props } from './calls.ts';
import { deferLastWords, enqueue, isWithheld } from './delivery.ts';
import { note } from './notes.ts';
import { randomId } from './random-id.ts';
import { safely } from './safely.ts';
import { scrollPercent } from './scroll-percent.ts';
import { settings } from './settings.ts';
import { whySilent } from './why-silent.ts';

/**
 * Single-page apps set the title after the address (https://github.com/googleanalytics/autotrack/issues/229), so it is read late: shortly
 * before the view is sent.
 */
const titleMs = 200;

/** The page view that is open: one page before one visitor, from its coming to its going. */
let view: View;
let path: string;
/** Number of the next event. */
let seq = 0;
/** Its own event; without one there is no engagement to report. */
let pageview: Draft | undefined;
/** Deepest scroll, percent. */
let scroll: number;
/** Sum of the totals as last sent: a view that did not grow has nothing new to tell. */
let told: number;

/** What the server reads of a query: campaigns, and ids of paid clicks (collector/ingest/attribution.ts). */
const others = /[?&](?!utm_|\w*(clid|braid)=|li_fat_id|rdt_cid)[^&]*/g;

/**
 * An address as far as it is told. What follows # may be a secret, such as the token of a log-in, so it goes only where it is part of the
 * path; and a form puts what was typed behind the ?.
 */
export function addressOf(text = location.href): URL {
  const known = new URL(text, location.href);
  known.search = known.search.replace(others, '');
  if (!RICH || settings.hash == null) known.hash = '';
  return known;
}

export const pathOf = ({ pathname, hash }: URL): string => pathname + hash;

export function openView(address: URL): void {
  view = { page: randomId(), url: address.href.slice(0, limits.urlLength), events: [] };
  path = pathOf(address);
  pageview = undefined;
  seq = scroll = told = 0;
  restartClock();
}

/** Why nothing is told of this view; something falsy: it is. */
export const silence = (): unknown => whySilent(path);

const draft = (name: string, props?: Props, more?: More): Draft => ({ name, seq, at: Date.now(), props, ...more });

export function send(name: string, props?: Props, more?: More): Draft | undefined {
  const silent = silence();
  if (silent) {
    note(name, silent);
    return undefined;
  }
  const event = draft(name, props, more);
  seq++;
  enqueue(view, event);
  return event;
}

export function countView(props?: Props, more?: More): void {
  const event = send('pageview', props, more);
  pageview = event;
  setTimeout(
    safely(() => settleTitle(event)),
    titleMs,
  );
}

const totals = () => {
  measureScroll();
  readClock();
  return { engaged_ms: engagedMs, visible_ms: visibleMs, scroll };
};

/** Leaves the totals so far with the browser, for a page that ends without a word. */
export function deferEngagement(): void {
  if (pageview && !isWithheld()) deferLastWords(view, draft('engagement', totals()));
}

/** Sends the totals where they grew. `gone`: nothing more is told of this view. */
export function tellEngagement(gone?: boolean): void {
  settleTitle(pageview);
  const props = totals();
  const total = visibleMs + engagedMs + scroll;
  if (pageview && total > told) send('engagement', props);
  told = total;
  if (gone) pageview = undefined;
}

function settleTitle(event: Draft | undefined): void {
  if (event) event.title ||= document.title.slice(0, limits.titleLength);
}

export function measureScroll(): void {
  scroll = Math.max(scroll, scrollPercent());
}
