import { createHashSet } from '../ingest/hash-set.ts';
import { halvesOf } from './uint64.ts';

/** Which events this import has read: by page id, or page id and sequence number. */
export interface KeySet {
  /** False where the key was there before, as far as that is remembered. */
  add(key: string): boolean;
  /** Whether keys had to be forgotten: then ClickHouse alone knows all of them. */
  hasForgotten(): boolean;
}

/** 64 MiB a generation at most: when the younger is full it becomes the older one, and the older one is forgotten. */
const maxKeysPerGeneration = 4_000_000;

export function createKeySet(maxKeys = maxKeysPerGeneration): KeySet {
  let young = createHashSet();
  let old = createHashSet();
  let forgotten = false;
  return {
    add(key) {
      const point = key.indexOf('.');
      const id = halvesOf(key, point < 0 ? key.length : point);
      // The numbers of one page's events differ little; multiplied, they change every bit of the half.
      const seq = point < 0 ? 0 : Math.imul(Number(key.slice(point + 1)) + 1, 0x9e3779b1);
      const hashed = [id.low || 1, (id.high ^ seq) >>> 0] as const;
      if (young.has(hashed) || old.has(hashed)) return false;
      if (young.size() >= maxKeys) {
        forgotten ||= old.size() > 0;
        old = young;
        young = createHashSet();
      }
      young.add(hashed);
      return true;
    },
    hasForgotten: () => forgotten,
  };
}
