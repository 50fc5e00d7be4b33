import { readFileSync, writeFileSync } from 'node:fs';

/** What the demo remembers between two runs, in its data folder. */
export interface DemoFile {
  site?: string;
  endpoint?: string;
  /** Of demo@telltale.local, so that it can be shown at every start. The folder is as private as the account. */
  password?: string;
  /** The day the history was made for. */
  today?: string;
  /** Origin of the pages in the history. */
  origin?: string;
  filled?: boolean;
  rulesOn?: boolean;
}

export function readDemoFile(path: string): DemoFile {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as DemoFile;
  } catch {
    return {};
  }
}

export function writeDemoFile(path: string, file: DemoFile): void {
  writeFileSync(path, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
}
