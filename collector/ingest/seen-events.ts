import { hash } from 'node:crypto';
import { createHashSet, type Key } from './hash-set.ts';

/**
 * The ids of events of the last 24 to 48 hours, as 64-bit hashes in two generations: when the younger is a day old or full, it
 * becomes the older one, and the older one is forgotten. 16 bytes an event.
 */
export interface SeenEvents {
  has(siteId: number, eventId: string): boolean;
  /** Call it when the event is durable. `at` is server time, ms. */
  add(siteId: number, eventId: string, at: number): void;
}

/** Also takes what `keyOf` made of an event earlier. */
export interface SeenKeys extends SeenEvents {
  addKey(key: Key, at: number): void;
}

export const generationMs = 24 * 60 * 60 * 1000;
/** 64 MiB a generation at most. */
const maxEventsPerGeneration = 4_000_000;

export function createSeenEvents(): SeenKeys {
  let young = createHashSet();
  let old = createHashSet();
  let startedAt = Number.NaN;
  return {
    has(siteId, eventId) {
      const key = keyOf(siteId, eventId);
      return young.has(key) || old.has(key);
    },
    add: (siteId, eventId, at) => addKey(keyOf(siteId, eventId), at),
    addKey,
  };

  function addKey(key: Key, at: number): void {
    if (Number.isNaN(startedAt)) startedAt = at;
    if (at - startedAt >= generationMs || young.size() >= maxEventsPerGeneration) {
      old = young;
      young = createHashSet();
      startedAt = at;
    }
    young.add(key);
  }
}

/** Names an event for `addKey`. */
export function keyOf(siteId: number, eventId: string): Key {
  const digest = hash('sha256', `${siteId}\0${eventId}`, 'buffer');
  // (0, 0) marks a free place.
  return [digest.readUInt32LE(0) || 1, digest.readUInt32LE(4)];
}
