import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { cp, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClickHouse } from '../clickhouse/client.ts';
import { readCheckpoint, writeCheckpoint } from '../spool/checkpoint.ts';
import { nodeDisk } from '../spool/disk.ts';
import { eraseRowsOfSegment } from '../spool/erase-rows.ts';
import { openQuarantine } from '../spool/quarantine.ts';
import { parseSegmentFileName, segmentFileName } from '../spool/segment.ts';
import type { Erasure } from '../state/erasures.ts';
import { countRows } from './back-up.ts';
import { isErased } from './erase.ts';
import { erasuresFile, type Manifest, readManifest, tableFile, tables } from './manifest.ts';

/** Files of a data folder that a backup brings back, in the order in which they are copied. */
const restored = ['secret.key', 'seen', 'spool', 'state.db'];

/**
 * Brings the files of a backup into a data folder, which holds none of them, without the rows of who was erased. Throws one sentence
 * before anything is changed.
 */
export async function restoreFiles(from: string, dataFolder: string, erasures: readonly Erasure[]): Promise<Manifest> {
  const manifest = await readManifest(from);
  const there = (await readdir(dataFolder)).filter((name) => restored.includes(name));
  if (there.length > 0) {
    throw new Error(`${dataFolder} is in use: it has ${there.join(', ')}. Restore into an empty folder.`);
  }
  for (const name of restored) {
    if (!(await readdir(from)).includes(name)) continue;
    await cp(join(from, name), join(dataFolder, name), { recursive: true, preserveTimestamps: true });
  }
  await renameSpool(join(dataFolder, 'spool'), isErased(erasures));
  return manifest;
}

/**
 * Gives the copied segments tokens of their own: the event database may know those of the original, and would then take their events
 * for repeats of what it no longer has.
 */
async function renameSpool(folder: string, erased: ReturnType<typeof isErased>): Promise<void> {
  const checkpoint = await readCheckpoint(nodeDisk, folder);
  if (!checkpoint) return;
  const spoolId = randomUUID();
  for (const { name } of await nodeDisk.list(folder)) {
    const segment = parseSegmentFileName(name);
    if (!segment) continue;
    await eraseRowsOfSegment(nodeDisk, join(folder, name), erased);
    await rename(join(folder, name), join(folder, segmentFileName(spoolId, segment.seq)));
  }
  await (await openQuarantine(nodeDisk, folder)).erase(erased);
  await writeCheckpoint(nodeDisk, folder, { ...checkpoint, spoolId });
}

/** Fills the tables, which must be empty. Throws where not every row arrived. */
export async function restoreTables(
  clickhouse: Pick<ClickHouse, 'query' | 'fillTable'>,
  from: string,
  { rows }: Manifest,
): Promise<void> {
  for (const table of tables) {
    const count = await countRows(clickhouse, table);
    if (count > 0)
      throw new Error(`The event database has ${count} rows in ${table} already. Restore into an empty one.`);
  }
  for (const table of tables) {
    await clickhouse.fillTable(table, createReadStream(join(from, tableFile(table))));
    const count = await countRows(clickhouse, table);
    // Intents older than 60 days expire, also while they are written.
    const complete = table === 'intents' ? count <= rows[table] : count === rows[table];
    if (!complete) throw new Error(`${count} of ${rows[table]} rows of ${table} arrived. The backup is damaged.`);
  }
}

/** Erasures that were noted in the backup after it was made. */
export async function laterErasures(from: string): Promise<Erasure[]> {
  const text = await readFile(join(from, erasuresFile), 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Erasure);
}
