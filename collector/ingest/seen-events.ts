import { hash } from 'node:crypto';

/**
 * The ids of events of the last 24 to 48 hours, as 64-bit hashes in two generations: when the younger is a day old or full, it
 * becomes the older one, and the older one is forgotten. 16 bytes an event.
 */
export interface SeenEvents {
  has(siteId: number, eventId: string): boolean;
  /** Call it when the event is durable. `at` is server time, ms. */
  add(siteId: number, eventId: string, at: number): void;
}

const generationMs = 24 * 60 * 60 * 1000;
/** 64 MiB a generation at most. */
const maxEventsPerGeneration = 4_000_000;

export function createSeenEvents(): SeenEvents {
  let young = createHashSet();
  let old = createHashSet();
  let startedAt = Number.NaN;
  return {
    has(siteId, eventId) {
      const key = keyOf(siteId, eventId);
      return young.has(key) || old.has(key);
    },
    add(siteId, eventId, at) {
      if (Number.isNaN(startedAt)) startedAt = at;
      if (at - startedAt >= generationMs || young.size() >= maxEventsPerGeneration) {
        old = young;
        young = createHashSet();
        startedAt = at;
      }
      young.add(keyOf(siteId, eventId));
    },
  };
}

type Key = readonly [high: number, low: number];

function keyOf(siteId: number, eventId: string): Key {
  const digest = hash('sha256', `${siteId}\0${eventId}`, 'buffer');
  // (0, 0) marks a free place.
  return [digest.readUInt32LE(0) || 1, digest.readUInt32LE(4)];
}

/** An open-addressing table of 64-bit keys, at most half full: a Set of texts or bigints would take five times the memory. */
function createHashSet() {
  let slots = new Uint32Array(2 * 1024);
  let count = 0;

  function placeOf(table: Uint32Array, [high, low]: Key): number {
    const mask = table.length / 2 - 1;
    for (let place = low & mask; ; place = (place + 1) & mask) {
      const found = table[2 * place];
      if (found === 0 || (found === high && table[2 * place + 1] === low)) return 2 * place;
    }
  }

  function grow(): void {
    const larger = new Uint32Array(slots.length * 2);
    for (let place = 0; place < slots.length; place += 2) {
      const high = slots[place] ?? 0;
      if (high === 0) continue;
      const low = slots[place + 1] ?? 0;
      const target = placeOf(larger, [high, low]);
      larger[target] = high;
      larger[target + 1] = low;
    }
    slots = larger;
  }

  return {
    size: () => count,
    has: (key: Key) => slots[placeOf(slots, key)] !== 0,
    add(key: Key) {
      const place = placeOf(slots, key);
      if (slots[place] !== 0) return;
      slots[place] = key[0];
      slots[place + 1] = key[1];
      count += 1;
      if (count * 4 > slots.length) grow();
    },
  };
}
