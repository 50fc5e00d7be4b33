import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { limits } from '../contract/limits.ts';
import { type EventRow, toTimestamp } from '../contract/row.ts';
import { serverEvent, wireEvent } from '../contract/wire.ts';
import { hash64, sessionIdAt } from '../hash.ts';
import type { Salts } from '../state/salts.ts';
import { attribution, namedChannel } from './attribution.ts';
import { cleanJson, ForbiddenKey } from './clean-json.ts';
import { clientTime, historyTime } from './client-time.ts';
import { contactKind } from './contact-kind.ts';
import type { CountryOf } from './country.ts';
import { type Batch, type Draft, type Drop, nameOf, type SentEvent } from './draft.ts';
import { takeMoney } from './money.ts';
import { toOwnWords } from './overheard.ts';
import type { PageUrls } from './page-urls.ts';
import { plainServerEvent, plainWireEvent } from './plain-wire.ts';
import { keyOf, type SeenEvents } from './seen-events.ts';
import type { SessionBook } from './session-book.ts';
import { isHostOfSite } from './site-host.ts';
import type { UserAgent } from './user-agent.ts';
import { cookielessVisitor, leadVisitor, loneVisitor, type NamedVisitors, persistentVisitor } from './visitor-id.ts';

/** What the steps look things up in. */
export interface Knowledge {
  salts: Salts;
  sessions: SessionBook;
  seen: SeenEvents;
  /** Events being written this moment, by site and id. */
  inFlight: ReadonlyMap<string, Promise<void>>;
  userAgent: (text: string) => UserAgent;
  parseUrl: PageUrls;
  visitorNamed: NamedVisitors;
  country: CountryOf;
  matchersFor: (siteId: number) => readonly ((row: EventRow) => boolean)[];
}

/** Fills in a part of the row, or says why the event is not kept. None of them waits for anything. */
export type Step = (draft: Draft, knowledge: Knowledge) => Drop | undefined;

type NamedStep = { name: string; run: Step };

/** What an event says by itself, whatever came before it. */
export const readingSteps: readonly NamedStep[] = [
  { name: 'schema', run: dropMalformed },
  { name: 'overheard call', run: translateOverheard },
  { name: 'origin', run: dropForeignHost },
  { name: 'consent', run: dropWithoutConsent },
  { name: 'bot', run: dropBot },
  { name: 'client time', run: addTime },
];

/** What follows from the visitor's other events. An import reads many events, and sorts them by time, before these. */
export const placingSteps: readonly NamedStep[] = [
  { name: 'visitor id', run: addVisitor },
  { name: 'session', run: addSession },
  { name: 'user agent', run: addBrowser },
  { name: 'referrer, campaign and channel', run: addAttribution },
  { name: 'country', run: addCountry },
  { name: 'properties and money', run: addProps },
  { name: 'intent', run: addIntent },
  { name: 'row size', run: dropLargeRow },
];

/** What happens to each event, in this order. */
export const steps: readonly NamedStep[] = [
  ...readingSteps,
  { name: 'duplicate', run: dropDuplicate },
  ...placingSteps,
];

const invalid = (detail: string): Drop => ({ reason: 'invalid', detail });

function dropMalformed(draft: Draft, { parseUrl }: Knowledge): Drop | undefined {
  const { batch, raw } = draft;
  let cleaned: unknown = raw;
  try {
    if (!draft.isClean) cleaned = cleanJson(raw);
  } catch (error) {
    if (error instanceof ForbiddenKey) return invalid(error.message);
    throw error;
  }
  let event: SentEvent | undefined = (batch.from === 'page' ? plainWireEvent : plainServerEvent)(cleaned);
  if (!event) {
    const parsed = (batch.from === 'page' ? wireEvent : serverEvent).safeParse(cleaned);
    if (!parsed.success) return invalid(firstIssue(parsed.error));
    event = parsed.data;
  }
  if (Object.keys(event.props ?? {}).length > limits.props) {
    return invalid(`An event has at most ${limits.props} properties.`);
  }
  draft.event = event;
  draft.userAgent = (batch.from === 'page' ? batch.header('user-agent') : event.userAgent) ?? '';
  draft.address = batch.from === 'page' ? batch.address : (event.ip ?? '');
  draft.row.name = event.name;
  draft.row.title = event.title ?? '';
  draft.row.seq = event.seq ?? 0;

  const counted = batch.page !== undefined && event.seq !== undefined;
  const id = event.id ?? (counted ? `${batch.page}.${event.seq}` : undefined);
  if (id === undefined && batch.from === 'page') {
    return invalid('An event needs an id, or a seq while its batch has a page.');
  }
  // A server that sends no id gets no protection against its own repeats.
  draft.row.id = id ?? randomUUID();
  draft.row.page_id = counted && batch.page !== undefined ? pageIdOf(batch, batch.page) : hash64(draft.row.id);

  if (event.url === undefined) {
    draft.url = batch.url;
    return undefined;
  }
  const url = parseUrl(event.url, batch.from);
  if (!url) return invalid('The url is not an address such as https://example.com/pricing.');
  draft.url = url;
  if (batch.from === 'page') batch.url = url;
  return undefined;
}

