import type { FoundForm, FoundWidget } from '../contract/install.ts';
import { type HtmlTag, readTags } from './read-tags.ts';
import { widgetOfHost } from './widgets.ts';

/** A script tag of Telltale's. */
export interface FoundTag {
  /** Of the site that it names. */
  site: string;
  src: URL;
  /** Where its events go. */
  endpoint: URL;
  nonce: string | undefined;
}

/** What a page says about itself before any script of it has run. */
export interface PageContent {
  /** Tags of Telltale, in order. */
  tags: FoundTag[];
  /** Whether a tag manager is in the page, which may bring the tag later. */
  hasTagManager: boolean;
  /** Values of `meta` policies. */
  policies: string[];
  forms: FoundForm[];
  widgets: FoundWidget[];
  /** Links by which somebody gets in touch: `tel:`, `mailto:`, messengers. */
  contacts: number;
}

/** Tag managers that bring scripts of others. */
const tagManagers = [
  'googletagmanager.com',
  'tags.tiqcdn.com',
  'assets.adobedtm.com',
  'cdn.segment.com',
  'matomo.cloud',
];
const messengers = /^https?:\/\/(wa\.me|api\.whatsapp\.com|t\.me|m\.me|line\.me|signal\.me)\//i;
/** More of them say no more. */
const mostShown = 20;

/** Reads the HTML of a page as it came from the server. `url` is where it came from. */
export function readPage(html: string, url: URL): PageContent {
  const tags = readTags(html);
  const base = toUrl(tags.find(({ name }) => name === 'base')?.attributes.get('href'), url) ?? url;
  const hosts = hostsOf(tags, base);
  const named = (wanted: string) => tags.filter(({ name }) => name === wanted);
  return {
    tags: named('script').flatMap((tag) => toFoundTag(tag, base)),
    hasTagManager: hosts.some((host) => tagManagers.some((known) => host === known || host.endsWith(`.${known}`))),
    policies: named('meta')
      .filter(({ attributes }) => attributes.get('http-equiv')?.toLowerCase() === 'content-security-policy')
      .map(({ attributes }) => attributes.get('content') ?? ''),
    forms: formsOf(tags).slice(0, mostShown),
    widgets: widgetsOf(hosts).slice(0, mostShown),
    contacts: named('a').filter(({ attributes }) => isContact(attributes.get('href') ?? '')).length,
  };
}

function toUrl(text: string | undefined, base: URL): URL | undefined {
  return text !== undefined && URL.canParse(text, base.href) ? new URL(text, base) : undefined;
}

function isContact(href: string): boolean {
  return /^(tel|mailto|sms|whatsapp|tg|viber|skype):/i.test(href) || messengers.test(href);
}

function toFoundTag({ attributes }: HtmlTag, base: URL): FoundTag[] {
  const src = toUrl(attributes.get('src'), base);
  const [, named, pinned] = /\/t\/(?:([a-z0-9]+)|v\/([0-9a-f]{16}))\.js$/.exec(src?.pathname ?? '') ?? [];
  const site = pinned ? attributes.get('data-site') : named;
  if (!src || !site) return [];
  const host = attributes.get('data-host')?.replace(/^(?!.*\/\/)/, '//');
  const endpoint = toUrl(host && `${host.replace(/\/$/, '')}/e`, base) ?? endpointOf(src);
  return [{ site, src, endpoint, nonce: attributes.get('nonce') }];
}

/** The tracker sends its events next to where its script came from. */
export function endpointOf(src: URL): URL {
  return new URL(src.href.replace(/\/t\/(v\/)?[^/]*$/, '/e'));
}

/** Hosts that the page loads something from, or names in a script of its own; links only lead there, which is enough for a booking. */
function hostsOf(tags: readonly HtmlTag[], base: URL): string[] {
  const found = tags.flatMap(({ name, attributes, text }) => {
    if (name === 'a') {
      const host = toUrl(attributes.get('href'), base)?.hostname;
      return host && widgetOfHost(host)?.kind === 'booking' ? [host] : [];
    }
    const named = ['src', 'data-src', 'data-url', 'data-lazy-src', 'action']
      .map((attribute) => toUrl(attributes.get(attribute), base)?.hostname ?? '')
      .filter((host) => host !== '' && host !== base.hostname);
    return [...named, ...[...text.matchAll(/\/\/([a-z0-9-]+(?:\.[a-z0-9-]+)+)/gi)].map(([, host = '']) => host)];
  });
  return [...new Set(found.map((host) => host.toLowerCase()))];
}

function widgetsOf(hosts: readonly string[]): FoundWidget[] {
  const found = new Map<string, FoundWidget>();
  for (const host of hosts) {
    const widget = widgetOfHost(host);
    if (widget) found.set(widget.name, { name: widget.name, kind: widget.kind, finish: widget.finish ?? null });
  }
  return [...found.values()];
}

const writable = new Set(['input', 'textarea', 'select']);
const notFields = new Set(['hidden', 'submit', 'button', 'reset', 'image']);

function formsOf(tags: readonly HtmlTag[]): FoundForm[] {
  const forms: { form: HtmlTag; fields: HtmlTag[] }[] = [];
  let open = false;
  for (const tag of tags) {
    if (tag.name === 'form') forms.push({ form: tag, fields: [] });
    if (tag.name === 'form' || tag.name === '/form') open = tag.name === 'form';
    const type = tag.attributes.get('type')?.toLowerCase() ?? 'text';
    if (open && writable.has(tag.name) && !notFields.has(type)) forms.at(-1)?.fields.push(tag);
  }
  const found = forms
    .filter(({ form, fields }) => fields.length > 0 && !isOfNoInterest(form, fields))
    .map(({ form, fields }): FoundForm => {
      const name = nameOfForm(form);
      return {
        name: name ?? 'form',
        isNamed: name !== undefined,
        fields: fields.length,
        asksForEmail: fields.some(isEmail),
      };
    });
  return found.filter((form, index) => found.findIndex(({ name }) => name === form.name) === index);
}

/** Searching and signing in are no intents of a future customer. */
function isOfNoInterest(form: HtmlTag, fields: readonly HtmlTag[]): boolean {
  const types = fields.map(({ attributes }) => attributes.get('type')?.toLowerCase());
  return form.attributes.get('role') === 'search' || types.includes('search') || types.includes('password');
}

/** As the tracker names it, so that a rule about the name finds its events. */
function nameOfForm({ attributes }: HtmlTag): string | undefined {
  return ['data-tt-form', 'name', 'id', 'action'].map((name) => attributes.get(name)).find((text) => text);
}

function isEmail({ attributes }: HtmlTag): boolean {
  return attributes.get('type')?.toLowerCase() === 'email' || /e-?mail/i.test(attributes.get('name') ?? '');
}
