import { limits } from '../collector/contract/limits.ts';
import type { WireBatch, WireEvent } from '../collector/contract/wire.ts';

/** An event while it waits: optional fields may be undefined, JSON leaves those out. */
export type Draft = { [Field in keyof WireEvent]: WireEvent[Field] | undefined } & { name: string };

export interface Waiting {
  _view: { _page: string; _url: string };
  /** Client clock, ms. */
  _at: number;
  _event: Draft;
}

/** The head of a batch; undefined fields are left out. */
export interface Sender {
  site: string;
  /** Client clock, ms. */
  sent: number;
  visitor: string | undefined;
  consent: WireBatch['consent'] | undefined;
}

/**
 * Characters of events in one batch. An event has at most 8 KiB and a character at most 3 bytes, so a batch stays below the
 * 64 KiB that browsers allow for all requests which outlive their page (https://fetch.spec.whatwg.org/#http-network-or-cache-fetch).
 */
const batchCharacters = 12_000;

/**
 * Takes events of one page view from the head of the queue and writes them as one request body: the first with the URL, each with its
 * age at `sent`, which is why a batch is written anew for every try. An event's id is its page and number, so the server knows a
 * repeat.
 */
export function takeBatch(queue: Waiting[], sender: Sender): { _taken: Waiting[]; _body: string } {
  const view = queue[0]?._view;
  const events: Draft[] = [];
  for (const { _view, _at, _event } of queue) {
    if (_view !== view || events.length === limits.beaconEvents || JSON.stringify(events).length > batchCharacters)
      break;
    events.push({ ..._event, age: Math.max(0, sender.sent - _at), url: events.length ? undefined : _view._url });
  }
  return {
    _taken: queue.splice(0, events.length),
    _body: JSON.stringify({ v: 1, ...sender, page: view?._page, events }),
  };
}
