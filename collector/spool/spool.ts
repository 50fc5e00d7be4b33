import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { EventRow } from '../contract/row.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { writeCheckpoint } from './checkpoint.ts';
import { type Disk, nodeDisk } from './disk.ts';
import { findSegments } from './find-segments.ts';
import { openQuarantine } from './quarantine.ts';
import { isSound, lines, toRow } from './record.ts';
import { recoverWaiting } from './recover.ts';
import { createReserve } from './reserve.ts';
import { createRetention } from './retention.ts';
import type { Segment } from './segment.ts';
import type { Ship } from './ship.ts';
import { createShipper } from './shipper.ts';
import { createWriter } from './writer.ts';

/** Events on their way to ClickHouse: on disk before they are acknowledged, deleted after ClickHouse has them. */
export interface Spool {
  /** Resolves when the rows are on disk. Rejects with AppError('spool_full'): then nothing of them is kept. */
  append(rows: readonly EventRow[]): Promise<void>;
  /** Resolves when everything appended before is in ClickHouse; waits as long as ClickHouse is away. */
  flush(): Promise<void>;
  /**
   * Server time, ms, up to which every acknowledged event is in ClickHouse; it may lie behind what an earlier call said.
   * Holds for rows whose `received_at` is the clock's time at `append`.
   */
  shippedThrough(): number;
  /**
   * Rows of kept and waiting segments, oldest first: what ingest needs to remember after a restart. With `newestBytes` only those
   * of the newest segments, about so many bytes of them.
   */
  retained(options?: { newestBytes?: number }): AsyncIterable<EventRow>;
  /** Runs `work` while nothing is shipped; events are taken meanwhile. Waits until the segment under way has arrived. */
  holdShipping<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Takes rows out of what is kept of segments that ClickHouse has, and out of what was set aside. */
  erase(isErased: (row: EventRow) => boolean): Promise<void>;
  status(): SpoolStatus;
  /** Seals what was appended, stops shipping, refuses what comes. What is not shipped yet is shipped after the next start. */
  close(): Promise<void>;
}

export interface SpoolStatus {
  /** Rows and bytes on disk that ClickHouse does not have yet. */
  pendingRows: number;
  pendingBytes: number;
  pendingSegments: number;
  /** Arrival of the oldest of them, ms; null when there is none. */
  oldestPendingAt: number | null;
  shippedThrough: number;
  /** Set while ClickHouse does not take what is sent. */
  trouble: { failures: number; error: string; since: number } | null;
  /** What is kept of segments that ClickHouse has. */
  retainedBytes: number;
  /** Whether new events are refused for want of space. */
  full: boolean;
  /** Free bytes above the reserve, at most two seconds old; null where the disk does not say. */
  roomBytes: number | null;
  /** Unfinished writes cut off at the start: rows that were never acknowledged. */
  tornTails: number;
  /** Rows that did not match their checksum at the start. */
  damagedRows: number;
  /** Segments whose file is gone before ClickHouse had them. */
  missingSegments: number;
  /** Rows in `quarantine/`. */
  quarantinedRows: number;
}

export interface SpoolOptions {
  folder: string;
  ship: Ship;
  now?: () => number;
  random?: () => number;
  disk?: Disk;
  log?: Logger;
  metrics?: Pick<
    Metrics,
    | 'spoolRows'
    | 'spoolBytes'
    | 'spoolSyncSeconds'
    | 'spoolRefused'
    | 'shippedRows'
    | 'shippedSegments'
    | 'shipFailures'
  >;
  /**
   * A segment is sealed at the first of these. 1 s, 10,000 rows, 8 MiB: about one insert a second, well inside one block. While others
   * wait before it, its age does not count.
   */
  seal?: { ms?: number; rows?: number; bytes?: number };
  /** Wait between attempts, growing from the first to the second. */
  retry?: { firstMs: number; maxMs: number };
  /** How long, and how much, of what ClickHouse has is kept. Less is kept when the disk gets full. */
  keep?: { ms?: number; bytes?: number };
  /** Free bytes that are never used; see reserve.ts for the default. */
  reserveBytes?: number;
  /** How long `close` waits for the insert under way. What it did not see confirmed is sent again after the next start. */
  closeGraceMs?: number;
}

const hour = 60 * 60 * 1000;
const sweepEveryMs = 10 * 60 * 1000;
const measureRoomEveryMs = 2_000;

/** The last segments that have so many bytes together. */
function newest<Sized extends { bytes: number }>(segments: readonly Sized[], bytes: number): Sized[] {
  let first = segments.length;
  for (let sum = 0; first > 0 && sum < bytes; first--) sum += segments[first - 1]?.bytes ?? 0;
  return segments.slice(first);
}

