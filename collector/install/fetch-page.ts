import type { AddressGuard } from '../webhooks/address-guard.ts';
import { type GuardedAnswer, guardedRequest } from '../webhooks/guarded-request.ts';

export type FetchedPage =
  | { url: URL; html: string; policies: string[] }
  /** `isPrivate`: an address this server may not call. `words` is a sentence. */
  | { isPrivate: boolean; words: string };

/** A person waits for it. */
const deadlineMs = 10_000;
/** The longest page by far has its forms before this. */
const maxPageBytes = 2 * 1024 * 1024;
/** Browsers give up after 20; a page that needs more than a few is not the one that was meant. */
const mostRedirects = 5;

/** The HTML of a page, read past redirects, each of which is checked like the first address. Never throws. */
export async function fetchPage(address: string, guard: AddressGuard): Promise<FetchedPage> {
  let url = new URL(address);
  for (let redirects = 0; redirects <= mostRedirects; redirects++) {
    const answer = await guardedRequest({
      method: 'GET',
      url: url.href,
      headers: { 'user-agent': 'Mozilla/5.0 (compatible; Telltale-Check/1)', accept: 'text/html' },
      guard,
      deadlineMs,
      maxBytes: maxPageBytes,
      keptBytes: maxPageBytes,
      peer: 'The server of the page',
    });
    if (answer.failure) return { isPrivate: answer.failure.kind === 'blocked', words: answer.failure.words };
    const { location } = answer.headers;
    if (!isRedirect(answer.status) || location === undefined) return toPage(answer, url);
    if (!URL.canParse(location, url.href)) return unreadable('The page leads to an address that is none.');
    url = new URL(location, url);
  }
  return unreadable('The page leads from one address to the next and never arrives.');
}

function toPage({ status, headers, body }: GuardedAnswer, url: URL): FetchedPage {
  if (status === null || status >= 400) return unreadable(`The page answered the server with ${status}.`);
  if (!/html/i.test(headers['content-type'] ?? 'text/html')) return unreadable('What is there is no HTML page.');
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
    return unreadable('The page came compressed, although it was asked not to.');
  }
  const policy = headers['content-security-policy'];
  return { url, html: body, policies: policy === undefined ? [] : [policy].flat() };
}

function isRedirect(status: number | null): boolean {
  return status !== null && [301, 302, 303, 307, 308].includes(status);
}

function unreadable(words: string): FetchedPage {
  return { isPrivate: false, words };
}
