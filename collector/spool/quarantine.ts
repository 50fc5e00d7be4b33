import { join } from 'node:path';
import type { EventRow } from '../contract/row.ts';
import { type Disk, replaceFile } from './disk.ts';

/** Where rows wait that ClickHouse refuses or whose bytes are damaged, each in a file with the reason. */
export interface Quarantine {
  /** Durable when it returns; the same place twice is one file. */
  put(entry: { segmentId: string; place: string; reason: string; line: Buffer }): Promise<void>;
  count(): number;
  /** Deletes these rows; of damaged ones those that can still be read. */
  erase(isErased: (row: EventRow) => boolean): Promise<void>;
}

export async function openQuarantine(disk: Disk, spoolFolder: string): Promise<Quarantine> {
  const folder = join(spoolFolder, 'quarantine');
  await disk.makeFolder(folder);
  const names = new Set((await disk.list(folder)).map((file) => file.name).filter((name) => name.endsWith('.json')));
  return {
    async put({ segmentId, place, reason, line }) {
      const name = `${segmentId}.${place}.json`;
      const content = { segment: segmentId, place, reason, line: line.toString() };
      await replaceFile(disk, folder, name, Buffer.from(`${JSON.stringify(content)}\n`));
      names.add(name);
    },
    count: () => names.size,
    async erase(isErased) {
      for (const name of [...names]) {
        const row = readRow(await disk.read(join(folder, name)));
        if (!row || !isErased(row)) continue;
        await disk.remove(join(folder, name));
        names.delete(name);
      }
      await disk.syncFolder(folder);
    },
  };
}

/** The row of a file here, or undefined where its line is no JSON any more. */
function readRow(file: Buffer): EventRow | undefined {
  try {
    return JSON.parse(JSON.parse(file.toString()).line);
  } catch {
    return undefined;
  }
}
