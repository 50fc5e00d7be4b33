import type { PinnedScript, Site, SiteSettings } from '../../../collector/contract/manage.ts';
import type { AutoEvent, DropReason } from '../../../collector/contract/names.ts';

/** The script tag of a site, with the address the dashboard itself was opened at. */
export function scriptTag(origin: string, site: string): string {
  return `<script defer src="${origin}/t/${site}.js"></script>`;
}

/**
 * The tag that pins one version of the script: the browser runs it only while its hash is the one written here. A pinned script is the
 * same for all sites, so what the settings of this one ask for is written into the tag.
 */
export function pinnedTag(
  origin: string,
  { id, settings }: Pick<Site, 'id' | 'settings'>,
  pinned: PinnedScript,
): string {
  const attributes = { 'data-site': id, ...tagAttributes(settings) };
  const written = Object.entries(attributes).map(([name, value]) =>
    value === '' ? name : `${name}="${escapeHtml(value)}"`,
  );
  return `<script defer src="${origin}${pinned.path}" integrity="${pinned.integrity}" crossorigin="anonymous" ${written.join(' ')}></script>`;
}

/** What the module takes to be on where nothing is said. */
const usualEvents: Record<AutoEvent, boolean> = {
  outbound: true,
  downloads: true,
  contacts: true,
  forms: true,
  notFound: true,
  clicks: true,
  dataLayer: false,
};

function tagAttributes(settings: SiteSettings): Record<string, string> {
  const kinds = Object.keys(usualEvents) as AutoEvent[];
  const isUsual = kinds.every((kind) => settings.autoEvents[kind] === usualEvents[kind]);
  return {
    ...(settings.consent === 'required' ? { 'data-consent': 'required' } : {}),
    ...(settings.honourPrivacySignals ? {} : { 'data-signals': 'ignore' }),
    ...(settings.cookieless ? { 'data-cookieless': '' } : {}),
    ...(settings.hashRouting ? { 'data-hash': '' } : {}),
    ...(settings.exclude.length > 0 ? { 'data-exclude': settings.exclude.join() } : {}),
    ...(isUsual ? {} : { 'data-events': kinds.filter((kind) => settings.autoEvents[kind]).join() }),
  };
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}

/** The page that is offered for the test. */
export function pageToTest({ domains }: Pick<Site, 'domains'>): string {
  const [domain = ''] = domains;
  return domain === 'localhost' ? 'http://localhost/' : `https://${domain}/`;
}

/** Why a hit was not kept, and what to do about it. */
export const dropSentences: Record<DropReason, { what: string; todo: string }> = {
  bot: {
    what: 'A hit arrived, but it came from a bot or an automated browser.',
    todo: 'Open your page in an ordinary browser. Headless browsers and crawlers are never counted.',
  },
  origin: {
    what: 'A hit arrived from a domain that is not on the list of this site.',
    todo: 'Add the domain under Settings → Site. Sub-domains of a listed domain are allowed already.',
  },
  'unknown-site': {
    what: 'A hit arrived with a site id that does not exist.',
    todo: 'Copy the tag above again: the id in it must be exactly this one.',
  },
  consent: {
    what: 'A hit arrived without consent, or from a browser that asks not to be tracked.',
    todo: 'Give consent on your page, or try a browser without Do Not Track. Both can be changed under Settings → Tracker.',
  },
  rate: {
    what: 'Too many hits arrived from one address in a short time.',
    todo: 'Wait a minute and open the page once more.',
  },
  invalid: {
    what: 'A hit arrived that could not be read.',
    todo: 'If you send events yourself, compare them with the documentation. If only the tag is in use, clear the browser cache and reload.',
  },
  duplicate: {
    what: 'The same event arrived twice and was counted once.',
    todo: 'Nothing to do. If it happens on every page, the tag may be in the page twice.',
  },
};

/** The sentence for a reason; a reason this version does not know is shown as it is. */
export function dropSentence(reason: string): { what: string; todo: string } {
  return Object.hasOwn(dropSentences, reason)
    ? dropSentences[reason as DropReason]
    : { what: `A hit arrived and was not kept (${reason}).`, todo: 'Look at the server log for the details.' };
}
