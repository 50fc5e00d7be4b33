import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type EventRow, fromTimestamp } from '../contract/row.ts';
import { AppError } from '../errors.ts';
import { type Disk, type DiskFile, isDiskFull } from './disk.ts';
import { toRecord } from './record.ts';
import { type Segment, segmentFileName, segmentId } from './segment.ts';

/** When a segment is sealed, whichever comes first. */
export interface SealLimits {
  ms: number;
  rows: number;
  bytes: number;
}

export interface WriterOptions {
  disk: Disk;
  folder: string;
  spoolId: string;
  /** Sequence number of the first segment to write. */
  nextSeq: number;
  seal: SealLimits;
  /** Whether sealed segments pile up: then a segment is not sealed for its age, because one of 10,000 rows ships as fast as one of 200. */
  isBehind: () => boolean;
  /** Makes sure that the bytes fit on the disk, or throws. */
  ensureRoom: (bytes: number) => Promise<void>;
  onSealed: (segment: Segment) => void;
  /** One group of appends is on the disk. */
  onCommitted: (group: { rows: number; bytes: number; seconds: number }) => void;
  onFailed: (error: unknown) => void;
}

export interface Writer {
  append(rows: readonly EventRow[]): Promise<void>;
  /** Seals what was appended before; resolves with the sequence number of the last segment that holds any of it. */
  seal(): Promise<number>;
  /** Earliest arrival among rows that are not in a sealed segment; Infinity when there is none. */
  firstReceivedAt(): number;
  /** The segment being written, as far as it is durable. */
  open(): Segment | undefined;
  /** Seals what was appended, then refuses more. */
  close(): Promise<void>;
}

interface Append {
  kind: 'append';
  bytes: Buffer;
  rows: number;
  intents: number;
  firstReceivedAt: number;
  resolve: () => void;
  reject: (error: unknown) => void;
}
interface Seal {
  kind: 'seal';
  resolve: (lastSeq: number) => void;
}

/** Rows waiting for a disk that does not keep up; beyond this, events are refused rather than piled up in memory. */
const maxQueuedBytes = 64 * 1024 * 1024;

/**
 * Writes records to the open segment with group commit: what arrives while one fdatasync runs is written and synced together
 * by the next. So each event waits for at most two syncs, and a thousand of them cost one.
 */
