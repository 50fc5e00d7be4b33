import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Quiet, reproducible, and able to run as root in a container. */
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * The machine's own Chromium with a fresh profile. `CHROMIUM_PATH` names another one. The back/forward cache is on, as it is for
 * visitors. Close the browser when the tests of a file are done.
 */
export async function launchBrowser(options: { args?: string[] } = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath(),
    args: [...args, ...(options.args ?? [])],
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });
}

/** Where Chromium is. Installs it where that is possible without asking (root on Debian or Ubuntu). */
function chromiumPath(): string {
  const found = findChromium();
  if (found) return found;
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    for (const step of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']])
      spawnSync('apt-get', step, { stdio: 'ignore' });
    const installed = findChromium();
    if (installed) return installed;
  }
  throw new Error(
    'The browser tests need Chromium: install it ("apt-get install chromium", or Google Chrome) or set CHROMIUM_PATH to its program.',
  );
}

function findChromium(): string | undefined {
  const named = process.env.CHROMIUM_PATH;
  const folders = (process.env.PATH ?? '').split(delimiter);
  return [...(named ? [named] : []), ...folders.flatMap((folder) => names.map((name) => join(folder, name)))].find(
    isProgram,
  );
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
