import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ImportRecord } from '../../collector/import/format.ts';
import { type FormatName, formats } from '../../collector/import/formats.ts';

/** The bytes of a fixture of this folder. */
export function fixture(name: string): Buffer {
  return readFileSync(fileURLToPath(new URL(`fixtures/${name}`, import.meta.url)));
}

/** All records of a text, read in pieces of a few bytes where asked, so that lines are cut anywhere. */
export async function recordsOf(
  format: FormatName,
  text: Buffer | string,
  options: { map?: ReadonlyMap<string, string>; pieceBytes?: number } = {},
): Promise<ImportRecord[]> {
  const bytes = Buffer.from(text);
  const size = options.pieceBytes ?? bytes.length;
  const pieces = (async function* () {
    for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
  })();
  const records: ImportRecord[] = [];
  for await (const some of formats[format](pieces, { origin: 'https://www.example.com', map: options.map })) {
    records.push(...some);
  }
  return records;
}

/** The events among them. */
export async function eventsOf(...args: Parameters<typeof recordsOf>) {
  return (await recordsOf(...args)).flatMap((record) => ('event' in record ? [record.event] : []));
}
