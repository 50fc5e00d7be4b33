import { type EventRow, toTimestamp } from '../../collector/contract/row.ts';
import { hash64 } from '../../collector/hash.ts';
import { plainColumns } from './plain-columns.ts';

/** What a test says about an event; everything else has a plain default. */
export interface EventSketch extends Partial<Omit<EventRow, 'ts' | 'received_at' | 'visitor_id' | 'session_id'>> {
  /** A person: `ana`. */
  visitor?: string;
  /** Names the session; one per visitor unless told. */
  session?: string;
  /** `10:00`, `10:00:30`, `10:00:30.250` on 2026-09-01 UTC, or a full instant. */
  at?: string;
  /** Server clock at arrival, same forms; the event's own time unless told. */
  receivedAt?: string;
}

const day = '2026-09-01';
let count = 0;

/** Milliseconds of `10:00` on 2026-09-01 UTC, or of a full instant. */
export function timeOf(at: string): number {
  if (at.includes('T')) return Date.parse(at);
  return Date.parse(`${day}T${at.length === 5 ? `${at}:00` : at}Z`);
}

/** The UInt64 that stands for a person of the tests. */
export function visitorId(name: string): string {
  return hash64('v', '1', name);
}

export function sessionId(name: string): string {
  return hash64('session', name);
}

/** A stored row. Ids are unique in one run unless given. */
export function event(name: string, sketch: EventSketch = {}): EventRow {
  const { visitor = 'ana', session = visitor, at = '10:00', receivedAt = at, ...columns } = sketch;
  count += 1;
  const id = columns.id ?? `event-${count}`;
  return {
    id,
    site_id: 1,
    ts: toTimestamp(timeOf(at)),
    received_at: toTimestamp(timeOf(receivedAt)),
    visitor_id: visitorId(visitor),
    session_id: sessionId(session),
    page_id: hash64(id),
    seq: 0,
    name,
    path: '/',
    prev_path: '',
    page_number: 0,
    ...plainColumns,
    ...columns,
  };
}

/** `pageview({ visitor: 'ana', path: '/pricing', at: '10:00' })` */
export function pageview(sketch: EventSketch = {}): EventRow {
  return event('pageview', { page_number: 1, ...sketch });
}
