import { basename, dirname } from 'node:path';
import type { EventRow } from '../contract/row.ts';
import { type Disk, replaceFile } from './disk.ts';
import { isSound, lines, toRow } from './record.ts';
import { joinLines } from './repair.ts';

/**
 * Rewrites a segment without these rows; answers its bytes. Only where nobody compares its bytes any more: ClickHouse has had it, or
 * has never heard of its token.
 */
export async function eraseRowsOfSegment(
  disk: Disk,
  path: string,
  isErased: (row: EventRow) => boolean,
): Promise<number> {
  const bytes = await disk.read(path);
  const all = [...lines(bytes)].map(({ line }) => line);
  const left = all.filter((line) => !isSound(line) || !isErased(toRow(line)));
  if (left.length === all.length) return bytes.length;
  const rest = joinLines(left);
  await replaceFile(disk, dirname(path), basename(path), rest);
  return rest.length;
}
