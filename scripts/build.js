// @ts-check
// Builds what is missing or older than its sources: `node scripts/build.js [--force] [collector|tracker|dashboard]…`.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newest } from './newest.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const shared = ['package.json', 'tsconfig.base.json', 'scripts', 'collector/contract'];

/** @type {Record<string, { sources: string[], build: () => void | Promise<void> }>} */
const parts = {
  collector: { sources: ['collector'], build: buildCollector },
  tracker: { sources: ['tracker'], build: async () => (await import('./build-tracker.js')).buildTracker() },
  dashboard: { sources: ['dashboard', 'vite.config.ts'], build: buildDashboard },
};

/**
 * @param {{ only?: string[], force?: boolean, quiet?: boolean }} [options]
 * @returns {Promise<string[]>} the parts that had to be built
 */
export async function build({ only = Object.keys(parts), force = false, quiet = false } = {}) {
  const built = [];
  for (const name of only) {
    const part = parts[name];
    if (!part) throw new Error(`There is no part called "${name}". Parts: ${Object.keys(parts).join(', ')}.`);
    const stamp = join(root, 'dist', `.${name}`);
    const sources = [...part.sources, ...shared].map((path) => join(root, path));
    if (!force && newest([stamp]) > newest(sources)) continue;
    const started = Date.now();
    if (!quiet) process.stderr.write(`Building the ${name} … `);
    await part.build();
    mkdirSync(join(root, 'dist'), { recursive: true });
    writeFileSync(stamp, '');
    if (!quiet) process.stderr.write(`${((Date.now() - started) / 1000).toFixed(1)} s\n`);
    built.push(name);
  }
  return built;
}

function buildCollector() {
  rmSync(join(root, 'dist/collector'), { recursive: true, force: true });
  run('tsc', ['-p', 'collector']);
  copyBesides(join(root, 'collector'), join(root, 'dist/collector'));
}

function buildDashboard() {
  run('vite', ['build', '--logLevel', 'warn']);
}

/**
 * Files that TypeScript leaves behind: SQL, and whatever the demo serves.
 * @param {string} from
 * @param {string} to
 */
function copyBesides(from, to) {
  for (const entry of readdirSync(from, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isFile() || /\.ts$|tsconfig\.json$/.test(entry.name)) continue;
    const target = join(to, relative(from, path));
    // Compiled already; what remains of JavaScript is for browsers and is served as it is.
    if (existsSync(target)) continue;
    mkdirSync(dirname(target), { recursive: true });
    cpSync(path, target);
  }
}

/**
 * @param {string} command
 * @param {string[]} args
 */
function run(command, args) {
  const result = spawnSync(join(root, 'node_modules/.bin', command), args, {
    cwd: root,
    // A test runner sets NODE_ENV to "test", and the dashboard would be built with the larger, slower React of development.
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 2, 2],
  });
  if (result.status !== 0) throw new Error(`"${command} ${args.join(' ')}" failed.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const args = process.argv.slice(2);
  const only = args.filter((arg) => !arg.startsWith('--'));
  try {
    await build({ ...(only.length ? { only } : {}), force: args.includes('--force') });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exit(1);
  }
}
