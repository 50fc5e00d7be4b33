import { fitsPattern } from './fits-pattern.ts';
import { inStorage } from './in-storage.ts';
import { asksForPrivacy } from './privacy-signal.ts';
import type { TagSettings } from './tag-settings.ts';

/** Why nothing may be counted here, as one word for the owner (docs: `telltale('debug')`); something falsy: it may. */
export function whySilent({ domains, exclude, signals }: TagSettings, path: string): string | false | undefined {
  return (
    // Set by hand in one's own browser, to leave one's own visits out.
    (inStorage((storage) => storage.getItem('telltale.off')) && 'off') ||
    (!signals && asksForPrivacy() && 'GPC/DNT') ||
    // Sub-domains are part of a domain.
    (domains && !fitsPattern(location.hostname, domains, '(.*\\.)?') && 'domains') ||
    (exclude && fitsPattern(path, exclude) && 'exclude')
  );
}
