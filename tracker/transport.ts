export interface Answer {
  /** Whether the same body may be taken another time: 429, 5xx, no answer at all. Any other refusal would stay one. */
  _retry: boolean;
  /** For `telltale('debug')`. */
  _words: string;
}

/**
 * Posts bodies, as text: `text/plain` needs no preflight and has none of its failures (https://github.com/w3c/beacon/issues/10).
 * Normally by fetch, which is answered and outlives the page. When the page is gone by beacon, which Safari delivers more surely
 * (https://github.com/medama-io/medama/issues/85), or fetch where the beacon is refused.
 *
 * TRICKY: fetch may be anything the page put there. It is taken once, before the page changes it under way; where it fails, the beacon
 * on leaving is what is left.
 */
export function createTransport(endpoint: string): (body: string, gone: boolean) => Promise<Answer> {
  const fetch = window.fetch;
  return async (body, gone) => {
    try {
      if (gone && navigator.sendBeacon(endpoint, body)) return { _retry: false, _words: 'beacon' };
      const { status, headers } = await fetch(endpoint, { method: 'POST', body, keepalive: true, credentials: 'omit' });
      return {
        _retry: status === 429 || status >= 500,
        _words: `${status} ${headers.get('x-telltale-dropped') || ''}`,
      };
    } catch {
      return { _retry: true, _words: 'failed' };
    }
  };
}
