import { fitsPattern } from './path-pattern.ts';
import { asksForPrivacy } from './privacy-signal.ts';
import { stored } from './stored.ts';
import type { TagSettings } from './tag-settings.ts';

/** Why nothing may be counted here, in words for the owner; empty: it may. */
export function whySilent({ domains, exclude, signals }: TagSettings, path: string): string {
  // Set by hand in one's own browser, to leave one's own visits out.
  if (stored('telltale.off')) return 'opted out';
  if (signals !== 'ignore' && asksForPrivacy()) return 'GPC or DNT';
  if (domains && !domains.split(/[\s,]+/).some((domain) => `.${location.hostname}`.endsWith(`.${domain}`)))
    return 'not in data-domains';
  return exclude && fitsPattern(path, exclude) ? 'in data-exclude' : '';
}
