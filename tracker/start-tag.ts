import { livePage } from './page-life.ts';
import { applySettings } from './settings.ts';
import type { TagSettings } from './tag-settings.ts';

/** `import`, put in by the build: TypeScript would wrap it to rewrite addresses that end in `.ts`. */
declare const IMPORT: (address: string) => Promise<unknown>;

/**
 * Starts the tracker of the tag that runs this script. Attributes of the tag win over `served`, what the server knows of the site. The
 * plain script gives a tag with attributes to the full one.
 *
 * TRICKY: `document.currentScript` is null in modules and where a loader runs scripts itself, such as Cloudflare's Rocket Loader
 * (https://github.com/divolte/divolte-collector/issues/179). Then it is the first script with an address like ours.
 */
export const startTag = (served: Partial<TagSettings>): unknown => {
  const tag = (document.currentScript ?? document.querySelector('script[src*="/t/"]')) as HTMLScriptElement;
  if (!RICH) for (const _ in tag.dataset) return IMPORT(`${tag.src}?full`).catch(() => {});
  const host = tag.src.split('/t/')[0] as string;
  if (RICH) applySettings({ ...served, ...tag.dataset } as TagSettings, tag.dataset.host ?? host);
  else applySettings(served as TagSettings, host);
  livePage();
};
