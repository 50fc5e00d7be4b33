// @ts-check
// Measurements that a browser test makes anyway, with more of everything: the test prints the table and the line of JSON.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Runs test/e2e/tracker/NAME.e2e.test.ts with these settings and ends with its status.
 * @param {string} name
 * @param {Record<string, string | undefined>} settings environment variables that the test reads; undefined: as the test has it
 */
export function measureInBrowser(name, settings) {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const env = { ...process.env };
  for (const [key, value] of Object.entries(settings)) if (value !== undefined) env[key] = value;
  const test = ['run', '--project', 'e2e', '--project', 'measuring', `test/e2e/tracker/${name}.e2e.test.ts`];
  const { status } = spawnSync(`${root}/node_modules/.bin/vitest`, [...test, '--disable-console-intercept'], {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  process.exit(status ?? 1);
}