function translateOverheard({ event, row }: Draft): Drop | undefined {
  if (!event.via) return undefined;
  const said = toOwnWords(event.name, event.props ?? {});
  if (!said) return { reason: 'duplicate', detail: `Telltale counts "${event.name}" itself.` };
  const { name, props, order } = said;
  event.props = props;
  row.name = name;
  if (order !== '') row.id = `${name}.${hash64(order)}`;
  return undefined;
}

function dropForeignHost(draft: Draft): Drop | undefined {
  const { batch, url, row } = draft;
  if (url) {
    row.host = url.host;
    row.origin = url.origin;
    row.path = url.path;
  }
  const { domains, settings } = batch.site;
  if (batch.from === 'server' || settings.anyHost) return undefined;
  const origin = batch.header('origin');
  // Nearly always the page's own, which has been taken apart already.
  batch.originHost ??= url !== undefined && origin === url.origin ? url.host : hostOfOrigin(origin);
  const { originHost } = batch;
  if (!url && originHost === null) {
    return { reason: 'origin', detail: 'The event names no page: it has no url, and no event before it has one.' };
  }
  const listed = domains.join(', ');
  if (url && !isHostOfSite(row.host, domains)) {
    return { reason: 'origin', detail: `The page's host ${row.host} is not among this site's domains (${listed}).` };
  }
  if (originHost !== null && originHost !== row.host && !isHostOfSite(originHost.toLowerCase(), domains)) {
    return {
      reason: 'origin',
      detail: `It was sent from ${originHost}, which is not among this site's domains (${listed}).`,
    };
  }
  return undefined;
}

function pageIdOf(batch: Batch, page: string): string {
  batch.pageId ??= hash64(page);
  return batch.pageId;
}

/** TRICKY: pages with `Referrer-Policy: no-referrer` send `Origin: null` with every beacon, so it says nothing. */
function hostOfOrigin(origin: string | undefined): string | null {
  return origin && origin !== 'null' && URL.canParse(origin) ? new URL(origin).hostname : null;
}

function dropWithoutConsent({ batch }: Draft): Drop | undefined {
  if (batch.from === 'server') return undefined;
  const drop = (detail: string): Drop => ({ reason: 'consent', detail });
  const { settings } = batch.site;
  if (batch.consent === 'denied') return drop('The visitor has declined.');
  if (settings.honourPrivacySignals) {
    if (batch.header('sec-gpc') === '1') {
      return drop('The browser sends Global Privacy Control (Sec-GPC: 1), and this site honours it.');
    }
    if (batch.header('dnt') === '1') {
      return drop('The browser sends Do Not Track (DNT: 1), and this site honours it.');
    }
  }
  if (settings.consent === 'required' && batch.visitor === undefined) {
    return drop('This site needs consent, and the visitor has not given it yet.');
  }
  return undefined;
}

function dropBot({ batch, userAgent: text }: Draft, { userAgent }: Knowledge): Drop | undefined {
  if (text === '' && batch.from === 'page') return { reason: 'bot', detail: 'The request names no browser.' };
  if (userAgent(text).bot)
    return { reason: 'bot', detail: `The browser says that it is a program: ${text.slice(0, 120)}` };
  return undefined;
}

function addTime(draft: Draft): Drop | undefined {
  const { batch, event, row } = draft;
  const time =
    batch.from === 'page'
      ? clientTime({
          at: typeof event.at === 'number' ? event.at : undefined,
          age: event.age,
          sent: batch.sent,
          now: batch.now,
        })
      : historyTime(event.at, batch.now);
  if (!time) return invalid('The time `at` is not an instant since 2000, such as 2026-09-01T12:00:00Z.');
  draft.ts = time.ms;
  row.ts = toTimestamp(time.ms);
  row.clock_replaced = time.replaced ? 1 : 0;
  return undefined;
}

function addVisitor(draft: Draft, { salts, sessions, visitorNamed }: Knowledge): undefined {
  const { batch, event, row, ts } = draft;
  const siteId = batch.site.id;
  const visitor = () => {
    if (batch.from === 'page' && batch.visitor !== undefined) {
      batch.visitorId ??= persistentVisitor(siteId, batch.visitor);
      return batch.visitorId;
    }
    if (event.visitor !== undefined) return visitorNamed(siteId, event.visitor);
    if (event.lead !== undefined) return leadVisitor(siteId, event.lead);
    if (draft.address === '') return loneVisitor(siteId, row.id);
    return cookielessVisitor({
      siteId,
      address: draft.address,
      userAgent: draft.userAgent,
      now: batch.ownDay ? ts : batch.now,
      salts,
      isInSession: (visitorId) =>
        sessions.find({ siteId, visitorId, ts, seq: row.seq, pageId: row.page_id }) !== undefined,
    });
  };
  const { id, persistent } = visitor();
  row.visitor_id = id;
  row.persistent = persistent;
}

