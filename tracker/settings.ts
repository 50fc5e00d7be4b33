import type { TagSettings } from './tag-settings.ts';

/**
 * The settings of the tracker in this file. A script is one tracker, so what it knows lies in its modules and not in objects that are
 * handed around: a third of the bytes.
 */
export let settings: TagSettings;

export function applySettings(given: TagSettings): void {
  settings = given;
}
