import type { AutoEvent, Props } from '../calls.ts';

/** The link that was used. */
export interface UsedLink {
  /** Where it leads, absolute. */
  address: URL;
  /** Host of the page. */
  ownHost: string;
  /** Whether the browser is told to keep the file. */
  isDownload: boolean;
}

/** Programs and services by which people talk to each other, by scheme or host. The server gives them one name each. */
const contact =
  /^((tel|callto|mailto|sms|skype|viber|whatsapp|tg|sgnl|facetime)\b|https?:..(wa|t|m|signal|line)\.me\/|https?:..(api|web)\.whatsapp)/;
const files = /\.(pdf|docx?|xlsx?|pptx?|csv|epub|zip|rar|7z|dmg|exe|msi|apk|mp[34])$/i;

/**
 * The event of a link that was used, with its kind and properties; undefined for a link inside the site. Addresses are told without what follows
 * `?` and `#`, and the number or address of a contact not at all: a page may have put there what a visitor typed.
 */
export function toLinkEvent({
  address,
  ownHost,
  isDownload,
}: UsedLink): [kind: AutoEvent, name: string, props: Props] | undefined {
  const { href, protocol, host, pathname } = address;
  const isWeb = /^http/.test(protocol);
  if (contact.test(href)) return ['contacts', 'contact_click', { kind: isWeb ? host : protocol }];
  const url = isWeb ? (host + pathname).slice(0, 300) : protocol;
  if (isDownload || (isWeb && files.test(pathname))) return ['downloads', 'file_download', { url }];
  return isWeb && plain(host) !== plain(ownHost) ? ['outbound', 'outbound_click', { url }] : undefined;
}

const plain = (host: string) => host.replace(/^www\./, '');
