import { hash } from 'node:crypto';
import { createHashSet, type Key } from './hash-set.ts';

/**
 * The ids of events of the last 24 to 48 hours, as 64-bit hashes in two generations: when the younger is a day old or full, it
 * becomes the older one, and the older one is forgotten. 16 bytes an event.
 */
export interface SeenEvents {
  has(key: Key): boolean;
  /** Call it when the event is durable. `at` is server time, ms. */
  add(key: Key, at: number): void;
}

export const generationMs = 24 * 60 * 60 * 1000;
/** 64 MiB a generation at most. */
const maxEventsPerGeneration = 4_000_000;

export function createSeenEvents(): SeenEvents {
  let young = createHashSet();
  let old = createHashSet();
  let startedAt = Number.NaN;
  return {
    has: (key) => young.has(key) || old.has(key),
    add(key, at) {
      if (Number.isNaN(startedAt)) startedAt = at;
      if (at - startedAt >= generationMs || young.size() >= maxEventsPerGeneration) {
        old = young;
        young = createHashSet();
        startedAt = at;
      }
      young.add(key);
    },
  };
}

/** What an event is remembered by. */
export function keyOf(siteId: number, eventId: string): Key {
  // A text of one character a byte: a buffer takes three times as long to make.
  const digest = hash('sha256', `${siteId}\0${eventId}`, 'binary');
  // (0, 0) marks a free place.
  return [wordAt(digest, 0) || 1, wordAt(digest, 4)];
}

/** Four bytes, the lowest first. */
function wordAt(digest: string, place: number): number {
  const byte = (index: number) => digest.charCodeAt(place + index);
  return (byte(0) | (byte(1) << 8) | (byte(2) << 16) | (byte(3) << 24)) >>> 0;
}
