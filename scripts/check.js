// @ts-check
// Types, lint and format, unused code, architecture and unit tests: `npm run check`, under a minute.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** @type {[string, string, string[]][]} */
const steps = [
  ['types of the tests and scripts', 'tsc', ['-p', 'tsconfig.json']],
  // Without the types of the browser, and with nothing from outside its folder.
  ['types of the collector as it is built', 'tsc', ['-p', 'collector', '--noEmit']],
  ['types of the tracker', 'tsc', ['-p', 'tracker', '--noEmit']],
  ['types of the dashboard', 'tsc', ['-p', 'dashboard']],
  ['lint and format', 'biome', ['check', '--error-on-warnings']],
  ['unused code and dependencies', 'knip', ['--no-progress']],
  ['unit tests', 'vitest', ['run', '--project', 'unit']],
];

/**
 * @param {{ unitTests?: boolean }} [options] the full test run has the unit tests in its own count
 * @returns {boolean}
 */
export function check({ unitTests = true } = {}) {
  for (const [name, command, args] of steps) {
    if (name === 'unit tests' && !unitTests) continue;
    const started = Date.now();
    const result = spawnSync(`${root}/node_modules/.bin/${command}`, args, { cwd: root, encoding: 'utf8' });
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    process.stdout.write(`${result.status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)\n`);
    if (result.status !== 0) {
      process.stdout.write(`${result.stdout}\n${result.stderr}\n`);
      return false;
    }
  }
  return true;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(check() ? 0 : 1);
