import type { EventRow } from '../contract/row.ts';
import type { Disk } from './disk.ts';
import { eraseRowsOfSegment } from './erase-rows.ts';

/** A segment that ClickHouse has, kept for a while: to rebuild what ingest remembers after a restart, and to replay by hand. */
interface Kept {
  path: string;
  bytes: number;
  shippedAt: number;
}

export interface Retention {
  add(segment: Kept): void;
  /** Oldest first. */
  segments(): readonly Kept[];
  bytes(): number;
  /** Rewrites segments without these rows: ClickHouse has had them, so nobody compares their bytes any more. */
  erase(isErased: (row: EventRow) => boolean): Promise<void>;
  /** Deletes what is too old or too much. */
  sweep(now: number): Promise<void>;
  /** Deletes the oldest until about this much is free. Resolves with the bytes freed. */
  give(bytes: number): Promise<number>;
}

export function createRetention(options: { disk: Disk; maxAgeMs: number; maxBytes: number }): Retention {
  const kept: Kept[] = [];
  let total = 0;

  async function dropOldest(): Promise<number> {
    const oldest = kept.shift();
    if (!oldest) return 0;
    total -= oldest.bytes;
    await options.disk.remove(oldest.path);
    return oldest.bytes;
  }

  return {
    add(segment) {
      kept.push(segment);
      total += segment.bytes;
    },

    segments: () => kept,
    bytes: () => total,

    async erase(isErased) {
      for (const segment of [...kept]) {
        const before = segment.bytes;
        segment.bytes = await eraseRowsOfSegment(options.disk, segment.path, isErased);
        total -= before - segment.bytes;
      }
    },

    async sweep(now) {
      const tooOld = (segment: Kept) => now - segment.shippedAt >= options.maxAgeMs;
      for (let oldest = kept[0]; oldest && (total > options.maxBytes || tooOld(oldest)); oldest = kept[0]) {
        await dropOldest();
      }
    },

    async give(bytes) {
      let freed = 0;
      while (freed < bytes && kept.length > 0) freed += await dropOldest();
      return freed;
    },
  };
}
