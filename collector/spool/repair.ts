import { join } from 'node:path';
import { type Disk, replaceFile } from './disk.ts';
import { isIntent, isSound, lines, receivedAt } from './record.ts';

export interface Inspection {
  rows: number;
  intents: number;
  firstReceivedAt: number;
  /** The sound records, in order. */
  kept: Buffer[];
  /** Records in the middle that do not match their checksum. */
  damaged: Buffer[];
  /** Bytes after the last sound record: a write that a crash cut short, never acknowledged. */
  tornBytes: number;
}

/** What a segment's bytes hold. */
export function inspect(bytes: Buffer): Inspection {
  const result: Inspection = {
    rows: 0,
    intents: 0,
    firstReceivedAt: Number.POSITIVE_INFINITY,
    kept: [],
    damaged: [],
    tornBytes: 0,
  };
  let unsound: Buffer[] = [];
  for (const { line, ended } of lines(bytes)) {
    if (!ended || !isSound(line)) {
      unsound.push(line);
      continue;
    }
    result.damaged.push(...unsound);
    unsound = [];
    result.kept.push(line);
    result.rows += 1;
    if (isIntent(line)) result.intents += 1;
    const arrived = receivedAt(line);
    if (arrived < result.firstReceivedAt) result.firstReceivedAt = arrived;
  }
  const keptBytes = [...result.kept, ...result.damaged].reduce((sum, line) => sum + line.length + 1, 0);
  result.tornBytes = bytes.length - keptBytes;
  return result;
}

/**
 * Brings a segment that a crash or a bad disk left behind into the state that can be shipped: only sound records. Records lost
 * from the middle are safe to leave out even if the segment had already been inserted, because the repeated insert has the
 * same token and fewer rows, and ClickHouse stores nothing of it.
 */
export async function repair(
  disk: Disk,
  folder: string,
  fileName: string,
  /** Keeps the damaged records elsewhere, before they leave this file. */
  save: (damaged: readonly Buffer[]) => Promise<void>,
): Promise<Inspection> {
  const found = inspect(await disk.read(join(folder, fileName)));
  await save(found.damaged);
  if (found.damaged.length > 0 || found.tornBytes > 0) {
    await replaceFile(disk, folder, fileName, joinLines(found.kept));
  }
  return found;
}

/** The lines as the bytes of a file. */
export function joinLines(records: readonly Buffer[]): Buffer {
  const feed = Buffer.from('\n');
  return Buffer.concat(records.flatMap((line) => [line, feed]));
}
