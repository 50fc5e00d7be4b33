import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium, firefox } from 'playwright-core';
import { answerUnknownCommands } from './playwright-internals.ts';

/** Quiet, reproducible, and able to run as root in a container. */
const chromiumArgs = [
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
    args: [...chromiumArgs, ...(options.args ?? [])],
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  });
}

/** The machine's own Firefox with a fresh profile, driven over WebDriver BiDi. `FIREFOX_PATH` names another one. */
export async function launchFirefox(): Promise<Browser> {
  const browser = await firefox.launch({
    executablePath: firefoxPath(),
    // The channel makes Playwright speak WebDriver BiDi, which every Firefox understands, and not the protocol of its own builds.
    channel: 'moz-firefox',
    firefoxUserPrefs: {
      // Tests open tabs beside a page without a click of the visitor.
      'dom.disable_open_during_load': false,
      'browser.shell.checkDefaultBrowser': false,
    },
  });
  answerUnknownCommands(browser, ['emulation.setMediaFeaturesOverride']);
  return browser;
}

/** The browsers in which the behaviour of the tracker is shown. */
export const browserKinds = [
  // Robots say that they are robots, and the product does not count them.
  {
    name: 'Chromium',
    launch: () =>
      launchBrowser({ args: [`--user-agent=${chromiumUser}`, '--disable-blink-features=AutomationControlled'] }),
  },
  { name: 'Firefox', launch: launchFirefox },
] as const;

export type BrowserKind = (typeof browserKinds)[number];

const chromiumUser =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36';

export const chromiumPath = () =>
  programPath({
    browser: 'Chromium',
    variable: 'CHROMIUM_PATH',
    names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
    aptPackage: 'chromium',
  });

const firefoxPath = () =>
  programPath({
    browser: 'Firefox',
    variable: 'FIREFOX_PATH',
    names: ['firefox-esr', 'firefox'],
    aptPackage: 'firefox-esr',
  });

interface Program {
  browser: string;
  /** Environment variable that names another one. */
  variable: string;
  names: string[];
  aptPackage: string;
}

/** Where the program is. Installs it where that is possible without asking (root on Debian or Ubuntu). */
function programPath(program: Program): string {
  const found = findProgram(program);
  if (found) return found;
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    for (const step of [['update'], ['install', '-y', '--no-install-recommends', program.aptPackage]])
      spawnSync('apt-get', step, { stdio: 'ignore' });
    const installed = findProgram(program);
    if (installed) return installed;
  }
  const { browser, variable, aptPackage } = program;
  throw new Error(
    `The browser tests need ${browser}: install it ("apt-get install ${aptPackage}") or set ${variable} to its program.`,
  );
}

function findProgram({ variable, names }: Program): string | undefined {
  const named = process.env[variable];
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
