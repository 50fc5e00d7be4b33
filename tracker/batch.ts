import { limits } from '../collector/contract/limits.ts';
import type { WireBatch, WireEvent } from '../collector/contract/wire.ts';

/** An event while it waits; undefined fields are left out of the JSON. */
export type Draft = { [Field in keyof WireEvent]: WireEvent[Field] | undefined } & { name: string; at: number };

/** What an event may say beside its name and properties; `at` is when it happened by the clock of the page, absent: now. */
export type More = Partial<Pick<Draft, 'ref' | 'title' | 'identity' | 'via' | 'at'>>;

/** A page view and those of its events that the server has not confirmed, oldest first. Stored in this form too, and read by later versions. */
export interface View {
  page: string;
  url: string;
  events: Draft[];
}

/** The head of a batch. */
export type Sender = { [Field in 'site' | 'sent' | 'visitor' | 'consent']: WireBatch[Field] | undefined };

/**
 * Characters of one body. A character has at most 3 bytes, so a body stays below the 64 KiB that browsers allow for all requests which
 * outlive their page (https://fetch.spec.whatwg.org/#http-network-or-cache-fetch).
 */
const bodyCharacters = 20_000;

/** As many events from the head of the list as one request takes. */
export function headOf(events: Draft[]): Draft[] {
  const head = events.slice(0, limits.beaconEvents);
  while (head[1] && JSON.stringify(head).length > bodyCharacters) head.length >>= 1;
  return head;
}

/**
 * Events of one page view as one request body, the first with the URL. Their times are by the clock of the page and `sent` is that
 * clock now, so a body is written anew for every try. An event's id is its page and number, so the server knows a repeat.
 */
export function toBody(sender: Sender, { page, url }: View, [first, ...others]: Draft[]): string {
  return JSON.stringify({ v: 1, ...sender, page, events: [{ ...first, url }, ...others] });
}