function dropDuplicate(draft: Draft, { seen, inFlight }: Knowledge): Drop | undefined {
  const { row } = draft;
  const drop: Drop = { reason: 'duplicate', detail: 'This event was received before.' };
  draft.key = keyOf(row.site_id, row.id);
  if (seen.has(draft.key)) return drop;
  const twin = inFlight.get(nameOf(row));
  return twin ? { ...drop, twin } : undefined;
}

function addSession(draft: Draft, { sessions }: Knowledge): undefined {
  const { row, ts } = draft;
  if (draft.batch.offSite) return;
  const session = sessions.find({
    siteId: row.site_id,
    visitorId: row.visitor_id,
    ts,
    seq: row.seq,
    pageId: row.page_id,
  });
  draft.session = session;
  row.session_id = session?.id ?? sessionIdAt({ siteId: row.site_id, visitorId: row.visitor_id, ms: ts });
  if (row.name === 'pageview') {
    row.page_number = Math.min((session?.pagesBefore ?? 0) + 1, largestPageNumber);
    row.prev_path = session?.previous?.path ?? '';
  }
  if (!draft.url && draft.batch.from === 'page') {
    row.host = session?.previous?.host ?? '';
    row.origin = session?.previous?.origin ?? '';
    row.path = session?.previous?.path ?? '';
  }
}

function addBrowser({ batch, userAgent: text, row }: Draft, { userAgent }: Knowledge): undefined {
  const { device, browser, browserVersion, os, osVersion } = userAgent(text);
  row.device = device;
  row.browser = browser;
  row.browser_version = browserVersion;
  row.os = os;
  row.os_version = osVersion;
  if (batch.from === 'page') {
    batch.language ??= firstLanguage(batch.header('accept-language') ?? '');
    row.language = batch.language;
  }
}

function addAttribution({ batch, event, url, session, row }: Draft): undefined {
  const found = session?.attribution ?? attribution({ url: url?.url, ref: event.ref, domains: batch.site.domains });
  row.channel = found.channel;
  row.source = found.source;
  row.medium = found.medium;
  row.campaign = found.campaign;
  row.term = found.term;
  row.content = found.content;
  row.referrer = found.referrer;
  if (event.channel !== undefined) row.channel = namedChannel(event.channel);
}

function addCountry({ address, row }: Draft, { country }: Knowledge): undefined {
  row.country = country(address);
}

function addProps({ batch, event, row }: Draft): undefined {
  let props = event.props ?? {};
  if (event.name === 'engagement') {
    const { engaged_ms, scroll, ...others } = props;
    row.engaged_ms = toWhole(engaged_ms, 0xffff_ffff);
    row.scroll = toWhole(scroll, 100);
    props = others;
  }
  if (event.name === 'contact_click' && typeof props.kind === 'string') {
    props = { ...props, kind: contactKind(props.kind) };
  }
  if ('value' in props) {
    const { value, currency, rest } = takeMoney(props, batch.site.settings.currency);
    row.value = value;
    row.currency = currency;
    props = rest;
  }
  for (const key in props) row.props[key] = String(props[key]);
}

/**
 * What happened this long before it arrived starts no case: an import of last year must not write to last year's visitors.
 * A week, so that the bookings a nightly or weekly job brings still end the cases that are open.
 */
const intentHorizonMs = 7 * 24 * 60 * 60 * 1000;

function addIntent({ batch, ts, row }: Draft, { matchersFor }: Knowledge): undefined {
  if (batch.history || ts < batch.now - intentHorizonMs) return;
  row.intent = matchersFor(row.site_id).some((matches) => matches(row)) ? 1 : 0;
}

function dropLargeRow({ row }: Draft): Drop | undefined {
  const { path, prev_path, host, title, referrer, source, medium, campaign, term, content, props } = row;
  let characters = path.length + prev_path.length + host.length + title.length + referrer.length;
  characters += source.length + medium.length + campaign.length + term.length + content.length;
  for (const key in props) characters += key.length + (props[key]?.length ?? 0);
  // A character is at most three bytes of JSON here, and the names of the columns take less than 1.5 kB: most need no exact count.
  if (3 * characters + 1_536 <= limits.eventBytes) return undefined;
  if (Buffer.byteLength(JSON.stringify(row)) <= limits.eventBytes) return undefined;
  return invalid(`One event may take ${limits.eventBytes} bytes. Shorten its properties.`);
}

const largestPageNumber = 65_535;

function toWhole(value: unknown, largest: number): number {
  const number = Number(value ?? 0);
  return Number.isFinite(number) ? Math.min(Math.max(Math.round(number), 0), largest) : 0;
}

/** `de` of `de-AT,de;q=0.9,en;q=0.5`. */
function firstLanguage(header: string): string {
  return /^\s*([a-z]{2,3})\b/i.exec(header)?.[1]?.toLowerCase() ?? '';
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (!issue) return 'The event is not valid.';
  const place = issue.path.map(String).join('.');
  return place === '' ? issue.message : `${place}: ${issue.message}`;
}
