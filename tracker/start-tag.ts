import type { StartIntents } from './core.ts';
import { findTag } from './find-tag.ts';
import { joinPage } from './join-page.ts';
import type { TagSettings } from './tag-settings.ts';

/**
 * Starts the tracker of the tag that runs this script. Attributes of the tag win over `served`, what the server knows of the site.
 * Intents come from `loadIntents`, which is told where Telltale answers. The plain script gives a tag with attributes to the full one.
 */
export function startTag(
  served: Partial<TagSettings>,
  loadIntents: (host: string) => Promise<{ default: StartIntents }>,
  loadFull?: (address: string) => Promise<unknown>,
): void {
  const tag = findTag() as HTMLScriptElement;
  const { host = tag.src.split('/t/')[0] as string, ...attributes } = tag.dataset;
  if (!RICH && Object.keys(attributes)[0]) loadFull?.(`${tag.src}?full`).catch(() => {});
  else joinPage({ ...served, ...attributes, host } as TagSettings, () => loadIntents(host));
}
