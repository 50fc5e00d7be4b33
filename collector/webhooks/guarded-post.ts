import dns from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';
import { AppError } from '../errors.ts';
import type { AddressGuard } from './address-guard.ts';
import { parseRetryAfter } from './retry-schedule.ts';

/** Of the whole attempt: name, connection, TLS, headers and body. The specification asks for 15 to 30 s. */
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
}

export interface PostOptions {
  url: string;
  headers: Record<string, string>;
  body: string;
  guard: AddressGuard;
  deadlineMs?: number;
  lookup?: LookupFunction;
}

/**
 * One POST to an address that a stranger chose. Redirects are never followed; a private or reserved address is never dialled:
 * the address that is checked is the address that is connected to, so a name that changes its mind in between wins nothing.
 * Never throws: a failure is a result.
 */
export function guardedPost(options: PostOptions): Promise<PostResult> {
  const { guard, deadlineMs = attemptDeadlineMs } = options;
  const started = performance.now();
  return new Promise((resolve) => {
    let status: number | null = null;
    let retryAfterMs: number | undefined;
    const chunks: Buffer[] = [];
    let request: http.ClientRequest | undefined;
    let isSettled = false;

    const settle = (failure: { error: string; timedOut?: boolean } | undefined) => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(deadline);
      request?.destroy();
      const text = Buffer.concat(chunks).subarray(0, keptResponseBytes).toString('utf8');
      resolve({
        status,
        error: failure ? failure.error : errorOfStatus(status),
        timedOut: failure?.timedOut ?? false,
        ms: Math.round(performance.now() - started),
        response: text,
        retryAfterMs,
      });
    };
    const deadline = setTimeout(
      () => settle({ error: `No complete answer within ${deadlineMs / 1000} s.`, timedOut: true }),
      deadlineMs,
    );

    try {
      request = open(options, guard);
    } catch (error) {
      settle({ error: wordsOf(error) });
      return;
    }
    request.on('error', (error) => settle({ error: wordsOf(error) }));
    request.on('response', (response) => {
      status = response.statusCode ?? null;
      retryAfterMs = parseRetryAfter(response.headers['retry-after'], Date.now());
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        if (bytes < keptResponseBytes) chunks.push(chunk);
        bytes += chunk.length;
        // The status has been heard; the rest of an endless body is nobody's business.
        if (bytes > maxResponseBytes) settle(undefined);
      });
      response.on('end', () => settle(undefined));
      response.on('error', (error) => settle({ error: wordsOf(error) }));
      response.on('close', () => settle(response.complete ? undefined : { error: 'The connection broke off.' }));
    });
    request.end(options.body);
  });
}

function open({ url, headers, body, lookup = dns.lookup }: PostOptions, guard: AddressGuard): http.ClientRequest {
  const target = new URL(url);
  refuseLiteral(target, guard);
  /** Filled with the private addresses that the operator's list lets through, because the agent would refuse them. */
  const listed: string[] = [];
  const host = hostOf(target);
  if (isIP(host) !== 0 && guard.isListed(host)) listed.push(host);
  const agentOptions = { keepAlive: false, allowIPAddressList: listed };
  const isHttps = target.protocol === 'https:';
  return (isHttps ? https : http).request(target, {
    method: 'POST',
    // Two guards: this agent and our own table, which also knows NAT64, 6to4 and all IPv6 outside of 2000::/3.
    agent: isHttps ? new RequestFilteringHttpsAgent(agentOptions) : new RequestFilteringHttpAgent(agentOptions),
    lookup: guardedLookup(lookup, guard, listed),
    headers: {
      'user-agent': 'Telltale-Webhooks/1',
      accept: '*/*',
      'accept-encoding': 'identity',
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      ...headers,
    },
  });
}

/** Refuses a name as soon as one of its addresses is private: which of them is dialled is up to the machine. */
function guardedLookup(lookup: LookupFunction, guard: AddressGuard, listed: string[]): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, options, (error, address, family) => {
      if (error) return callback(error, address, family);
      const addresses = typeof address === 'string' ? [address] : address.map((entry) => entry.address);
      if (!addresses.every((one) => guard.allows(one))) return callback(new BlockedAddress(), address, family);
      listed.push(...addresses.filter((one) => guard.isListed(one)));
      callback(null, address, family);
    });
  };
}

class BlockedAddress extends Error {
  constructor() {
    super('This address is private or reserved, and webhooks must not reach it.');
  }
}

function refuseLiteral(target: URL, guard: AddressGuard): void {
  if (target.protocol !== 'http:' && target.protocol !== 'https:') throw new BlockedAddress();
  const host = hostOf(target);
  if (isIP(host) !== 0 && !guard.allows(host)) throw new BlockedAddress();
  // This machine by definition (RFC 6761), whatever its resolver makes of the spelling.
  const isLocalhost = host === 'localhost' || host.endsWith('.localhost');
  if (isLocalhost && !guard.isListed('127.0.0.1') && !guard.isListed('::1')) throw new BlockedAddress();
}

/** TRICKY: a trailing dot or brackets must not hide an address from `isIP`. */
function hostOf(target: URL): string {
  return target.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

/**
 * The check when an endpoint is saved or tested, so that a mistake is told at once. Throws `blocked_address`. A name that does
 * not resolve yet is let through: each attempt checks again.
 */
export async function refuseBlockedUrl(
  url: string,
  { guard, lookup = dns.lookup }: { guard: AddressGuard; lookup?: LookupFunction },
): Promise<void> {
  const target = new URL(url);
  try {
    refuseLiteral(target, guard);
  } catch (cause) {
    throw new AppError('blocked_address', { cause });
  }
  if (isIP(hostOf(target)) !== 0) return;
  const addresses = await new Promise<string[]>((resolve) => {
    lookup(hostOf(target), { all: true }, (error, found) => {
      if (error) resolve([]);
      else resolve(typeof found === 'string' ? [found] : found.map((entry) => entry.address));
    });
  });
  if (!addresses.every((address) => guard.allows(address))) throw new AppError('blocked_address');
}

function errorOfStatus(status: number | null): string | null {
  if (status === null) return 'No answer came.';
  if (status >= 200 && status < 300) return null;
  if (status >= 300 && status < 400)
    return `The receiver answered ${status}. Redirects are not followed: use the final address.`;
  return `The receiver answered ${status}.`;
}

const networkErrors: Record<string, string> = {
  ECONNREFUSED: 'The receiver refused the connection.',
  ECONNRESET: 'The connection broke off.',
  ENOTFOUND: 'The name of the receiver is not known.',
  EAI_AGAIN: 'The name of the receiver could not be looked up.',
  EHOSTUNREACH: 'The receiver cannot be reached.',
  ENETUNREACH: 'The receiver cannot be reached.',
  EPROTO: 'The receiver does not speak TLS. Is its address http://?',
  ERR_SSL_WRONG_VERSION_NUMBER: 'The receiver does not speak TLS. Is its address http://?',
  CERT_HAS_EXPIRED: "The receiver's certificate has expired.",
  DEPTH_ZERO_SELF_SIGNED_CERT: "The receiver's certificate is not trusted.",
  ERR_TLS_CERT_ALTNAME_INVALID: "The receiver's certificate is for another name.",
};

function wordsOf(error: unknown): string {
  if (error instanceof BlockedAddress) return error.message;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code && networkErrors[code]) return networkErrors[code];
  // The agent speaks of look-ups and prints the address; the person who reads this wants to know what to change.
  if (/is not allowed/.test(message)) return new BlockedAddress().message;
  return code ? `The request failed (${code}).` : `The request failed: ${message}`;
}
