import { join } from 'node:path';
import { type Checkpoint, writeCheckpoint } from './checkpoint.ts';
import { type Disk, replaceFile } from './disk.ts';
import type { Quarantine } from './quarantine.ts';
import { isIntent, lines } from './record.ts';
import { joinLines } from './repair.ts';
import { retryDelayMs } from './retry-delay.ts';
import type { Segment } from './segment.ts';
import { isPermanent, type Ship, type Shipment } from './ship.ts';

export interface ShipperOptions {
  disk: Disk;
  folder: string;
  checkpoint: Checkpoint;
  ship: Ship;
  quarantine: Quarantine;
  retry: { firstMs: number; maxMs: number };
  random: () => number;
  now: () => number;
  /** The segment is in ClickHouse and the checkpoint says so: it may be deleted. */
  onShipped: (segment: Segment) => void;
  /** The segment's file is gone: nothing of it can be shipped any more. */
  onMissing: (segment: Segment) => void;
  onFailed: (error: unknown) => void;
}

export interface Shipper {
  /** Segments must come in order. */
  add(segment: Segment): void;
  /** Resolves when the segment with this sequence number and all before are in ClickHouse. */
  through(seq: number): Promise<void>;
  /** Sealed segments that ClickHouse does not have yet, oldest first. */
  pending(): readonly Segment[];
  /** The failures in a row of what is being shipped; undefined when all is well. */
  trouble(): { failures: number; error: string; since: number } | undefined;
  /** Runs `work` between two segments: no insert is under way, and the checkpoint names all that ClickHouse has. */
  between<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Ends a wait between attempts, unless the last one was less than `retry.firstMs` ago. */
  hurry(): void;
  /** Starts nothing new; waits up to `graceMs` for the attempt under way. */
  stop(graceMs: number): Promise<void>;
}

class Stopped extends Error {}

