import type { FieldCondition, Signal } from '../contract/signal.ts';
import { hash64 } from '../hash.ts';

/** One time that a signal was seen: when, and which event it was, so that the same event never counts twice. */
export interface Hit {
  atMs: number;
  id: string;
}

/** What is known of a lead when it is judged. */
export interface LeadFacts {
  /** By the names of `conditionFields` and `trait:KEY`; what is not known is left out. */
  fields: Readonly<Record<string, string | number | boolean>>;
  /** By `signalKey`, newest first. */
  hits: ReadonlyMap<string, readonly Hit[]>;
}

/** A signal is asked for by every lead, and hashing costs more than all the rest. */
const keys = new WeakMap<Signal, string>();

/** The same for signals that ask for the same, however their properties are ordered. */
export function signalKey(signal: Signal): string {
  const known = keys.get(signal);
  if (known !== undefined) return known;
  const key = hashOf(signal);
  keys.set(signal, key);
  return key;
}

function hashOf(signal: Signal): string {
  switch (signal.kind) {
    case 'page':
      return hash64('page', signal.path);
    case 'event': {
      const { event = 'pageview', path = '', host = '', props = {} } = signal.match;
      return hash64('event', event, path, host, ...Object.entries(props).sort().flat());
    }
    case 'form':
      return hash64('form', signal.form ?? '');
    case 'touch':
      return hash64('touch', signal.touch, signal.direction ?? '');
  }
}

/** Those that had happened at a moment, newest first. */
export function hitsUntil(facts: LeadFacts, signal: Signal, atMs: number): readonly Hit[] {
  const hits = facts.hits.get(signalKey(signal)) ?? [];
  // Nearly always all of them have: a browser's clock may be ahead by minutes.
  return hits[0] && hits[0].atMs > atMs ? hits.filter((hit) => hit.atMs <= atMs) : hits;
}

/** When the first hit that lies ahead of the moment begins to count; Infinity where none does. */
export function nextHitMs(facts: LeadFacts, signal: Signal, atMs: number): number {
  const ahead = (facts.hits.get(signalKey(signal)) ?? []).filter((hit) => hit.atMs > atMs);
  return Math.min(...ahead.map((hit) => hit.atMs));
}

export function fitsField({ field, op, value = [] }: FieldCondition, { fields }: LeadFacts): boolean {
  const known = fields[field];
  const text = known === undefined ? '' : String(known).trim().toLowerCase();
  const wanted = value.map((one) => one.trim().toLowerCase());
  switch (op) {
    case 'is_set':
      return text !== '';
    case 'is_empty':
      return text === '';
    case 'is':
      return wanted.includes(text);
    case 'is_not':
      return !wanted.includes(text);
    case 'contains':
      return wanted.some((one) => text.includes(one));
    case 'at_least':
      return text !== '' && wanted.some((one) => Number(text) >= Number(one));
  }
}
