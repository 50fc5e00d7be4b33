import { fitsPattern } from './fits-pattern.ts';
import { inStorage } from './in-storage.ts';
import { asksForPrivacy } from './privacy-signal.ts';
import { settings } from './settings.ts';

/** Why nothing may be counted here, as one word for the owner (docs: `telltale('debug')`); something falsy: it may. */
export function whySilent(path: string): unknown {
  const { domains, exclude, signals } = settings;
  return (
    (inStorage((storage) => storage['telltale.off']) && 'off') ||
    ((!RICH || !signals) && asksForPrivacy() && 'GPC/DNT') ||
    // Sub-domains are part of a domain.
    (RICH && domains && !fitsPattern(location.hostname, domains, '(.*\\.)?') && 'domains') ||
    (RICH && exclude && fitsPattern(path, exclude) && 'exclude')
  );
}

/** `?telltale=off` in an address leaves this browser out of all counts of this origin from then on, `?telltale=on` takes it back. */
export function obeyAddress(): void {
  const [, word] = /[?&]telltale=(on|off)/.exec(location.search) ?? [];
  if (word)
    inStorage((storage) => {
      storage['telltale.off'] = word === 'off' ? '1' : '';
    });
}
