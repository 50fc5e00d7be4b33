import type { ClickHouse } from '../clickhouse/client.ts';
import type { List } from '../contract/answers.ts';
import type { TimelineEntry } from '../contract/lead-answers.ts';
import type { LeadEvent } from '../contract/leads.ts';
import { type WebEvent, webEvents } from '../queries/lead-web-events.ts';
import { parseCursor, toCursor } from '../state/keyset.ts';
import { undoneEvents } from '../state/lead-fold.ts';
import { type Names, toHistoryEntry } from './lead-view.ts';

/** Where an entry stands: what the ledger says of a moment comes before what the website says of it, reading backwards. */
type Placed = { atMs: number } & ({ ledger: LeadEvent } | { web: WebEvent });

/**
 * Everything that is known of a person, newest first: all browsers, before and after they gave themselves away, and the ledger.
 * `total` counts the ledger's part only, because nobody counts the rest.
 */
export async function leadTimeline(
  clickhouse: ClickHouse,
  options: {
    siteId: number;
    visitorIds: readonly string[];
    events: readonly LeadEvent[];
    names: Names;
    limit: number;
    cursor?: string | undefined;
  },
): Promise<List<TimelineEntry>> {
  const { siteId, visitorIds, events, names, limit, cursor } = options;
  const undone = undoneEvents(events);
  const after = parsePlace(cursor);
  const ledger = events
    .filter((event) => event.kind !== 'judged' && isAfter(event, after))
    .sort((a, b) => b.atMs - a.atMs || b.seq - a.seq)
    .slice(0, limit + 1);
  const before = after && (after.from === 'site' ? after : { atMs: after.atMs });
  const web = await webEvents(clickhouse, { siteId, visitorIds, before, limit: limit + 1 });
  const all = [
    ...ledger.map((event): Placed => ({ atMs: event.atMs, ledger: event })),
    ...web.map((event): Placed => ({ atMs: event.place.atMs, web: event })),
  ].sort((a, b) => b.atMs - a.atMs || ('ledger' in b ? 1 : 0) - ('ledger' in a ? 1 : 0));
  const shown = all.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map((entry): TimelineEntry => {
      if ('ledger' in entry) return { from: 'ledger', ...toHistoryEntry(entry.ledger, names, undone) };
      const { place: _, ...event } = entry.web;
      return { from: 'site', ...event };
    }),
    total: events.length,
    next: all.length > limit && last ? placeOf(last) : null,
  };
}

type Place = { from: 'ledger'; atMs: number; seq: number } | { from: 'site'; atMs: number; seq: number; page: string };

function isAfter(event: LeadEvent, place: Place | undefined): boolean {
  if (!place) return true;
  if (event.atMs !== place.atMs) return event.atMs < place.atMs;
  return place.from === 'ledger' && event.seq < place.seq;
}

function placeOf(entry: Placed): string {
  if ('ledger' in entry) return toCursor({ sort: String(entry.atMs), id: `ledger.${entry.ledger.seq}` });
  const { seq, page } = entry.web.place;
  return toCursor({ sort: String(entry.atMs), id: `site.${seq}.${page}` });
}

function parsePlace(cursor: string | undefined): Place | undefined {
  const keyset = parseCursor(cursor);
  if (!keyset) return undefined;
  const [from, seq = '', page = '0'] = keyset.id.split('.');
  const atMs = Number(keyset.sort);
  if (!Number.isFinite(atMs) || !/^\d+$/.test(seq) || !/^\d+$/.test(page)) return undefined;
  return from === 'site' ? { from, atMs, seq: Number(seq), page } : { from: 'ledger', atMs, seq: Number(seq) };
}