/** Opens the folder, repairs what a crash left behind and starts shipping. Throws, and changes nothing, where a newer release wrote it. */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  const { folder, metrics, log } = options;
  const disk = options.disk ?? nodeDisk;
  const now = options.now ?? Date.now;

  await disk.makeFolder(folder);
  const found = await findSegments(disk, folder);
  const checkpoint = found.checkpoint ?? { spoolId: randomUUID(), shipped: 0, refused: [] };
  if (!found.checkpoint) await writeCheckpoint(disk, folder, checkpoint);

  const quarantine = await openQuarantine(disk, folder);
  const reserve = createReserve({ disk, folder, reserveBytes: options.reserveBytes, now });
  const retention = createRetention({
    disk,
    maxAgeMs: options.keep?.ms ?? 24 * hour,
    maxBytes: options.keep?.bytes ?? 1024 ** 3,
  });

  let missingSegments = found.missing.length;
  let full = false;
  let roomBytes: number | null = null;
  if (missingSegments > 0) {
    log?.error({ missing: found.missing.slice(0, 10) }, 'segments of the spool are gone, with the events in them');
  }
  for (const { seq, name, bytes, modifiedAt } of found.segments) {
    if (seq <= checkpoint.shipped) retention.add({ path: join(folder, name), bytes, shippedAt: modifiedAt });
  }
  const { waiting, tornTails, damagedRows } = await recoverWaiting({
    disk,
    folder,
    spoolId: checkpoint.spoolId,
    segments: found.segments.filter(({ seq }) => seq > checkpoint.shipped),
    quarantine,
    log,
  });
  await retention.sweep(now());

  const shipper = createShipper({
    disk,
    folder,
    checkpoint,
    ship: options.ship,
    quarantine,
    retry: options.retry ?? { firstMs: 1_000, maxMs: 30_000 },
    random: options.random ?? Math.random,
    now,
    onShipped(segment) {
      retention.add({ path: segment.path, bytes: segment.bytes, shippedAt: now() });
      sweep();
      metrics?.shippedRows.inc(segment.rows);
      metrics?.shippedSegments.inc();
    },
    onMissing(segment) {
      missingSegments += 1;
      log?.error(
        { segment: segment.id, rows: segment.rows },
        'the file of a segment is gone, so its events cannot reach ClickHouse; the others go on',
      );
    },
    onFailed(error) {
      metrics?.shipFailures.inc();
      log?.warn({ err: error }, 'ClickHouse did not take a segment; it stays on disk and is sent again');
    },
  });

  const writer = createWriter({
    disk,
    folder,
    spoolId: checkpoint.spoolId,
    nextSeq: Math.max(checkpoint.shipped, found.segments.at(-1)?.seq ?? 0) + 1,
    seal: {
      ms: options.seal?.ms ?? 1_000,
      rows: options.seal?.rows ?? 10_000,
      bytes: options.seal?.bytes ?? 8 * 1024 * 1024,
    },
    isBehind: () => shipper.pending().length >= 2,
    async ensureRoom(bytes) {
      let room = await reserve.roomBytes();
      if (room < bytes && (await retention.give(bytes - room)) > 0) {
        reserve.remeasure();
        room = await reserve.roomBytes();
      }
      if (room < bytes) throw new AppError('spool_full', { retryAfterSeconds: 30 });
    },
    onSealed: (segment) => shipper.add(segment),
    onCommitted({ rows, bytes, seconds }) {
      full = false;
      metrics?.spoolRows.inc(rows);
      metrics?.spoolBytes.inc(bytes);
      metrics?.spoolSyncSeconds.observe(seconds);
    },
    onFailed(error) {
      full = true;
      reserve.remeasure();
      metrics?.spoolRefused.inc();
      log?.error({ err: error }, 'the disk did not take new events; they were refused');
    },
  });
  for (const segment of waiting) shipper.add(segment);

  const sweepTimer = setInterval(sweep, sweepEveryMs);
  sweepTimer.unref();
  await measureRoom();
  const roomTimer = setInterval(measureRoom, measureRoomEveryMs);
  roomTimer.unref();

  /** Also without traffic, so that a disk that got full is known, and one with room again not called full for ever. */
  async function measureRoom(): Promise<void> {
    try {
      roomBytes = await reserve.roomBytes();
      full = roomBytes + retention.bytes() <= 0;
    } catch (error) {
      log?.warn({ err: error }, 'the room on the disk could not be measured');
    }
  }

  function sweep(): void {
    retention.sweep(now()).catch((error: unknown) => log?.warn({ err: error }, 'an old segment could not be deleted'));
  }

  function pending(): Segment[] {
    const open = writer.open();
    return open ? [...shipper.pending(), open] : [...shipper.pending()];
  }

  function firstPendingAt(): number {
    return shipper
      .pending()
      .reduce((first, segment) => Math.min(first, segment.firstReceivedAt), writer.firstReceivedAt());
  }

  function shippedThrough(): number {
    // The millisecond that is running may still bring events.
    return Math.min(firstPendingAt(), now()) - 1;
  }

  return {
    append: (rows) => writer.append(rows),

    async flush() {
      const seq = await writer.seal();
      shipper.hurry();
      await shipper.through(seq);
    },

    shippedThrough,

    holdShipping: (work) => shipper.between(work),

    erase: (isErased) =>
      shipper.between(async () => {
        await retention.erase(isErased);
        await quarantine.erase(isErased);
      }),

    async *retained({ newestBytes = Number.POSITIVE_INFINITY } = {}) {
      for (const { path } of newest([...retention.segments(), ...pending()], newestBytes)) {
        const bytes = await disk.read(path).catch((error: { code?: string }) => {
          // Deleted since the list was made.
          if (error.code === 'ENOENT') return Buffer.alloc(0);
          throw error;
        });
        for (const { line } of lines(bytes)) if (isSound(line)) yield toRow(line);
      }
    },

    status() {
      const segments = pending();
      const first = firstPendingAt();
      return {
        pendingRows: segments.reduce((sum, segment) => sum + segment.rows, 0),
        pendingBytes: segments.reduce((sum, segment) => sum + segment.bytes, 0),
        pendingSegments: segments.length,
        oldestPendingAt: Number.isFinite(first) ? first : null,
        shippedThrough: shippedThrough(),
        trouble: shipper.trouble() ?? null,
        retainedBytes: retention.bytes(),
        full,
        roomBytes,
        tornTails,
        damagedRows,
        missingSegments,
        quarantinedRows: quarantine.count(),
      };
    },

    async close() {
      clearInterval(sweepTimer);
      clearInterval(roomTimer);
      await writer.close();
      await shipper.stop(options.closeGraceMs ?? 5_000);
    },
  };
}
