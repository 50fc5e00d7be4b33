import { readFileSync } from 'node:fs';

/** Of the package, whether this runs from the sources or from `dist/`. */
export const version = (
  JSON.parse(
    readFileSync(
      new URL(import.meta.url.includes('/dist/') ? '../../package.json' : '../package.json', import.meta.url),
      'utf8',
    ),
  ) as { version: string }
).version;
