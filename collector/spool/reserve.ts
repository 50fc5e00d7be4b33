import type { Disk } from './disk.ts';

const gibibyte = 1024 ** 3;

/**
 * Free bytes below which new events are refused: 5 % of the disk, at least 1 GiB, so that ClickHouse can still merge and the
 * state store can still commit. At most 2 GiB, because 5 % of a large disk is not an emergency, and at most an eighth of the
 * disk, so that small disks work at all.
 */
export function defaultReserveBytes(totalBytes: number): number {
  const wanted = Math.max(gibibyte, totalBytes * 0.05);
  return Math.floor(Math.min(wanted, 2 * gibibyte, totalBytes / 8));
}

export interface Reserve {
  /** Free bytes above the reserve; negative when it is touched. */
  roomBytes(): Promise<number>;
  /** Forget what was measured: something was deleted or a write failed. */
  remeasure(): void;
}

/** Asks the file system at most once a second: it is on the way of every event. */
export function createReserve(options: {
  disk: Disk;
  folder: string;
  reserveBytes: number | undefined;
  now: () => number;
}): Reserve {
  let measured: { at: number; roomBytes: number } | undefined;
  return {
    async roomBytes() {
      const now = options.now();
      if (!measured || now - measured.at >= 1_000 || now < measured.at) {
        const { freeBytes, totalBytes } = await options.disk.space(options.folder);
        measured = { at: now, roomBytes: freeBytes - (options.reserveBytes ?? defaultReserveBytes(totalBytes)) };
      }
      return measured.roomBytes;
    },
    remeasure() {
      measured = undefined;
    },
  };
}