export function createWriter(options: WriterOptions): Writer {
  const { disk, folder } = options;
  const queue: (Append | Seal)[] = [];
  let queuedBytes = 0;
  let committing: Append[] = [];
  let current: { segment: Segment; file: DiskFile; timer: NodeJS.Timeout } | undefined;
  /** Bytes of a failed write may follow the durable part: they must go before anything else is written or sealed. */
  let untidy = false;
  let lastSeq = options.nextSeq - 1;
  let running = false;
  let closed = false;

  /** Begins when the event loop has read what all sockets have now, so that it is one group: the first of them would be one alone. */
  function run(): void {
    if (running) return;
    running = true;
    setImmediate(work);
  }

  async function work(): Promise<void> {
    for (let head = queue[0]; head; head = queue[0]) {
      if (head.kind === 'append') {
        await commit(takeGroup());
        continue;
      }
      queue.shift();
      if ((await sealCurrent()) || closed) {
        head.resolve(lastSeq);
      } else {
        // A torn write hangs on the segment and the disk does not let us cut it off. Meanwhile appends get their refusal.
        await sleep(100);
        queue.push(head);
      }
    }
    // TRICKY: in the same tick as the last look at the queue. A microtask later, an append between the two would never be written.
    running = false;
  }

  function takeGroup(): Append[] {
    const group: Append[] = [];
    let rows = 0;
    let bytes = 0;
    for (let head = queue[0]; head?.kind === 'append'; head = queue[0]) {
      if (group.length > 0 && (rows + head.rows > options.seal.rows || bytes + head.bytes.length > options.seal.bytes))
        break;
      rows += head.rows;
      bytes += head.bytes.length;
      group.push(head);
      queue.shift();
    }
    queuedBytes -= bytes;
    return group;
  }

  async function commit(group: Append[]): Promise<void> {
    committing = group;
    const bytes = Buffer.concat(group.map((append) => append.bytes));
    const started = performance.now();
    try {
      await options.ensureRoom(bytes.length);
      await tidy();
      const { file, segment } = current ?? (await openSegment());
      untidy = true;
      await file.append(bytes);
      await file.sync();
      untidy = false;
      segment.bytes += bytes.length;
      for (const append of group) {
        segment.rows += append.rows;
        segment.intents += append.intents;
        segment.firstReceivedAt = Math.min(segment.firstReceivedAt, append.firstReceivedAt);
      }
    } catch (error) {
      committing = [];
      await tidy().catch(() => undefined);
      options.onFailed(error);
      const refusal = toRefusal(error);
      for (const append of group) append.reject(refusal);
      return;
    }
    committing = [];
    const rows = group.reduce((sum, append) => sum + append.rows, 0);
    options.onCommitted({ rows, bytes: bytes.length, seconds: (performance.now() - started) / 1000 });
    for (const append of group) append.resolve();
    const { segment } = current ?? {};
    if (segment && (segment.rows >= options.seal.rows || segment.bytes >= options.seal.bytes)) await sealCurrent();
  }

  async function openSegment() {
    const seq = lastSeq + 1;
    const path = join(folder, segmentFileName(options.spoolId, seq));
    // A failed attempt may have left an empty file of this name.
    await disk.remove(path);
    const file = await disk.create(path);
    try {
      await disk.syncFolder(folder);
    } catch (error) {
      await file.close().catch(() => undefined);
      throw error;
    }
    const id = segmentId(options.spoolId, seq);
    lastSeq = seq;
    const opened = {
      segment: { id, seq, path, rows: 0, intents: 0, bytes: 0, firstReceivedAt: Number.POSITIVE_INFINITY },
      file,
      timer: setTimeout(sealForAge, options.seal.ms).unref(),
    };
    current = opened;
    return opened;

    function sealForAge(): void {
      if (options.isBehind()) {
        opened.timer = setTimeout(sealForAge, options.seal.ms).unref();
        return;
      }
      queue.push({ kind: 'seal', resolve: () => undefined });
      run();
    }
  }

  /** Cuts off what a failed write left behind. */
  async function tidy(): Promise<void> {
    if (!untidy || !current) return;
    await current.file.truncate(current.segment.bytes);
    await current.file.sync();
    untidy = false;
  }

  async function sealCurrent(): Promise<boolean> {
    if (!current) return true;
    try {
      await tidy();
    } catch (error) {
      options.onFailed(error);
      return false;
    }
    const { segment, file, timer } = current;
    clearTimeout(timer);
    current = undefined;
    // TRICKY: hand it on before anything is awaited: at no moment may a segment be neither open nor waiting to be shipped.
    options.onSealed(segment);
    await file.close().catch(options.onFailed);
    return true;
  }

  return {
    append(rows) {
      if (closed) return Promise.reject(new AppError('spool_full', { message: stopping, retryAfterSeconds: 5 }));
      if (rows.length === 0) return Promise.resolve();
      const bytes = Buffer.from(rows.map(toRecord).join(''));
      if (queuedBytes + bytes.length > maxQueuedBytes) {
        return Promise.reject(new AppError('spool_full', { message: tooSlow, retryAfterSeconds: 30 }));
      }
      return new Promise((resolve, reject) => {
        queuedBytes += bytes.length;
        queue.push({
          kind: 'append',
          bytes,
          rows: rows.length,
          intents: rows.filter((row) => row.intent === 1).length,
          firstReceivedAt: firstArrival(rows),
          resolve,
          reject,
        });
        run();
      });
    },

    seal() {
      return new Promise((resolve) => {
        queue.push({ kind: 'seal', resolve });
        run();
      });
    },

    firstReceivedAt() {
      let first = current?.segment.firstReceivedAt ?? Number.POSITIVE_INFINITY;
      for (const append of committing) first = Math.min(first, append.firstReceivedAt);
      for (const entry of queue) if (entry.kind === 'append') first = Math.min(first, entry.firstReceivedAt);
      return first;
    },

    open: () => current?.segment,

    async close() {
      closed = true;
      await new Promise<number>((resolve) => {
        queue.push({ kind: 'seal', resolve });
        run();
      });
    },
  };
}

/** Such texts sort as time. */
function firstArrival(rows: readonly EventRow[]): number {
  let first = rows[0]?.received_at ?? '';
  for (const { received_at } of rows) if (received_at < first) first = received_at;
  return fromTimestamp(first);
}

const stopping = 'The collector is stopping. Send the events again in a few seconds.';
const tooSlow = 'The disk does not keep up, so new events are not accepted for the moment.';

function toRefusal(error: unknown): unknown {
  if (error instanceof AppError) return error;
  if (isDiskFull(error)) return new AppError('spool_full', { cause: error, retryAfterSeconds: 30 });
  return new AppError('spool_full', {
    message: 'The disk refused new events. The log of the collector says why.',
    cause: error,
    retryAfterSeconds: 30,
  });
}
