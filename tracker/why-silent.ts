import { fitsPattern } from './fits-pattern.ts';
import type { TagSettings } from './tag-settings.ts';

/**
 * Whether a page with this address is not counted: a reason as a word for the owner, or anything else that is true: the visitor opted out,
 * or the browser asks for privacy, by Global Privacy Control or Do Not Track.
 *
 * TRICKY: `globalPrivacyControl` is undefined in browsers that do not know it, so it is asked for its truth, not for `false`
 * (https://w3c.github.io/gpc/).
 */
export const whySilent = (settings: TagSettings, visitor: string | undefined, url: string): unknown =>
  visitor === 'off' ||
  ((!RICH || !settings.signals) &&
    ((navigator as { globalPrivacyControl?: unknown }).globalPrivacyControl || navigator.doNotTrack === '1')) ||
  // Sub-domains are part of a domain.
  (RICH && settings.domains && !fitsPattern(location.hostname, settings.domains, '(.*\\.)?') && 'domains') ||
  (RICH && settings.exclude && fitsPattern(pathOf(new URL(url)), settings.exclude) && 'exclude');

const pathOf = ({ pathname, hash }: URL) => pathname + hash;
