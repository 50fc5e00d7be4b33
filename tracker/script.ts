import { findTag } from './find-tag.ts';
import { joinPage } from './join-page.ts';
import { safely } from './safely.ts';
import type { TagSettings } from './tag-settings.ts';

/** The argument of the function that the build puts around the script: what the server knows of the site. */
declare const served: Partial<TagSettings>;

safely(() => {
  const tag = findTag(served.site);
  if (!tag) return;
  const [, base, file] = /^(.*)\/t\/([^/?#]+)\.js/.exec(tag.src) ?? [];
  const settings = { ...served, ...tag.dataset };
  const site = served.site ?? file;
  const host = settings.host ?? base ?? new URL(tag.src).origin;
  // A host without a scheme has that of the page.
  if (site) joinPage({ ...settings, site, host: host.includes('//') ? host : `//${host}` });
})();
