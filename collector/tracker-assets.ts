import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What `npm run build` made of the tracker. */
export interface TrackerAssets {
  /** Text of the script of a tag, to which the settings of a site are added. */
  script: string;
  /** The same for sites and tags with settings that the plain script does not know. */
  full: string;
  /** All in one, for tags that pin the script: its name under `/t/v/` and what the browser compares it with. */
  pinned: { name: string; integrity: string };
  /** Text of an asset by its name; undefined where this server never had it. */
  text(name: string): string | undefined;
}

/** What the script loads, and what that loads, by the name of their content. */
export const modules = ['intents', 'marks', 'roots', 'forms', 'clicks', 'overhear', 'keep', 'asked'];

/** Names an asset by its content. */
export const assetName = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 8);

/**
 * Reads the built tracker, and keeps a copy of every version in `kept`: a page that pinned a version, or has the core of an hour ago in
 * its cache, gets what it asks for after an upgrade too.
 */
export function openTrackerAssets(built: string, kept: string): TrackerAssets {
  const read = (name: string) => readFileSync(join(built, name), 'utf8');
  const pinned = read('pinned.js');
  mkdirSync(kept, { recursive: true });
  for (const text of [...modules.map((name) => read(`${name}.js`)), pinned]) keep(kept, text);
  const texts = new Map(
    readdirSync(kept)
      .filter((file) => /^[0-9a-f]{8,16}\.js$/.test(file))
      .map((file) => [file.slice(0, -3), readFileSync(join(kept, file), 'utf8')]),
  );
  return {
    script: read('script.js'),
    full: read('full.js'),
    pinned: {
      name: assetName(pinned),
      integrity: `sha384-${createHash('sha384').update(pinned).digest('base64')}`,
    },
    text: (name) => texts.get(name),
  };
}

function keep(folder: string, text: string): void {
  const file = join(folder, `${assetName(text)}.js`);
  if (existsSync(file)) return;
  const whole = `${file}.${process.pid}`;
  writeFileSync(whole, text);
  renameSync(whole, file);
}
