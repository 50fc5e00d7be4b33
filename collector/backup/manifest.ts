import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

/** What a backup says of itself. It is written last: a folder without it is half a backup. */
const manifest = z.object({
  format: z.literal(1),
  /** Release that made it. */
  version: z.string(),
  /** ISO 8601 UTC. */
  madeAt: z.string(),
  /** Rows of each table of the event database. */
  rows: z.object({ events: z.int(), intents: z.int() }),
  /** Rows on their way to it. */
  waitingRows: z.int(),
});
export type Manifest = z.infer<typeof manifest>;

export const manifestFile = 'manifest.json';
/** Erasures after the backup was made, one JSON value a line. */
export const erasuresFile = 'erasures.ndjson';
/** What the event database has, in its own format and compression. `sessions` follows from `events`. */
export const tables = ['events', 'intents'] as const;
export type BackedUpTable = (typeof tables)[number];

export function tableFile(table: BackedUpTable): string {
  return `${table}.native.lz4`;
}

/** Throws one sentence where the folder holds no backup that this release can read. */
export async function readManifest(folder: string): Promise<Manifest> {
  const text = await readFile(join(folder, manifestFile), 'utf8').catch((cause: unknown) => {
    throw new Error(`${folder} holds no complete backup: there is no ${manifestFile} in it.`, { cause });
  });
  const value = toJson(text);
  if ((value as { format?: unknown } | undefined)?.format !== 1) {
    throw new Error(`${folder} was made by another release of Telltale. Restore it with that release.`);
  }
  const parsed = manifest.safeParse(value);
  if (!parsed.success) throw new Error(`${join(folder, manifestFile)} is damaged.`);
  return parsed.data;
}

function toJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
