import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { assetName, modules, openTrackerAssets } from '../../collector/tracker-assets.ts';

const folder = mkdtempSync(join(tmpdir(), 'assets-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A build of the tracker, as files. */
function built(version: number): string {
  const at = join(folder, `build-${version}`);
  mkdirSync(at);
  for (const name of ['script', 'full', ...modules, 'pinned'])
    writeFileSync(join(at, `${name}.js`), `${name} ${version}`);
  return at;
}

test('a version that was served once is still there after an upgrade', () => {
  const kept = join(folder, 'kept');
  const first = openTrackerAssets(built(1), kept);
  expect(first.text(first.pinned.name)).toBe('pinned 1');
  expect(first.text(assetName('intents 1'))).toBe('intents 1');

  const second = openTrackerAssets(built(2), kept);
  expect(second.script).toBe('script 2');
  expect(second.text(second.pinned.name)).toBe('pinned 2');
  expect(second.text(first.pinned.name)).toBe('pinned 1');
  expect(second.text(assetName('intents 1'))).toBe('intents 1');
  expect(second.text('../run')).toBeUndefined();
  // Two builds of the modules and of the pinned script.
  expect(readdirSync(kept).length).toBe(2 * (modules.length + 1));
});

test('the integrity of the pinned script is what a browser computes of its text', () => {
  const { pinned } = openTrackerAssets(built(3), join(folder, 'kept'));
  expect(pinned.integrity).toBe(`sha384-${createHash('sha384').update('pinned 3').digest('base64')}`);
});
