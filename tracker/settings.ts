import type { TagSettings } from './tag-settings.ts';

/**
 * The settings of the tracker in this file. A script is one tracker, so what it knows lies in its modules and not in objects that are
 * handed around: a third of the bytes.
 */
declare global {
  /**
   * Put in by the build: whether this is the full script, which knows what few tags ask for (all of `TagSettings` but site, host and
   * events). The plain one leaves that out; the server gives it to sites without such settings.
   */
  const RICH: boolean;
}

export let settings: TagSettings;

export function applySettings(given: TagSettings): void {
  settings = given;
}
