import { createRequire } from 'node:module';

/** Of this package, as `package.json` says. The package finds itself by its own name, from the sources and from `dist/` alike. */
export function packageVersion(): string {
  const { version } = createRequire(import.meta.url)('telltale/package.json') as { version: string };
  return version;
}
