import { join } from 'node:path';
import type { Logger } from '../log.ts';
import type { Disk } from './disk.ts';
import type { FoundSegment } from './find-segments.ts';
import type { Quarantine } from './quarantine.ts';
import { repair } from './repair.ts';
import { type Segment, segmentId } from './segment.ts';

/** Brings the segments that ClickHouse does not have yet into the state that can be shipped, in order. */
export async function recoverWaiting({
  disk,
  folder,
  spoolId,
  segments,
  quarantine,
  log,
}: {
  disk: Disk;
  folder: string;
  spoolId: string;
  segments: readonly FoundSegment[];
  quarantine: Quarantine;
  log: Logger | undefined;
}): Promise<{ waiting: Segment[]; tornTails: number; damagedRows: number }> {
  const waiting: Segment[] = [];
  let tornTails = 0;
  let damagedRows = 0;
  for (const { seq, name } of segments) {
    const id = segmentId(spoolId, seq);
    const { rows, intents, firstReceivedAt, soundBytes, damaged, tornBytes } = await repair(
      disk,
      folder,
      name,
      (lost) => setAside(quarantine, id, lost),
    );
    if (tornBytes > 0) tornTails += 1;
    damagedRows += damaged.length;
    if (tornBytes > 0 || damaged.length > 0) {
      log?.warn({ segment: id, tornBytes, damagedRows: damaged.length, rows }, 'repaired a segment of the spool');
    }
    waiting.push({ id, seq, path: join(folder, name), rows, intents, firstReceivedAt, bytes: soundBytes });
  }
  return { waiting, tornTails, damagedRows };
}

async function setAside(quarantine: Quarantine, segmentId: string, lines: readonly Buffer[]): Promise<void> {
  for (const [index, line] of lines.entries()) {
    await quarantine.put({ segmentId, place: `damaged-${index}`, reason: 'Its checksum does not match.', line });
  }
}
