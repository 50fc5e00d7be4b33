import type { DropReason, OverheardTool } from '../contract/names.ts';
import { type EventRow, toTimestamp } from '../contract/row.ts';
import type { Identity, Props } from '../contract/wire.ts';
import type { SiteRecord } from '../state/sites.ts';
import type { Key } from './hash-set.ts';
import type { PageUrl } from './page-urls.ts';
import type { SessionSoFar } from './session-book.ts';
import type { VisitorId } from './visitor-id.ts';

/** An event as its sender wrote it, checked and cleaned; fields of both ingest routes. */
export interface SentEvent {
  id?: string | undefined;
  seq?: number | undefined;
  name: string;
  at?: string | number | undefined;
  age?: number | undefined;
  url?: string | undefined;
  ref?: string | undefined;
  title?: string | undefined;
  props?: Props | undefined;
  identity?: Identity | undefined;
  via?: OverheardTool | undefined;
  visitor?: string | undefined;
  lead?: string | undefined;
  channel?: string | undefined;
  ip?: string | undefined;
  userAgent?: string | undefined;
}

/** What all events of one request share. */
export interface Batch {
  /** `page`: a browser, which proves nothing. `server`: a caller with a key. */
  from: 'page' | 'server';
  site: SiteRecord;
  /** Server clock when the request came, ms. */
  now: number;
  /** The same as a row writes it. Like the other fields that may be missing here, worked out by the first event for all of them. */
  nowText?: string;
  pageId?: string;
  visitorId?: VisitorId;
  /** Host of the page that sent it; null where the browser does not say. */
  originHost?: string | null;
  language?: string;
  header: (name: string) => string | undefined;
  address: string;
  sent?: number | undefined;
  visitor?: string | undefined;
  page?: string | undefined;
  consent?: 'granted' | 'denied' | undefined;
  /** The latest address in the batch: events after the first may leave theirs out. */
  url?: PageUrl | undefined;
  /** An import of the past: nothing in it starts a case. */
  history: boolean;
  /** The ledger tells what happened to a lead: nobody was on the site, so it belongs to no session. */
  offSite?: boolean;
  /** An id without consent is of the day the event happened on, not of today: the salts must know such days. */
  ownDay?: boolean;
}

/** An event on its way through the steps: each step reads what the ones before it filled in. */
export interface Draft {
  batch: Batch;
  /** Place in the request. */
  index: number;
  raw: unknown;
  /** Whether `raw` is known to need no cleaning. */
  isClean: boolean;
  event: SentEvent;
  url: PageUrl | undefined;
  userAgent: string;
  address: string;
  /** When it happened, ms. */
  ts: number;
  session: SessionSoFar | undefined;
  /** By which the event is known again. */
  key: Key;
  row: EventRow;
}

/** Why an event is not kept, with a sentence for the install screen. */
export interface Drop {
  reason: DropReason;
  detail: string;
  /** Set where the same event is being written this moment: it is a duplicate if that succeeds. */
  twin?: Promise<void>;
}

export function newDraft(batch: Batch, raw: unknown, index: number): Draft {
  batch.nowText ??= toTimestamp(batch.now);
  return {
    batch,
    index,
    raw,
    isClean: false,
    event: { name: nameIn(raw) },
    url: undefined,
    userAgent: '',
    address: '',
    ts: batch.now,
    session: undefined,
    key: noKey,
    row: { ...blankRow, name: nameIn(raw), site_id: batch.site.id, ts: batch.nowText, props: {} },
  };
}

/** An event among those that are being written this moment. */
export function nameOf(row: EventRow): string {
  return `${row.site_id}:${row.id}`;
}

const noKey: Key = [0, 0];

/** A name for the live list, even where the event is malformed. */
function nameIn(raw: unknown): string {
  const name = (raw as { name?: unknown } | null)?.name;
  return typeof name === 'string' ? name.slice(0, 120) : '';
}

/** A row of which nothing is known. */
export const blankRow: EventRow = {
  id: '',
  site_id: 0,
  ts: '',
  received_at: '',
  visitor_id: '0',
  session_id: '0',
  page_id: '0',
  seq: 0,
  name: '',
  path: '',
  prev_path: '',
  page_number: 0,
  host: '',
  origin: '',
  title: '',
  country: '',
  region: '',
  city: '',
  device: 'other',
  browser: '',
  browser_version: '',
  os: '',
  os_version: '',
  language: '',
  referrer: '',
  channel: 'direct',
  source: '',
  medium: '',
  campaign: '',
  term: '',
  content: '',
  engaged_ms: 0,
  scroll: 0,
  props: {},
  value: 0,
  currency: '',
  persistent: 0,
  clock_replaced: 0,
  intent: 0,
};
