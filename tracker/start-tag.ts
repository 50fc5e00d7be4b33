import type { StartIntents } from './core.ts';
import { findTag } from './find-tag.ts';
import { joinPage } from './join-page.ts';
import type { TagSettings } from './tag-settings.ts';

/**
 * Starts the tracker of the tag that runs this script. Attributes of the tag win over `served`, what the server knows of the site.
 * Intents come from `loadIntents`, which is told where Telltale answers.
 */
export function startTag(
  served: Partial<TagSettings>,
  loadIntents: (host: string) => Promise<{ default: StartIntents }>,
): void {
  const tag = findTag(served.site);
  if (!tag) return;
  const {
    site,
    host = /^.*(?=\/t\/)/.exec(tag.src)?.[0] ?? new URL(tag.src).origin,
    ...settings
  } = {
    ...served,
    ...(tag.dataset as Partial<TagSettings>),
  };
  // A host without a scheme has that of the page.
  const base = (host.includes('//') ? host : `//${host}`).replace(/\/$/, '');
  if (site) joinPage({ ...settings, site, host: base }, () => loadIntents(base));
}
