// @ts-check
// Builds the tracker from tracker/: the script of the tag (dist/tracker/script.js, full.js) and the modules that it loads (intents.js, and by that its parts),
// all in one for owners who pin (pinned.js), and the package `telltale/tracker` (index.js with index.d.ts). Run `node scripts/build-tracker.js`,
// or through scripts/build.js.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import terserPlugin from '@rollup/plugin-terser';
import { rollup } from 'rollup';

const root = fileURLToPath(new URL('..', import.meta.url));
const built = join(root, 'dist/tracker');

// The types of the plugin are written for CommonJS, where the default export is a property.
const terser = /** @type {typeof terserPlugin.default} */ (/** @type {unknown} */ (terserPlugin));

/**
 * One keyword instead of two compresses better, by 30 of 3,400 bytes; whatever TypeScript accepts as `const` also runs as `let`. `IMPORT`
 * is how the sources write an import that TypeScript must not touch.
 */
const keywords = {
  name: 'keywords',
  renderChunk: (/** @type {string} */ code) => ({
    code: code.replace(/\bconst\b/g, 'let').replace(/\bIMPORT\b/g, 'import'),
    map: null,
  }),
};

/** What a tag runs. */
const isScript = (/** @type {string} */ name) => ['script', 'pinned'].includes(name);

/** The core compares nothing with something of another type, so two signs say what three do. */
const comparisons = {
  name: 'comparisons',
  renderChunk: (/** @type {string} */ code, /** @type {{ name: string }} */ { name }) =>
    name === 'script' ? { code: code.replace(/([=!])==/g, '$1='), map: null } : null,
};

/** What the core calls the settings that the server knows; no other name in it is this. */
const served = 'Q';

/**
 * What a tag runs is a function, to keep its names to itself. The route that serves the script puts the site's settings in place of the
 * last pair of braces.
 */
const wrapScripts = {
  name: 'wrap-scripts',
  renderChunk: (/** @type {string} */ code, /** @type {{ name: string }} */ { name }) =>
    isScript(name) ? { code: `(${served}=>{${code.trim().replace(/\bserved\b/, served)}})({});\n`, map: null } : null,
};

/**
 * Properties that start with `_` never leave the tracker, so they may lose their names. Core and module talk to each other with them, so
 * all files of one build share the short ones.
 */
const shorten = { regex: /^_/ };
/** @type {{ props?: unknown, vars?: unknown }} */
const nameCache = {};

/** What the script loads where a page has something for it: each may name those before it. */
export const modules = /** @type {const} */ ([
  ['marks', 'marks/watch-marks'],
  ['roots', 'roots/watch-roots'],
  ['forms', 'forms/watch-forms'],
  ['clicks', 'clicks/watch-clicks'],
  ['overhear', 'overhear/overhear'],
  ['keep', 'keep/keep'],
  ['asked', 'asked/answer-calls'],
  ['intents', 'intents/served'],
]);

/** As collector/tracker-assets.ts names it. */
const assetName = (/** @type {string} */ text) => createHash('sha256').update(text).digest('hex').slice(0, 8);

/** Safe to run twice at the same time: each run compiles in a folder of its own and puts whole files in place. */
export async function buildTracker() {
  mkdirSync(built, { recursive: true });
  const compiled = mkdtempSync(join(root, 'dist/tracker-'));
  try {
    typescript(compiled);
    /** @type {Record<string, string>} */
    const assets = {};
    for (const [name, entry] of modules) {
      const code = await bundle(compiled, entry, assets);
      assets[`${name.toUpperCase()}_ASSET`] = assetName(code);
      put(`${name}.js`, code);
    }
    for (const [name, RICH] of /** @type {const} */ ([
      ['script', false],
      ['full', true],
    ]))
      put(`${name}.js`, await bundle(compiled, 'script', { ...assets, RICH, WHOLE: false }));
    put('pinned.js', await bundle(compiled, 'pinned'));
    put('index.js', await bundle(compiled, 'index'));
    put('index.d.ts', declarations(compiled));
  } finally {
    rmSync(compiled, { recursive: true, force: true });
  }
}

/**
 * @param {string} name
 * @param {string} text
 */
function put(name, text) {
  const whole = join(built, `${name}.${process.pid}`);
  writeFileSync(whole, text);
  renameSync(whole, join(built, name));
}

/** @param {string} folder */
function typescript(folder) {
  const result = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', 'tracker', '--outDir', folder], {
    cwd: root,
    stdio: ['ignore', 2, 2],
  });
  if (result.status !== 0) throw new Error('"tsc -p tracker" failed.');
}

/**
 * @param {string} compiled
 * @param {string} entry
 * @param {Record<string, string | boolean>} [constants] put in where the code names them
 * @returns {Promise<string>} the minified code of tracker/ENTRY.ts with all it imports
 */
async function bundle(compiled, entry, constants = {}) {
  const bundled = await rollup({
    input: join(compiled, `tracker/${entry}.js`),
    treeshake: { moduleSideEffects: false, propertyReadSideEffects: false },
  });
  const { output } = await bundled.generate({
    format: 'es',
    plugins: [
      keywords,
      comparisons,
      terser({
        ecma: 2020,
        module: true,
        compress: {
          passes: 4,
          unsafe: true,
          unsafe_arrows: true,
          pure_getters: true,
          global_defs: { RICH: true, WHOLE: true, ...constants },
        },
        nameCache,
        mangle: { properties: shorten, reserved: [served] },
        format: { comments: false },
      }),
      wrapScripts,
    ],
  });
  await bundled.close();
  delete nameCache.vars;
  return output[0].code;
}

/**
 * The types of the package in one file: those of the calls, then those of the entry without its imports.
 * @param {string} compiled
 */
function declarations(compiled) {
  const read = (/** @type {string} */ name) => readFileSync(join(compiled, `tracker/${name}.d.ts`), 'utf8');
  const entry = read('index').replace(/^(import|export) [^;]*? from '[^']*';\n/gm, '');
  return `${read('calls')}${entry}`.replace(/^export \{\};\n/gm, '');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildTracker();
