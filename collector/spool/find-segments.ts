import { join } from 'node:path';
import { type Checkpoint, readCheckpoint } from './checkpoint.ts';
import type { Disk } from './disk.ts';
import { parseSegmentFileName, segmentFormat } from './segment.ts';

/** A segment as the folder shows it. */
export interface FoundSegment {
  seq: number;
  name: string;
  bytes: number;
  modifiedAt: number;
}

/** Reads the folder without changing anything. Throws where this release must not touch it. */
export async function findSegments(
  disk: Disk,
  folder: string,
): Promise<{ checkpoint: Checkpoint | undefined; segments: FoundSegment[]; missing: number[] }> {
  const checkpoint = await readCheckpoint(disk, folder);
  const segments: FoundSegment[] = [];
  for (const { name, bytes, modifiedAt } of await disk.list(folder)) {
    const parsed = parseSegmentFileName(name);
    if (!parsed) continue;
    const path = join(folder, name);
    if (parsed.format !== segmentFormat) {
      throw new Error(
        `${path} has format ${parsed.format}, and this release of Telltale knows format ${segmentFormat}. ` +
          'Start the release that wrote it. Nothing was changed.',
      );
    }
    if (!checkpoint) {
      throw new Error(
        `${folder} holds segments but no spool.json, so it is not known which of them are in ClickHouse. ` +
          'Restore spool.json, or move the segments to another folder. Nothing was changed.',
      );
    }
    if (parsed.spoolId !== checkpoint.spoolId) {
      throw new Error(`${path} belongs to another spool. Move it to another folder. Nothing was changed.`);
    }
    segments.push({ seq: parsed.seq, name, bytes, modifiedAt });
  }
  segments.sort((a, b) => a.seq - b.seq);
  return { checkpoint, segments, missing: missingBetween(checkpoint?.shipped ?? 0, segments) };
}

/** Sequence numbers after the last shipped one of which there is no file: somebody, or a file system check, removed it. */
function missingBetween(shipped: number, segments: readonly FoundSegment[]): number[] {
  const there = new Set(segments.map(({ seq }) => seq));
  const missing: number[] = [];
  for (let seq = shipped + 1; seq < (segments.at(-1)?.seq ?? 0); seq++) if (!there.has(seq)) missing.push(seq);
  return missing;
}
