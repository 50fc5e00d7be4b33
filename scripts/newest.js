// @ts-check
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Time of the newest file below the given paths, milliseconds; 0 where there is none.
 * @param {string[]} paths
 * @returns {number}
 */
export function newest(paths) {
  let time = 0;
  for (const path of paths) {
    const entry = statSync(path, { throwIfNoEntry: false });
    if (!entry) continue;
    if (entry.isDirectory()) time = Math.max(time, newest(readdirSync(path).map((name) => join(path, name))));
    else time = Math.max(time, entry.mtimeMs);
  }
  return time;
}
