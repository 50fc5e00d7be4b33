import { pagePath } from './page-path.ts';

/** A page's address, and what a row keeps of it. */
export interface PageUrl {
  url: URL;
  /** '' where a server names only a path. */
  host: string;
  /** Scheme, host and port; '' without a host. */
  origin: string;
  path: string;
}

/** The parsed address of a page, or undefined where it is none. A server may name only a path. */
export type PageUrls = (text: string, from: 'page' | 'server') => PageUrl | undefined;

/** Stands for "no host" where a server names only a path; it can never be a real one. */
const nowhere = 'nowhere.invalid';

/** A site has few pages, and taking an address apart costs twenty times as much as finding it again. */
const remembered = 5_000;

/** Parses page addresses, and remembers the latest. Nobody may change what it gives out. */
export function createPageUrls(): PageUrls {
  let known = new Map<string, PageUrl>();
  return (text, from) => {
    const found = known.get(text);
    if (found && (from === 'server' || found.host !== '')) return found;
    const url = parse(text, from);
    if (!url) return undefined;
    const host = url.hostname === nowhere ? '' : url.hostname.toLowerCase();
    const page = { url, host, origin: host === '' ? '' : url.origin, path: pagePath(url) };
    if (known.size >= remembered) known = new Map();
    known.set(text, page);
    return page;
  };
}

function parse(text: string, from: 'page' | 'server'): URL | undefined {
  if (from === 'server' && /^\/(?!\/)/.test(text)) {
    return URL.canParse(text, `http://${nowhere}`) ? new URL(text, `http://${nowhere}`) : undefined;
  }
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : undefined;
}
