// @ts-check
// Bytes of the tracker as visitors download it: `node scripts/build-tracker.js && node bench/tracker-size.js`.
// Prints a table, and one line of JSON for comparisons.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** What a page loads: the script of the tag, and of its modules those for which it has something. */
const files = ['script', 'intents', 'forms', 'clicks', 'overhear'];

/**
 * @param {string} [name] of a built file
 * @returns {{ min: number, gzip: number, brotli: number }} its bytes: as it is, gzip -9, brotli -11
 */
export function trackerSize(name = 'script') {
  const code = readFileSync(new URL(`../dist/tracker/${name}.js`, import.meta.url));
  return {
    min: code.length,
    gzip: gzipSync(code, { level: 9 }).length,
    brotli: brotliCompressSync(code, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sizes = Object.fromEntries(files.map((name) => [name, trackerSize(name)]));
  console.log('| bytes | min | gzip | brotli |\n|---|---:|---:|---:|');
  for (const [name, { min, gzip, brotli }] of Object.entries(sizes)) {
    console.log(
      `| tracker/${name}.js | ${[min, gzip, brotli].map((bytes) => bytes.toLocaleString('en')).join(' | ')} |`,
    );
  }
  console.log(JSON.stringify({ bench: 'tracker-size', ...sizes }));
}
