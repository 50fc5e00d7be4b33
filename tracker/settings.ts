import type { TagSettings } from './tag-settings.ts';

declare global {
  /**
   * Put in by the build: whether this is the full script, which knows what few sites ask for (all of `TagSettings` but site and events).
   * The plain one leaves that out; the server gives it to sites without such settings.
   */
  const RICH: boolean;
}

export let settings: TagSettings;
/** Where Telltale answers, such as `https://stats.example.com`. */
export let host: string;

export const applySettings = (given: TagSettings, where: string): void => {
  host = where;
  settings = given;
};
