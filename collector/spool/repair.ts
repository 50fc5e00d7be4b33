import { join } from 'node:path';
import { fromTimestamp } from '../contract/row.ts';
import { type Disk, replaceFile } from './disk.ts';
import { isIntent, isSound, lines, receivedAt } from './record.ts';

export interface Inspection {
  rows: number;
  intents: number;
  firstReceivedAt: number;
  /** Bytes of the sound records, line feeds included. */
  soundBytes: number;
  /** Records in the middle that do not match their checksum. */
  damaged: Buffer[];
  /** Bytes after the last sound record: a write that a crash cut short, never acknowledged. */
  tornBytes: number;
}

/** What a segment's bytes hold. A start looks at every row that waits, so nothing is kept of a sound one. */
export function inspect(bytes: Buffer): Inspection {
  const damaged: Buffer[] = [];
  let unsound: Buffer[] = [];
  let [rows, intents, soundBytes, damagedBytes] = [0, 0, 0, 0];
  let first = '';
  for (const { line, ended } of lines(bytes)) {
    if (!ended || !isSound(line)) {
      unsound.push(line);
      continue;
    }
    for (const before of unsound) damagedBytes += before.length + 1;
    damaged.push(...unsound);
    unsound = [];
    rows += 1;
    soundBytes += line.length + 1;
    if (isIntent(line)) intents += 1;
    const arrived = receivedAt(line);
    if (arrived !== '' && (first === '' || arrived < first)) first = arrived;
  }
  return {
    rows,
    intents,
    firstReceivedAt: first === '' ? Number.POSITIVE_INFINITY : fromTimestamp(first),
    soundBytes,
    damaged,
    tornBytes: bytes.length - soundBytes - damagedBytes,
  };
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
  const bytes = await disk.read(join(folder, fileName));
  const found = inspect(bytes);
  await save(found.damaged);
  if (found.damaged.length > 0 || found.tornBytes > 0) {
    const sound = [...lines(bytes)].filter(({ line, ended }) => ended && isSound(line));
    await replaceFile(disk, folder, fileName, joinLines(sound.map(({ line }) => line)));
  }
  return found;
}

/** The lines as the bytes of a file. */
export function joinLines(records: readonly Buffer[]): Buffer {
  const feed = Buffer.from('\n');
  return Buffer.concat(records.flatMap((line) => [line, feed]));
}
