import type { Channel, Device } from './names.ts';

/**
 * One event as it lies in the spool and in ClickHouse: a line of JSON whose keys are the columns of `events`
 * (clickhouse/migrations). UInt64 values are decimal text, because JSON numbers are exact only to 2^53.
 */
export interface EventRow {
  /** The event's own id. Not a column: the seen-set is rebuilt from it after a restart. */
  id: string;
  site_id: number;
  /** `YYYY-MM-DD hh:mm:ss.mmm` UTC. */
  ts: string;
  /** Server clock at arrival, same form. A column of `intents` only. */
  received_at: string;
  visitor_id: string;
  session_id: string;
  /** Hash of the page view's id, or of the event's id where it came without one. (page_id, seq) is unique in a site. */
  page_id: string;
  seq: number;
  name: string;
  path: string;
  /** Path of the page view before in this session; only on page views. */
  prev_path: string;
  /** Number of this page view in its session, from 1; 0 on other events. */
  page_number: number;
  host: string;
  /** Scheme, host and port of the page, as `https://example.com`; '' without a page. A column of `intents` only. */
  origin: string;
  title: string;
  country: string;
  region: string;
  city: string;
  device: Device;
  browser: string;
  browser_version: string;
  os: string;
  os_version: string;
  language: string;
  /** Host and path of the referring page, without query. */
  referrer: string;
  channel: Channel;
  source: string;
  medium: string;
  campaign: string;
  term: string;
  content: string;
  /** Running totals of the page view: merged by maximum per page_id. */
  engaged_ms: number;
  /** Deepest scroll, percent. */
  scroll: number;
  props: Record<string, string>;
  /** Money in `currency`; 0 where the event carries none. */
  value: number;
  currency: string;
  /** 1: the visitor id is persistent (consent given); 0: the daily cookieless id. */
  persistent: 0 | 1;
  /** 1: the client's clock was too far off and the server's time stands in `ts`. */
  clock_replaced: 0 | 1;
  /** 1: matches an intent or completion of a rule of its site, so that detection reads it from the small `intents` table. */
  intent: 0 | 1;
}

/** `YYYY-MM-DD hh:mm:ss.mmm` UTC, as ClickHouse reads and writes DateTime64(3). */
export function toTimestamp(ms: number): string {
  const minute = Math.floor(ms / 60_000);
  if (minute !== latest.minute) latest = { minute, text: new Date(minute * 60_000).toISOString() };
  // Years of more than four digits are longer.
  if (latest.text.length !== 24) return new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
  const rest = String(100_000 + Math.trunc(ms - minute * 60_000));
  return `${latest.text.slice(0, 10)} ${latest.text.slice(11, 17)}${rest.slice(1, 3)}.${rest.slice(3)}`;
}

/** Most times are near the one before, and making a text of the date is what costs. */
let latest = { minute: Number.NaN, text: '' };

/** Milliseconds since 1970 of a `YYYY-MM-DD hh:mm:ss.mmm` UTC text. */
export function fromTimestamp(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`);
}
