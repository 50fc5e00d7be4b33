import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { defineCommand } from 'citty';
import { parseConfig } from '../config.ts';
import { readCheckpoint } from '../spool/checkpoint.ts';
import { nodeDisk } from '../spool/disk.ts';
import { inspect } from '../spool/repair.ts';
import { parseSegmentFileName } from '../spool/segment.ts';
import { dataArgument, jsonArgument } from './arguments.ts';
import type { CliContext } from './context.ts';

/** What lies in the spool's folder. Reading it disturbs nobody, so both commands work next to a running server. */
interface SpoolReport {
  /** On disk, not in ClickHouse yet. */
  pendingSegments: number;
  pendingRows: number;
  pendingBytes: number;
  /** In ClickHouse, kept for a while. */
  keptSegments: number;
  keptBytes: number;
  /** Rows that ClickHouse refused or whose bytes were damaged, each in a file with the reason. */
  quarantinedRows: number;
}

interface Verification extends SpoolReport {
  checkedRows: number;
  /** Rows that do not match their checksum. */
  damagedRows: number;
  /** A write that is under way, or that a crash cut short: never acknowledged. */
  unfinishedBytes: number;
}

export function spoolCommand({ env, io }: CliContext) {
  const folderOf = (data: string | undefined) => join(parseConfig(env, { data }).dataFolder, 'spool');
  const print = (report: SpoolReport | Verification, json: boolean | undefined) =>
    io.stdout.write(json ? `${JSON.stringify(report)}\n` : inWords(report));

  const status = defineCommand({
    meta: { name: 'telltale spool status', description: 'What waits on disk for ClickHouse.' },
    args: { ...dataArgument, ...jsonArgument },
    async run({ args: { data, json } }) {
      const {
        checkedRows: _,
        damagedRows: __,
        unfinishedBytes: ___,
        ...report
      } = await readSpool(folderOf(data), 'pending');
      print(report, json);
    },
  });

  const verify = defineCommand({
    meta: { name: 'telltale spool verify', description: 'Check every row on disk against its checksum.' },
    args: { ...dataArgument, ...jsonArgument },
    async run({ args: { data, json } }) {
      const report = await readSpool(folderOf(data), 'all');
      print(report, json);
      if (report.damagedRows > 0) throw new Error(`${report.damagedRows} rows are damaged. Check this disk.`);
    },
  });

  return defineCommand({
    meta: { name: 'telltale spool', description: 'Look at the events on their way to ClickHouse.' },
    subCommands: { status, verify },
  });
}

/** `rows` says whose rows are read and checked: kept segments can be many gigabytes. */
export async function readSpool(folder: string, rows: 'pending' | 'all'): Promise<Verification> {
  const report: Verification = {
    pendingSegments: 0,
    pendingRows: 0,
    pendingBytes: 0,
    keptSegments: 0,
    keptBytes: 0,
    quarantinedRows: (await namesIn(join(folder, 'quarantine'))).filter((name) => name.endsWith('.json')).length,
    checkedRows: 0,
    damagedRows: 0,
    unfinishedBytes: 0,
  };
  const shipped = (await readCheckpoint(nodeDisk, folder))?.shipped ?? 0;
  for (const name of await namesIn(folder)) {
    const segment = parseSegmentFileName(name);
    if (!segment) continue;
    const path = join(folder, name);
    // A running server deletes segments when their time is over.
    const found = await stat(path).catch(() => null);
    if (!found) continue;
    const pending = segment.seq > shipped;
    report[pending ? 'pendingSegments' : 'keptSegments'] += 1;
    report[pending ? 'pendingBytes' : 'keptBytes'] += found.size;
    if (!pending && rows === 'pending') continue;
    const bytes = await nodeDisk.read(path).catch(() => null);
    if (!bytes) continue;
    const { rows: sound, damaged, tornBytes } = inspect(bytes);
    if (pending) report.pendingRows += sound;
    report.checkedRows += sound;
    report.damagedRows += damaged.length;
    report.unfinishedBytes += tornBytes;
  }
  return report;
}

async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}

function inWords(report: SpoolReport | Verification): string {
  const lines = [
    `Waiting for ClickHouse: ${report.pendingRows} rows, ${report.pendingBytes} bytes in ${report.pendingSegments} segments`,
    `Kept after shipping: ${report.keptBytes} bytes in ${report.keptSegments} segments`,
    `Set aside: ${report.quarantinedRows} rows`,
  ];
  if ('checkedRows' in report) {
    lines.push(
      `Checked: ${report.checkedRows} rows, of which ${report.damagedRows} damaged; ${report.unfinishedBytes} bytes unfinished`,
    );
  }
  return lines.map((line) => `${line}\n`).join('');
}
