import { type Channel, channels } from '../contract/names.ts';
import { isHostOfSite } from './site-host.ts';
import { type KnownSource, sourceOfHost, sourceOfName } from './sources.ts';

/** Where a session came from. The first event of a session decides for all its events. */
export interface Attribution {
  channel: Channel;
  source: string;
  medium: string;
  campaign: string;
  term: string;
  content: string;
  /** Host and path, without query. */
  referrer: string;
}

/**
 * Ids that advertising systems put on a link when somebody pays for the click. `fbclid` is not among them: Facebook puts it on
 * every link that leaves it, paid or not, so it names the source and says nothing of money.
 */
const paidClicks: Record<string, { source: string; channel: Channel }> = {
  gclid: { source: 'google', channel: 'paid_search' },
  gbraid: { source: 'google', channel: 'paid_search' },
  wbraid: { source: 'google', channel: 'paid_search' },
  msclkid: { source: 'bing', channel: 'paid_search' },
  yclid: { source: 'yandex', channel: 'paid_search' },
  dclid: { source: 'google', channel: 'display' },
  ttclid: { source: 'tiktok', channel: 'paid_social' },
  twclid: { source: 'x', channel: 'paid_social' },
  li_fat_id: { source: 'linkedin', channel: 'paid_social' },
  rdt_cid: { source: 'reddit', channel: 'paid_social' },
};

/** Source, medium and channel of an arrival, from the page's address, the referring page and what the sender says. */
export function attribution(arrival: {
  url: URL | undefined;
  ref: string | undefined;
  /** Hosts of the site: a referring page among them is no source. */
  domains: readonly string[];
}): Attribution {
  const { url } = arrival;
  const tag = (name: string) => url?.searchParams.get(name)?.trim() ?? '';
  const referrer = parseReferrer(arrival.ref, [...arrival.domains, ...(url ? [url.hostname] : [])]);
  const click = Object.entries(paidClicks).find(([id]) => url?.searchParams.has(id))?.[1];
  const fromFacebook = url?.searchParams.has('fbclid') ? 'facebook' : '';

  const host = referrer?.host ?? '';
  const bySite = host === '' ? undefined : sourceOfHost(host);
  const utmSource = tag('utm_source');
  const source = utmSource || click?.source || bySite?.name || host.replace(/^www\./, '') || fromFacebook;
  const known = utmSource ? sourceOfName(utmSource) : (bySite ?? sourceOfName(source));
  const medium = tag('utm_medium');
  const campaign = tag('utm_campaign');
  return {
    channel: channelOf({ medium, source, known, click: click?.channel, tagged: utmSource !== '' || campaign !== '' }),
    source,
    medium,
    campaign,
    term: tag('utm_term'),
    content: tag('utm_content'),
    referrer: referrer ? referrer.host + referrer.path : '',
  };
}

/** The channel a sender names itself; a word that is none becomes `other`. */
export function namedChannel(name: string): Channel {
  const word = name
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, '_');
  return channels.find((channel) => channel === word) ?? 'other';
}

const paidMedium = /^(cpc|ppc|cpm|cpv|paid|paid[-_ ]?\w+|retargeting|sem|ads?)$/;

/** Words of `utm_medium` that say the channel by themselves. */
const mediumChannels: [RegExp, Channel][] = [
  [/^(display|banner|cpm|expandable|interstitial)$/, 'display'],
  [/^(e-?mail|e_mail|newsletter)$/, 'email'],
  [/^affiliates?$/, 'affiliate'],
  [/^(sms|text|whatsapp)$/, 'sms'],
  [/^(phone|call|telephone)$/, 'phone'],
  [/^(chat|messenger)$/, 'chat'],
  [/^(event|trade[-_ ]?show|fair|webinar)$/, 'event'],
  [/^(letter|print|direct[-_ ]?mail|flyer|qr)$/, 'letter'],
  [/^(social|organic[-_ ]?social|social[-_ ]?(network|media)|sm)$/, 'organic_social'],
  [/^(organic|organic[-_ ]?search)$/, 'organic_search'],
  [/^(referral|link)$/, 'referral'],
];

function channelOf(seen: {
  medium: string;
  source: string;
  known: KnownSource | undefined;
  /** Channel of a paid click id. */
  click: Channel | undefined;
  /** Whether a campaign tag is on the link. */
  tagged: boolean;
}): Channel {
  const medium = seen.medium.toLowerCase();
  const byMedium = mediumChannels.find(([words]) => words.test(medium))?.[1];
  if (byMedium === 'display') return 'display';
  if (paidMedium.test(medium)) {
    if (seen.click) return seen.click;
    if (seen.known?.kind === 'social' || /social/.test(medium)) return 'paid_social';
    if (seen.known?.kind === 'search' || /search|sem|cpc|ppc/.test(medium)) return 'paid_search';
    return 'other';
  }
  if (seen.click) return seen.click;
  if (byMedium) return byMedium;
  if (/^(newsletter|e-?mail)$/i.test(seen.source)) return 'email';
  switch (seen.known?.kind) {
    case 'search':
      return 'organic_search';
    case 'social':
      return 'organic_social';
    case 'email':
      return 'email';
    case 'assistant':
      return 'referral';
    case undefined:
      if (seen.tagged) return 'other';
      return seen.source === '' ? 'direct' : 'referral';
  }
}

function parseReferrer(
  ref: string | undefined,
  ownHosts: readonly string[],
): { host: string; path: string } | undefined {
  if (!ref || !URL.canParse(ref)) return undefined;
  const url = new URL(ref);
  // Android apps write android-app://com.google.android.gm/.
  if (!['http:', 'https:', 'android-app:'].includes(url.protocol)) return undefined;
  const host = url.hostname.toLowerCase();
  if (host === '' || isHostOfSite(host, ownHosts)) return undefined;
  return { host, path: url.pathname === '/' ? '' : url.pathname };
}
