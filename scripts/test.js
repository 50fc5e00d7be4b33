// @ts-check
// Everything: build, static checks, unit, engine and browser tests. Ends with one line: "N passed, N failed".
import { startVitest } from 'vitest/node';
import { build } from './build.js';
import { check } from './check.js';

await build();
const clean = check({ unitTests: false });
const vitest = await startVitest('test', [], { run: true, reporters: ['default'] });
const tests = vitest.state.getFiles().flatMap((file) => collect(file));
const unhandled = vitest.state.getUnhandledErrors().length;
await vitest.close();

const passed = tests.filter((test) => test.result?.state === 'pass').length;
// A file that could not be loaded has no tests of its own, yet it failed; so has a skipped test: nothing here may skip.
const brokenFiles = vitest.state
  .getFiles()
  .filter((file) => file.result?.state === 'fail' && collect(file).length === 0).length;
const failed = tests.length - passed + brokenFiles + unhandled + (clean ? 0 : 1);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);

/**
 * @param {import('vitest/node').RunnerTask | import('vitest/node').RunnerTestFile} task
 * @returns {import('vitest/node').RunnerTask[]}
 */
function collect(task) {
  return task.type === 'suite' ? task.tasks.flatMap((child) => collect(child)) : [task];
}
