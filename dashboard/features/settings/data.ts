import type { Site, SitePatch } from '../../../collector/contract/manage.ts';
import type { KeyScope, UserRole } from '../../../collector/contract/names.ts';

export const roleNames: Record<UserRole, string> = { owner: 'Owner', editor: 'Editor', viewer: 'Viewer' };

export const roleHelp: Record<UserRole, string> = {
  owner: 'Everything, people and API keys included',
  editor: 'Reads and changes rules, funnels and webhooks',
  viewer: 'Reads only',
};

export const scopeNames: Record<KeyScope, string> = {
  ingest: 'Send events',
  read: 'Read reports',
  admin: 'Everything',
};

/** What the site form holds: the parts of a site that can change, flat. */
export interface SiteForm {
  name: string;
  domains: string[];
  timezone: string;
  currency: string;
  consent: 'none' | 'required';
  honourPrivacySignals: boolean;
}

export function toSiteForm(site: Site): SiteForm {
  const { currency, consent, honourPrivacySignals } = site.settings;
  return {
    name: site.name,
    domains: [...site.domains],
    timezone: site.timezone,
    currency,
    consent,
    honourPrivacySignals,
  };
}

export function toSitePatch({ name, domains, timezone, currency, consent, honourPrivacySignals }: SiteForm): SitePatch {
  return {
    name: name.trim(),
    domains,
    timezone,
    settings: { currency: currency.trim().toUpperCase(), consent, honourPrivacySignals },
  };
}

/** A password worth typing: four groups of letters and digits without look-alikes. */
export function suggestPassword(random: Uint8Array): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
  const text = [...random].map((byte) => letters[byte % letters.length] ?? 'x').join('');
  return (text.match(/.{1,4}/g) ?? []).join('-');
}
