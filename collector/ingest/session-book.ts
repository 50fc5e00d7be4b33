import { type EventRow, fromTimestamp } from '../contract/row.ts';
import type { Attribution } from './attribution.ts';

/** A session ends when nothing happens for longer than this. */
export const sessionGapMs = 30 * 60 * 1000;

interface PageView {
  ts: number;
  seq: number;
  pageId: string;
  path: string;
  origin: string;
  host: string;
}

interface Session {
  id: string;
  start: number;
  end: number;
  attribution: Attribution;
  /** The latest page views, in order of (ts, seq). */
  pages: PageView[];
  pageCount: number;
}

/** What is known of the session that an event falls into. */
export interface SessionSoFar {
  id: string;
  attribution: Attribution;
  /** The page view before the event; undefined when there is none. */
  previous: { path: string; host: string; origin: string } | undefined;
  /** Page views before the event. */
  pagesBefore: number;
}

/**
 * The sessions of everybody who was here lately, in memory; rebuilt after a restart by adding the rows the spool still has.
 * Events find their session by their own time, so history that arrives out of order is cut the same way.
 */
export interface SessionBook {
  /** The session of an event, or undefined where it opens a new one. The event itself, if added before, is not counted. */
  find(event: { siteId: number; visitorId: string; ts: number; seq: number; pageId: string }): SessionSoFar | undefined;
  /** Notes a row with its session. Adding a row twice changes nothing. `ts` is the time in the row, ms, where it is known. */
  add(row: EventRow, ts?: number): void;
}

/** Some 600 bytes each, with two page views. Whoever was quiet the longest is forgotten first; half of them at least are remembered. */
const maxVisitors = 200_000;
const maxSessionsPerVisitor = 32;
const maxPagesPerSession = 32;
const maxAttributions = 2_000;

export function createSessionBook(): SessionBook {
  // Two generations: when the younger is full it becomes the older one, and the older one is forgotten.
  let young = new Map<string, Session[]>();
  let old = new Map<string, Session[]>();
  const attributionOf = createAttributions();

  return {
    find({ siteId, visitorId, ts, seq, pageId }) {
      const key = `${siteId}:${visitorId}`;
      const session = (young.get(key) ?? old.get(key))?.findLast((candidate) => holds(candidate, ts));
      if (!session) return undefined;
      const { id, attribution, pages, pageCount } = session;
      let pagesBefore = pageCount - pages.length;
      let previous: PageView | undefined;
      for (const page of pages) {
        const isItself = page.pageId === pageId && page.seq === seq;
        if (isItself || page.ts > ts || (page.ts === ts && page.seq > seq)) continue;
        pagesBefore += 1;
        previous = page;
      }
      return { id, attribution, previous, pagesBefore };
    },

    add(row, ts = fromTimestamp(row.ts)) {
      const key = `${row.site_id}:${row.visitor_id}`;
      let sessions = young.get(key);
      if (!sessions) {
        sessions = old.get(key) ?? [];
        if (young.size >= maxVisitors / 2) {
          old = young;
          young = new Map();
        }
        young.set(key, sessions);
      }
      let session = sessions.find((candidate) => candidate.id === row.session_id);
      if (!session) {
        session = { id: row.session_id, start: ts, end: ts, attribution: attributionOf(row), pages: [], pageCount: 0 };
        const all = joinedBy(sessions, session).sort((a, b) => a.start - b.start);
        young.set(key, all.length > maxSessionsPerVisitor ? all.slice(1) : all);
      }
      session.start = Math.min(session.start, ts);
      session.end = Math.max(session.end, ts);
      if (row.name === 'pageview') addPage(session, row, ts);
    },
  };
}

function holds(session: Session, ts: number): boolean {
  return ts >= session.start - sessionGapMs && ts <= session.end + sessionGapMs;
}

function addPage(session: Session, row: EventRow, ts: number): void {
  if (session.pages.some((page) => page.pageId === row.page_id && page.seq === row.seq)) return;
  const last = session.pages.at(-1);
  const { seq, page_id: pageId, path, host, origin } = row;
  session.pages = joinedBy(session.pages, { ts, seq, pageId, path, host, origin });
  const isLast = !last || last.ts < ts || (last.ts === ts && last.seq <= row.seq);
  if (!isLast) session.pages.sort((a, b) => a.ts - b.ts || a.seq - b.seq);
  session.pageCount += 1;
  if (session.pages.length > maxPagesPerSession) session.pages.shift();
}

/** TRICKY: an array that is pushed to gets room for 16 more, which most visitors never need and which would be a third of the memory. */
function joinedBy<Item>(items: readonly Item[], item: Item): Item[] {
  return items.length === 0 ? [item] : items.concat([item]);
}

/** Visitors come from few places: those of one place share what is remembered of it, or it would be half of the memory. */
function createAttributions(): (row: EventRow) => Attribution {
  let known = new Map<string, Attribution>();
  return ({ channel, source, medium, campaign, term, content, referrer }) => {
    const key = [channel, source, medium, campaign, term, content, referrer].join('\n');
    const found = known.get(key);
    if (found) return found;
    if (known.size >= maxAttributions) known = new Map();
    const attribution = { channel, source, medium, campaign, term, content, referrer };
    known.set(key, attribution);
    return attribution;
  };
}
