import { createWriteStream } from 'node:fs';
import { copyFile, cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { sql as stateSql } from 'kysely';
import type { ClickHouse } from '../clickhouse/client.ts';
import { Sql, sql } from '../clickhouse/sql.ts';
import { checkpointFile, readCheckpoint } from '../spool/checkpoint.ts';
import { nodeDisk } from '../spool/disk.ts';
import { inspect } from '../spool/repair.ts';
import { parseSegmentFileName } from '../spool/segment.ts';
import type { Spool } from '../spool/spool.ts';
import type { State } from '../state/database.ts';
import { addBackup } from '../state/erasures.ts';
import { type BackedUpTable, type Manifest, manifestFile, tableFile, tables } from './manifest.ts';

export interface BackUpDependencies {
  state: State;
  spool: Pick<Spool, 'holdShipping'>;
  clickhouse: Pick<ClickHouse, 'query' | 'dumpTable'>;
  /** The data folder. */
  dataFolder: string;
  version: string;
  now: () => number;
}

/**
 * Writes everything of an installation to `folder`, which must be empty or missing. Events are taken meanwhile and wait on the disk,
 * so that each is either in the copy of the event database or in that of the spool, never in both.
 */
export async function backUp(dependencies: BackUpDependencies, folder: string): Promise<Manifest> {
  const { state, spool, clickhouse, dataFolder, version, now } = dependencies;
  const target = resolve(folder);
  await mkdir(target, { recursive: true, mode: 0o700 });
  if ((await readdir(target)).length > 0) throw new Error(`${target} is not empty. Name a new folder for the backup.`);

  const madeAt = new Date(now()).toISOString();
  // Known before it is complete: an erasure meanwhile is noted in it.
  await addBackup(state, target, madeAt);
  const manifest = await spool.holdShipping(async (): Promise<Manifest> => {
    const waitingRows = await copyWaiting(dataFolder, target);
    // A consistent copy of a store that is in use: https://sqlite.org/lang_vacuum.html#vacuuminto
    await stateSql`VACUUM INTO ${join(target, 'state.db')}`.execute(state.db);
    // After the store: the key is made with the first secret, and may be younger than the copy of the spool.
    await copyWhereThere(join(dataFolder, 'secret.key'), join(target, 'secret.key'));
    const rows = { events: 0, intents: 0 };
    for (const table of tables) {
      rows[table] = await countRows(clickhouse, table);
      await pipeline(
        await clickhouse.dumpTable(table),
        createWriteStream(join(target, tableFile(table)), { mode: 0o600 }),
      );
    }
    return { format: 1, version, madeAt, rows, waitingRows };
  });
  await writeFile(join(target, manifestFile), `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 });
  return manifest;
}

/**
 * The checkpoint, the segments after it, what was set aside, and ids of events. Answers the rows on their way. What is being written to a
 * segment meanwhile is a torn tail in the copy, and was not acknowledged when it was taken.
 */
async function copyWaiting(dataFolder: string, target: string): Promise<number> {
  const [from, to] = [join(dataFolder, 'spool'), join(target, 'spool')];
  const shipped = (await readCheckpoint(nodeDisk, from))?.shipped ?? 0;
  await cp(join(from, 'quarantine'), join(to, 'quarantine'), { recursive: true });
  await copyFile(join(from, checkpointFile), join(to, checkpointFile));
  let rows = 0;
  for (const { name } of await nodeDisk.list(from)) {
    if ((parseSegmentFileName(name)?.seq ?? 0) <= shipped) continue;
    await copyFile(join(from, name), join(to, name));
    rows += inspect(await nodeDisk.read(join(to, name))).rows;
  }
  await cp(join(dataFolder, 'seen'), join(target, 'seen'), { recursive: true });
  return rows;
}

async function copyWhereThere(from: string, to: string): Promise<void> {
  await copyFile(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

export async function countRows(clickhouse: Pick<ClickHouse, 'query'>, table: BackedUpTable): Promise<number> {
  const { rows } = await clickhouse.query<{ count: string }>(sql`SELECT count() AS count FROM ${new Sql([table])}`, {
    name: 'backup',
  });
  return Number(rows[0]?.count ?? 0);
}