/** Ships segments strictly in order, one at a time, until each has arrived. */
export function createShipper(options: ShipperOptions): Shipper {
  const { disk, folder, quarantine, now } = options;
  const queue: Segment[] = [];
  const refused = new Set(options.checkpoint.refused);
  let shipped = options.checkpoint.shipped;
  let waiters: { seq: number; resolve: () => void; reject: (error: Error) => void }[] = [];
  let trouble: { failures: number; error: string; since: number } | undefined;
  let nap: { end: () => void; attemptedAt: number } | undefined;
  let working: Promise<void> | undefined;
  let stopped = false;
  /** Ends when everything that asked for its turn before is done. */
  let turn: Promise<void> = Promise.resolve();

  function run(): void {
    working ??= work();
  }

  async function work(): Promise<void> {
    try {
      for (let segment = queue[0]; segment && !stopped; segment = queue[0]) {
        const next = segment;
        await between(() => shipOne(next));
      }
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
    } finally {
      working = undefined;
    }
  }

  async function shipOne(segment: Segment): Promise<void> {
    const there = segment.rows === 0 || (await shipWhole(segment));
    const { seq } = segment;
    await untilDone(() => saveCheckpoint(seq, []));
    refused.clear();
    shipped = seq;
    queue.shift();
    if (there) options.onShipped(segment);
    else options.onMissing(segment);
    for (const waiter of waiters) if (waiter.seq <= shipped) waiter.resolve();
    waiters = waiters.filter((waiter) => waiter.seq > shipped);
  }

  function between<Result>(work: () => Promise<Result>): Promise<Result> {
    const mine = turn.then(work);
    turn = mine.then(
      () => undefined,
      () => undefined,
    );
    return mine;
  }

  /** Answers whether there was something to ship: waiting for a file that is gone would hold up all others for ever. */
  async function shipWhole(segment: Segment): Promise<boolean> {
    try {
      await shipPart(segment, 0, segment.rows);
      return true;
    } catch (error) {
      if (isMissing(error, segment.path)) return false;
      throw error;
    }
  }

  /** Ships rows [from, to) of the segment; where ClickHouse refuses them, halves the range until it is one row. */
  async function shipPart(segment: Segment, from: number, to: number): Promise<void> {
    const whole = from === 0 && to === segment.rows;
    const id = whole ? segment.id : `${segment.id}/${from}-${to}`;
    let reason = 'ClickHouse refused it before the restart';
    if (!refused.has(id)) {
      try {
        await untilDone(async () => options.ship(whole ? segment : await partOf(segment, id, from, to)), segment);
        return;
      } catch (error) {
        if (!isPermanent(error)) throw error;
        options.onFailed(error);
        reason = error instanceof Error ? error.message : String(error);
      }
    }
    if (to - from === 1) {
      await untilDone(async () => {
        const line = (await linesOf(segment))[from];
        if (line) await quarantine.put({ segmentId: segment.id, place: String(from), reason, line });
      }, segment);
      return;
    }
    refused.add(id);
    await untilDone(() => saveCheckpoint(shipped, [...refused]));
    const middle = (from + to) >>> 1;
    await shipPart(segment, from, middle);
    await shipPart(segment, middle, to);
  }

  async function partOf(segment: Segment, id: string, from: number, to: number): Promise<Shipment> {
    const part = (await linesOf(segment)).slice(from, to);
    const name = 'part.ndjson';
    await replaceFile(disk, folder, name, joinLines(part));
    return { id, path: join(folder, name), rows: part.length, intents: part.filter(isIntent).length };
  }

  async function linesOf(segment: Segment): Promise<Buffer[]> {
    return [...lines(await disk.read(segment.path))].map(({ line }) => line);
  }

  async function saveCheckpoint(seq: number, refusedIds: string[]): Promise<void> {
    await writeCheckpoint(disk, folder, { spoolId: options.checkpoint.spoolId, shipped: seq, refused: refusedIds });
  }

  /** Repeats what is safe to repeat: an insert has a token, a file is replaced as a whole. */
  async function untilDone(attempt: () => Promise<void>, segment?: Segment): Promise<void> {
    for (;;) {
      if (stopped) throw new Stopped();
      const attemptedAt = now();
      try {
        await attempt();
        // Whoever opened this folder after us may have written a newer checkpoint: a late answer must not go on.
        if (stopped) throw new Stopped();
        trouble = undefined;
        return;
      } catch (error) {
        if (stopped) throw new Stopped();
        if (isPermanent(error) || (segment && isMissing(error, segment.path))) {
          trouble = undefined;
          throw error;
        }
        trouble = {
          failures: (trouble?.failures ?? 0) + 1,
          error: error instanceof Error ? error.message : String(error),
          since: trouble?.since ?? attemptedAt,
        };
        options.onFailed(error);
        const delayMs = retryDelayMs({ failures: trouble.failures - 1, ...options.retry, random: options.random });
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, delayMs);
          timer.unref();
          nap = {
            attemptedAt,
            end: () => {
              clearTimeout(timer);
              resolve();
            },
          };
        });
        nap = undefined;
      }
    }
  }

  return {
    add(segment) {
      queue.push(segment);
      run();
    },

    through(seq) {
      if (seq <= shipped) return Promise.resolve();
      if (stopped) return Promise.reject(new Error('The spool is closed.'));
      return new Promise((resolve, reject) => {
        waiters.push({ seq, resolve, reject });
      });
    },

    between,
    pending: () => queue,
    trouble: () => trouble,

    hurry() {
      if (nap && now() - nap.attemptedAt >= options.retry.firstMs) nap.end();
    },

    async stop(graceMs) {
      stopped = true;
      nap?.end();
      for (const waiter of waiters) waiter.reject(new Error('The spool is closed.'));
      waiters = [];
      if (!working) return;
      let timer: NodeJS.Timeout | undefined;
      const grace = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, graceMs);
      });
      await Promise.race([working, grace]);
      clearTimeout(timer);
    },
  };
}

/** Whether the error, or what caused it, is that this file does not exist. */
function isMissing(error: unknown, path: string): boolean {
  for (let cause = error as NodeJS.ErrnoException | undefined; cause; cause = cause.cause as typeof cause) {
    if (cause.code === 'ENOENT' && cause.path === path) return true;
  }
  return false;
}
