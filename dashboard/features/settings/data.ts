import type { Site, SitePatch, SiteSettings } from '../../../collector/contract/manage.ts';
import type { AutoEvent, KeyScope, UserRole } from '../../../collector/contract/names.ts';

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
  /** '' where the time zone says it. */
  country: string;
  staleDays: number;
  /** Days as text; 'ever' where nothing is deleted. */
  keep: string;
}

export function toSiteForm({ name, domains, timezone, settings }: Site): SiteForm {
  const { currency, country = '', staleDays, retentionDays } = settings;
  const keep = retentionDays === null ? 'ever' : String(retentionDays);
  return { name, domains: [...domains], timezone, currency, country, staleDays, keep };
}

export function toSitePatch({ name, domains, timezone, currency, country, staleDays, keep }: SiteForm): SitePatch {
  const settings = {
    currency: currency.trim().toUpperCase(),
    ...(country.trim() === '' ? {} : { country: country.trim().toUpperCase() }),
    staleDays,
    retentionDays: daysOf(keep),
  };
  return { name: name.trim(), domains, timezone, settings };
}

const usualTimes: { days: number; label: string }[] = [
  { days: 30, label: '30 days' },
  { days: 90, label: '90 days' },
  { days: 183, label: 'Half a year' },
  { days: 396, label: '13 months' },
  { days: 762, label: '25 months' },
  { days: 1_830, label: '5 years' },
];

/** How long events may be kept, shortest first; a time that somebody set by the API is among them. */
export function keepChoices(current: string): { value: string; label: string }[] {
  const days = daysOf(current);
  const isUsual = days === null || usualTimes.some((time) => time.days === days);
  const times = isUsual ? usualTimes : [...usualTimes, { days, label: `${days} days` }];
  return [
    ...times.toSorted((a, b) => a.days - b.days).map((time) => ({ value: String(time.days), label: time.label })),
    { value: 'ever', label: 'For ever' },
  ];
}

/** Whether a change deletes what would have been kept. */
export function deletesMore(before: string, after: string): boolean {
  return (daysOf(after) ?? Number.POSITIVE_INFINITY) < (daysOf(before) ?? Number.POSITIVE_INFINITY);
}

function daysOf(keep: string): number | null {
  return keep === 'ever' ? null : Number(keep);
}

/** What the form about the tracker holds. */
export type TrackerForm = Pick<
  SiteSettings,
  'autoEvents' | 'consent' | 'honourPrivacySignals' | 'cookieless' | 'hashRouting' | 'exclude'
>;

export function toTrackerForm({ settings }: Pick<Site, 'settings'>): TrackerForm {
  const { autoEvents, consent, honourPrivacySignals, cookieless, hashRouting, exclude } = settings;
  return {
    autoEvents: { ...autoEvents },
    consent,
    honourPrivacySignals,
    cookieless,
    hashRouting,
    exclude: [...exclude],
  };
}

export function toTrackerPatch(form: TrackerForm): SitePatch {
  return { settings: { ...form, exclude: form.exclude.map((path) => path.trim()) } };
}

/** What is wrong with the excluded paths; null where nothing is. */
export function excludeProblem(paths: readonly string[]): string | null {
  const wrong = paths.find((path) => !/^(\/|\*)[^,\s]*$/.test(path.trim()));
  return wrong === undefined ? null : `“${wrong}” is no path: write it as /admin/**, without commas or spaces.`;
}

/** What the tracker sends by itself, each in one sentence. */
export const autoEventWords: Record<AutoEvent, { name: string; help: string }> = {
  forms: {
    name: 'Forms',
    help: 'When somebody begins a form, which fields take long or come back as wrong, and whether it is sent.',
  },
  contacts: { name: 'Ways to get in touch', help: 'Clicks on phone numbers, mail addresses and messengers.' },
  outbound: { name: 'Links to other websites', help: 'Which of them people leave by.' },
  downloads: { name: 'Downloads', help: 'Files that people open or save: PDF, ZIP and the like.' },
  clicks: {
    name: 'Clicks that lead nowhere',
    help: 'Somebody clicks again and again, or a button does nothing: signs that something is broken.',
  },
  notFound: { name: 'Pages that are not there', help: 'Addresses that your website answers with “not found”.' },
  dataLayer: {
    name: 'What the page tells Google Analytics or Segment',
    help: 'Events that a shop sends to them already, such as purchases, are counted here too. Off unless you want it.',
  },
};

/** A password worth typing: four groups of letters and digits without look-alikes. */
export function suggestPassword(random: Uint8Array): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
  const text = [...random].map((byte) => letters[byte % letters.length] ?? 'x').join('');
  return (text.match(/.{1,4}/g) ?? []).join('-');
}
