// @ts-check
// Builds the tracker: the script of the tag (dist/tracker/script.js) and the package `telltale/tracker` (dist/tracker/index.js with
// index.d.ts), both from tracker/. Run `node scripts/build-tracker.js`, or through scripts/build.js.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import terserPlugin from '@rollup/plugin-terser';
import { rollup } from 'rollup';

const root = fileURLToPath(new URL('..', import.meta.url));
const compiled = join(root, 'dist/tracker-esm');
const built = join(root, 'dist/tracker');

// The types of the plugin are written for CommonJS, where the default export is a property.
const terser = /** @type {typeof terserPlugin.default} */ (/** @type {unknown} */ (terserPlugin));

/** One keyword instead of two compresses better, by 30 of 3,400 bytes; whatever TypeScript accepts as `const` also runs as `let`. */
const oneKeyword = {
  name: 'one-keyword',
  renderChunk: (/** @type {string} */ code) => ({ code: code.replace(/\bconst\b/g, 'let'), map: null }),
};

/** Properties that start with `_` never leave the tracker, so they may lose their names. */
const shorten = { regex: /^_/ };

export async function buildTracker() {
  rmSync(compiled, { recursive: true, force: true });
  typescript();
  const script = await bundle('script');
  const module = await bundle('index');
  mkdirSync(built, { recursive: true });
  // The route that serves the script puts the site's settings in place of the last pair of braces.
  writeFileSync(join(built, 'script.js'), `(served=>{${script.trim()}})({});\n`);
  writeFileSync(join(built, 'index.js'), module);
  writeFileSync(join(built, 'index.d.ts'), declarations());
}

function typescript() {
  const result = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', 'tracker'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (result.status !== 0) throw new Error('"tsc -p tracker" failed.');
}

/**
 * @param {string} entry
 * @returns {Promise<string>} the minified code of tracker/ENTRY.ts with all it imports
 */
async function bundle(entry) {
  const bundled = await rollup({
    input: join(compiled, `tracker/${entry}.js`),
    treeshake: { moduleSideEffects: false, propertyReadSideEffects: false },
  });
  const { output } = await bundled.generate({
    format: 'es',
    plugins: [
      oneKeyword,
      terser({
        ecma: 2020,
        module: true,
        compress: { passes: 4, unsafe: true, unsafe_arrows: true, pure_getters: true },
        mangle: { properties: shorten },
        format: { comments: false },
      }),
    ],
  });
  await bundled.close();
  return output[0].code;
}

/** The types of the package in one file: those of the calls, then those of the entry without its imports. */
function declarations() {
  const read = (/** @type {string} */ name) => readFileSync(join(compiled, `tracker/${name}.d.ts`), 'utf8');
  const entry = read('index').replace(/^(import|export) [^;]*? from '[^']*';\n/gm, '');
  return `${read('calls')}${entry}`.replace(/^export \{\};\n/gm, '');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildTracker();
