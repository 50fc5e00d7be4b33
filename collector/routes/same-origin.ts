import { AppError } from '../errors.ts';

/** The parts of a request that tell whether our own pages sent it. */
export interface RequestOrigin {
  method: string;
  /** Header `Origin`. */
  origin: string | undefined;
  /** Header `Sec-Fetch-Site`: set by the browser itself, pages cannot change it. */
  fetchSite: string | undefined;
  contentType: string | undefined;
  hasBody: boolean;
}

/**
 * Throws unless a request that changes something comes from our own pages. `ownOrigins` are the origins under which this request
 * reached us. A browser that sends `Sec-Fetch-Site` is judged by it, the others by `Origin`; a request with neither is refused.
 */
export function refuseCrossSite(request: RequestOrigin, ownOrigins: readonly string[]): void {
  if (/^(GET|HEAD|OPTIONS)$/.test(request.method)) return;
  const { origin, fetchSite } = request;
  const ours =
    origin === 'null'
      ? false
      : fetchSite === undefined
        ? origin !== undefined && ownOrigins.includes(origin)
        : fetchSite === 'same-origin';
  if (!ours) throw new AppError('cross_site');
  refuseForms(request);
}

/** What no page of another site can send without the browser asking us first: JSON, and the tables and photos that are sent as they are. */
const ownTypes = /^(application\/(json|octet-stream)|text\/csv|image\/[\w.+-]+)\s*(;|$)/i;

/** A form on any page can send text or form fields here without asking first. */
export function refuseForms({ contentType, hasBody }: Pick<RequestOrigin, 'contentType' | 'hasBody'>): void {
  if (hasBody && !ownTypes.test(contentType ?? '')) throw new AppError('unsupported_media_type');
}
