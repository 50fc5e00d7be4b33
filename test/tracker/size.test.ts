import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { trackerSize } from '../../bench/tracker-size.js';
import { modules } from '../../collector/tracker-assets.ts';
import { build } from '../../scripts/build.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

beforeAll(() => build({ only: ['tracker'], quiet: true }));

test('the script of the tag stays within its budget', () => {
  const { gzip, brotli } = trackerSize();
  expect(gzip).toBeLessThanOrEqual(1_900);
  expect(brotli).toBeLessThanOrEqual(1_670);
});

test.each(modules)('the module %s stays within the budget of a module', (name) => {
  expect(trackerSize(name).gzip).toBeLessThanOrEqual(1_600);
});

test('the full script, for sites and tags with more settings, stays within its budget', () => {
  expect(trackerSize('full').gzip).toBeLessThanOrEqual(2_200);
});

// It takes 70 ms of a slow phone's processor, and the server knows the zone of the site.
test('nothing asks for the time zone of the browser', () => {
  for (const name of ['script', 'full', ...modules, 'pinned', 'index'])
    expect(readFileSync(join(root, `dist/tracker/${name}.js`), 'utf8')).not.toContain('Intl');
});

test('the script leaves no private name and no comment in it', () => {
  const script = readFileSync(join(root, 'dist/tracker/script.js'), 'utf8');
  expect(script).not.toMatch(/\b_[a-z]{2,}|\/\*/);
  expect(script.trim().endsWith('({});')).toBe(true);
});

test('the package can be loaded outside a browser, where its calls do nothing', () => {
  const code = `import { init, telltale } from '${join(root, 'dist/tracker/index.js')}';
    telltale('track', 'early'); init({ site: 'shop', host: 'https://stats.example' }); telltale('debug'); console.log('fine');`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(stdout).toBe('fine\n');
});

test('the types of the package stand alone, and refuse a wrong call', () => {
  const folder = mkdtempSync(join(root, 'dist/types-'));
  try {
    writeFileSync(
      join(folder, 'page.ts'),
      `import { init, telltale } from 'telltale/tracker';
       init({ site: 'shop', host: 'https://stats.example', consent: 'required', exclude: ['/admin/**'] });
       telltale('track', 'Quote Asked', { value: 49.5, currency: 'EUR' });
       telltale('identify', { email: 'ana@example.com', id: 42 });
       telltale('page', { url: '/virtual' });
       telltale('consent', true);
       // @ts-expect-error a name is missing
       telltale('track');
       // @ts-expect-error there is no such call
       telltale('trakc', 'x');`,
    );
    const options = ['--noEmit', '--strict', '--ignoreConfig', '--skipLibCheck', 'false', '--types', ''];
    const modules = ['--module', 'nodenext', '--target', 'es2022', '--lib', 'es2022,dom'];
    const tsc = spawnSync(join(root, 'node_modules/.bin/tsc'), [...options, ...modules, join(folder, 'page.ts')], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(tsc.stdout).toBe('');
    expect(tsc.status).toBe(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
