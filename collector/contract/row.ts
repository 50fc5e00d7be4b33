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
  const iso = new Date(ms).toISOString();
  // Slices cost a third of what replacing costs; years of more than four digits are longer.
  return iso.length === 24 ? `${iso.slice(0, 10)} ${iso.slice(11, 23)}` : iso.replace('T', ' ').replace('Z', '');
}

/** Milliseconds since 1970 of a `YYYY-MM-DD hh:mm:ss.mmm` UTC text. */
export function fromTimestamp(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`);
}
