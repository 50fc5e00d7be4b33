import type { LookupFunction } from 'node:net';
import type { AddressGuard } from './address-guard.ts';
import { guardedRequest } from './guarded-request.ts';
import { parseRetryAfter } from './retry-schedule.ts';

/** Of the whole attempt. The specification asks for 15 to 30 s. */
export const attemptDeadlineMs = 15_000;
/** A receiver that answers more is cut off: the answer only tells that it worked. */
const maxResponseBytes = 64 * 1024;
/** What is kept of the answer for the log. */
const keptResponseBytes = 4 * 1024;

export interface PostResult {
  /** Null where no answer came. */
  status: number | null;
  /** Why it failed, in words; null for 2xx. */
  error: string | null;
  timedOut: boolean;
  ms: number;
  response: string;
  retryAfterMs: number | undefined;
  /** The receiver answers, and will never take this one message: it is not tried again, and says nothing about the endpoint. */
  isHopeless?: boolean;
}

export interface PostOptions {
  url: string;
  headers: Record<string, string>;
  body: string;
  guard: AddressGuard;
  deadlineMs?: number;
  lookup?: LookupFunction;
}

/** One POST to an address that a stranger chose; a redirect is a failure. Never throws: a failure is a result. */
export async function guardedPost(options: PostOptions): Promise<PostResult> {
  const { url, headers, body, guard, deadlineMs = attemptDeadlineMs, lookup } = options;
  const answer = await guardedRequest({
    method: 'POST',
    url,
    headers: {
      'user-agent': 'Telltale-Webhooks/1',
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      ...headers,
    },
    body,
    guard,
    deadlineMs,
    lookup,
    maxBytes: maxResponseBytes,
    keptBytes: keptResponseBytes,
    peer: 'The receiver',
  });
  const { status, failure, ms } = answer;
  return {
    status,
    error: failure ? failure.words : errorOfStatus(status),
    timedOut: failure?.kind === 'timeout',
    ms,
    response: answer.body,
    retryAfterMs: parseRetryAfter(answer.headers['retry-after'], Date.now()),
  };
}

function errorOfStatus(status: number | null): string | null {
  if (status === null) return 'No answer came.';
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400)
    return `The receiver answered ${status}. Redirects are not followed: use the final address.`;
  return `The receiver answered ${status}.`;
}
