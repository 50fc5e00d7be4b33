// @ts-check
// Bytes of the tracker as visitors download it: `node scripts/build-tracker.js && node bench/tracker-size.js`.
// Prints a table, and one line of JSON for comparisons.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const script = new URL('../dist/tracker/script.js', import.meta.url);

/** @returns {{ min: number, gzip: number, brotli: number }} bytes of the built script: as it is, gzip -9, brotli -11 */
export function trackerSize() {
  const code = readFileSync(script);
  return {
    min: code.length,
    gzip: gzipSync(code, { level: 9 }).length,
    brotli: brotliCompressSync(code, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const size = trackerSize();
  console.log('| tracker/script.js | bytes |\n|---|---:|');
  for (const [name, bytes] of Object.entries(size)) console.log(`| ${name} | ${bytes.toLocaleString('en')} |`);
  console.log(JSON.stringify({ bench: 'tracker-size', ...size }));
}
