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
  const tag = findTag() as HTMLScriptElement;
  const settings = { host: tag.src.split('/t/')[0], ...served, ...tag.dataset } as TagSettings;
  joinPage(settings, () => loadIntents(settings.host));
}
