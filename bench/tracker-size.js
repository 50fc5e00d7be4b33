// @ts-check
// Bytes of the tracker as visitors download it, beside those of others: `node scripts/build-tracker.js && node bench/tracker-size.js`.
// Prints two tables, and one line of JSON for comparisons.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { modules } from '../scripts/build-tracker.js';

/**
 * What a page loads: the script of the tag (`full` where a site or a tag has settings that few have), and of its modules those for which
 * it has something.
 */
const files = ['script', 'full', ...modules.map(([name]) => name).reverse()];

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

/** @param {{ min: number, gzip: number, brotli: number }} size */
const cells = ({ min, gzip, brotli }) => [min, gzip, brotli].map((bytes) => bytes.toLocaleString('en')).join(' | ');

/** @param {{ min: number, gzip: number, brotli: number }} own */
function printPeers(own) {
  /** @type {{ source: string, features: string[], peers: { name: string, version: string, min: number, gzip: number, brotli: number, has: string }[] }} */
  const { source, features, peers } = JSON.parse(readFileSync(new URL('tracker-peers.json', import.meta.url), 'utf8'));
  const telltale = {
    name: '**Telltale**, core',
    version: '',
    ...own,
    has: features.map((feature) => (feature === 'forms' ? 'module' : 'yes')).join(' '),
  };
  console.log(
    `\n| script | min | gzip | brotli | ${features.join(' | ')} |\n|---|---:|---:|---:|${'---|'.repeat(features.length)}`,
  );
  for (const { name, version, has, ...size } of [telltale, ...peers].sort((a, b) => a.gzip - b.gzip))
    console.log(`| ${`${name} ${version}`.trim()} | ${cells(size)} | ${has.split(' ').join(' | ')} |`);
  console.log(`\n${source}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const sizes = Object.fromEntries(files.map((name) => [name, trackerSize(name)]));
  console.log('| bytes | min | gzip | brotli |\n|---|---:|---:|---:|');
  for (const [name, size] of Object.entries(sizes)) console.log(`| tracker/${name}.js | ${cells(size)} |`);
  printPeers(trackerSize());
  console.log(JSON.stringify({ bench: 'tracker-size', ...sizes }));
}
