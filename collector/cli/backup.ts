import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { defineCommand } from 'citty';
import { backUp } from '../backup/back-up.ts';
import { eraseRows } from '../backup/erase.ts';
import type { Manifest } from '../backup/manifest.ts';
import { laterErasures, restoreFiles, restoreTables } from '../backup/restore.ts';
import { parseConfig } from '../config.ts';
import { openDataFolder, readRunFile, stateFileName } from '../data-folder.ts';
import { createLog } from '../log.ts';
import { openDatabase } from '../open-database.ts';
import { openState } from '../state/database.ts';
import { addErasures, type Erasure, listErasures, markErased } from '../state/erasures.ts';
import { packageVersion } from '../version.ts';
import { dataArgument, jsonArgument } from './arguments.ts';
import type { CliContext } from './context.ts';
import { withManagement } from './management.ts';

export function backupCommand({ env, io, openCollector }: CliContext) {
  return defineCommand({
    meta: { name: 'telltale backup', description: 'Write everything to a new folder, also while the server runs.' },
    args: {
      folder: { type: 'positional', description: 'Folder to write to, empty or missing', required: true },
      ...dataArgument,
      ...jsonArgument,
    },
    async run({ args: { folder, data, json } }) {
      const config = parseConfig(env, { data });
      const target = resolve(folder);
      const manifest = readRunFile(config.dataFolder)
        ? await withManagement({ env }, { data }, ({ call }) => call<Manifest>('POST', '/backup', { folder: target }))
        : await backUpFolder();
      io.stdout.write(json ? `${JSON.stringify(manifest)}\n` : `${inWords(manifest)} are in ${target}\n`);

      async function backUpFolder(): Promise<Manifest> {
        const collector = await openCollector({ ...config, logLevel: quiet(config.logLevel) });
        try {
          const { state, spool, clickhouse, folder: opened, now } = collector;
          return await backUp(
            { state, spool, clickhouse, dataFolder: opened.path, version: packageVersion(), now },
            target,
          );
        } finally {
          await collector.close({ drainMs: 0 });
        }
      }
    },
  });
}

export function restoreCommand({ env, io }: CliContext) {
  return defineCommand({
    meta: { name: 'telltale restore', description: 'Bring a backup back into an empty data folder.' },
    args: {
      folder: { type: 'positional', description: 'Folder of the backup', required: true },
      erasures: {
        type: 'string',
        valueHint: 'state.db',
        description: 'State store of the lost installation: whom it erased stays erased',
      },
      ...dataArgument,
      ...jsonArgument,
    },
    async run({ args: { folder, erasures: lostStore, data, json } }) {
      const config = parseConfig(env, { data });
      const from = resolve(folder);
      const erased = [...(await laterErasures(from)), ...(await erasuresOf(lostStore))];
      mkdirSync(config.dataFolder, { recursive: true, mode: 0o700 });
      const opened = openDataFolder(config.dataFolder);
      try {
        const log = createLog(quiet(config.logLevel));
        const manifest = await restoreFiles(from, opened.path, erased);
        const database = await openDatabase(config, opened, log);
        const state = openState(opened.file(stateFileName));
        try {
          await database.ready;
          await restoreTables(database.clickhouse, from, manifest);
          const all = [...(await listErasures(state, 'all')), ...erased];
          await eraseRows(database.clickhouse, all);
          await addErasures(state, all);
          await markErased(state, all);
        } finally {
          await state.close();
          await database.close();
        }
        io.stdout.write(json ? `${JSON.stringify(manifest)}\n` : `${inWords(manifest)} are in ${opened.path}\n`);
      } finally {
        opened.release();
      }
    },
  });
}

async function erasuresOf(store: string | undefined): Promise<Erasure[]> {
  if (store === undefined) return [];
  const state = openState(resolve(store));
  try {
    return await listErasures(state, 'all');
  } finally {
    await state.close();
  }
}

function quiet<Level extends string>(level: Level): Level | 'warn' {
  return level === 'info' ? 'warn' : level;
}

function inWords({ rows, waitingRows, madeAt }: Manifest): string {
  return `${rows.events + waitingRows} events as of ${madeAt}, and all settings,`;
}
