import { join } from 'node:path';
import { type Disk, replaceFile } from './disk.ts';

/** What `spool.json` says: whose spool this is and how far it has been shipped. */
export interface Checkpoint {
  /** Random, made once; the first part of every deduplication token. */
  spoolId: string;
  /** Sequence number of the last segment that ClickHouse has; 0 before the first. */
  shipped: number;
  /**
   * Inserts of the segment after it that ClickHouse refused, by token base, so that it is being shipped in parts. Kept, because
   * after a restart the whole might be accepted, and its rows would then be stored under two tokens.
   */
  refused: string[];
}

/** Name of the file inside the spool's folder. */
export const checkpointFile = 'spool.json';
const format = 1;

/** Undefined in a new folder. Throws where the file cannot be understood: guessing would ship events twice. */
export async function readCheckpoint(disk: Disk, folder: string): Promise<Checkpoint | undefined> {
  const path = join(folder, checkpointFile);
  let text: string;
  try {
    text = (await disk.read(path)).toString();
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return undefined;
    throw error;
  }
  const found = parse(text);
  if (!found)
    throw new Error(`${path} is damaged. Restore it from a backup; without it events would be counted twice.`);
  if (found.format !== format) {
    throw new Error(
      `${path} has format ${String(found.format)}, and this release of Telltale knows format ${format}. ` +
        'Start the release that wrote it. Nothing was changed.',
    );
  }
  const { spool, shipped, refused } = found;
  if (typeof spool !== 'string' || !Number.isSafeInteger(shipped) || !Array.isArray(refused)) {
    throw new Error(`${path} is damaged. Restore it from a backup; without it events would be counted twice.`);
  }
  return { spoolId: spool, shipped: Number(shipped), refused: refused.map(String) };
}

/** Durable when it returns. */
export async function writeCheckpoint(disk: Disk, folder: string, checkpoint: Checkpoint): Promise<void> {
  const content = { format, spool: checkpoint.spoolId, shipped: checkpoint.shipped, refused: checkpoint.refused };
  await replaceFile(disk, folder, checkpointFile, Buffer.from(`${JSON.stringify(content)}\n`));
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
