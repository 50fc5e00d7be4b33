import dns from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { RequestFilteringHttpAgent, RequestFilteringHttpsAgent } from 'request-filtering-agent';
import { AppError, errorCatalogue } from '../errors.ts';
import type { AddressGuard } from './address-guard.ts';

/** What stops reading, because the rest of an endless answer is nobody's business. */
interface BodyLimits {
  /** Of the answer, bytes: it is cut off there, which is no failure. */
  maxBytes: number;
  /** Its beginning that is kept, bytes. */
  keptBytes: number;
}

export interface GuardedRequest extends BodyLimits {
  method: 'GET' | 'POST';
  url: string;
  headers: Record<string, string>;
  body?: string;
  guard: AddressGuard;
  /** Of everything: name, connection, TLS, headers and body. */
  deadlineMs: number;
  lookup?: LookupFunction | undefined;
  /** Who is asked, at the start of a sentence: `The receiver`. */
  peer: string;
}

export interface GuardedAnswer {
  /** Null where no answer came. */
  status: number | null;
  headers: http.IncomingHttpHeaders;
  body: string;
  ms: number;
  /** Why there is no whole answer; null where there is one, whatever its status. */
  failure: { kind: 'blocked' | 'timeout' | 'network'; words: string } | null;
}

/**
 * One request to an address that a stranger chose. Redirects are not followed; a private or reserved address is never dialled:
 * the address that is checked is the address that is connected to, so a name that changes its mind in between wins nothing.
 * Never throws: a failure is a result.
 */
export function guardedRequest(options: GuardedRequest): Promise<GuardedAnswer> {
  const { deadlineMs, maxBytes, keptBytes, peer } = options;
  const started = performance.now();
  return new Promise((resolve) => {
    let answer: http.IncomingMessage | undefined;
    const chunks: Buffer[] = [];
    let request: http.ClientRequest | undefined;
    let isSettled = false;

    const settle = (failure: GuardedAnswer['failure']) => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(deadline);
      request?.destroy();
      resolve({
        status: answer?.statusCode ?? null,
        headers: answer?.headers ?? {},
        body: Buffer.concat(chunks).subarray(0, keptBytes).toString('utf8'),
        ms: Math.round(performance.now() - started),
        failure,
      });
    };
    const fail = (error: unknown) => settle(toFailure(error, peer));
    const deadline = setTimeout(
      () => settle({ kind: 'timeout', words: `No complete answer within ${deadlineMs / 1000} s.` }),
      deadlineMs,
    );

    try {
      request = open(options);
    } catch (error) {
      fail(error);
      return;
    }
    request.on('error', fail);
    request.on('response', (response) => {
      answer = response;
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        if (bytes < keptBytes) chunks.push(chunk);
        bytes += chunk.length;
        if (bytes > maxBytes) settle(null);
      });
      response.on('end', () => settle(null));
      response.on('error', fail);
      response.on('close', () =>
        settle(response.complete ? null : { kind: 'network', words: 'The connection broke off.' }),
      );
    });
    request.end(options.body);
  });
}

function open({ method, url, headers, lookup = dns.lookup, guard }: GuardedRequest): http.ClientRequest {
  const target = new URL(url);
  refuseLiteral(target, guard);
  /** Filled with the private addresses that the operator's list lets through, because the agent would refuse them. */
  const listed: string[] = [];
  const host = hostOf(target);
  if (isIP(host) !== 0 && guard.isListed(host)) listed.push(host);
  const agentOptions = { keepAlive: false, allowIPAddressList: listed };
  const isHttps = target.protocol === 'https:';
  return (isHttps ? https : http).request(target, {
    method,
    // Two guards: this agent and our own table, which also knows NAT64, 6to4 and all IPv6 outside of 2000::/3.
    agent: isHttps ? new RequestFilteringHttpsAgent(agentOptions) : new RequestFilteringHttpAgent(agentOptions),
    lookup: guardedLookup(lookup, guard, listed),
    // Nothing is unpacked: 50 kB can become 50 MB.
    headers: { accept: '*/*', 'accept-encoding': 'identity', ...headers },
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
    super(errorCatalogue.blocked_address[1]);
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

const networkErrors: Record<string, (peer: string) => string> = {
  ECONNREFUSED: (peer) => `${peer} refused the connection.`,
  ECONNRESET: () => 'The connection broke off.',
  ENOTFOUND: (peer) => `The name of ${lowered(peer)} is not known.`,
  EAI_AGAIN: (peer) => `The name of ${lowered(peer)} could not be looked up.`,
  EHOSTUNREACH: (peer) => `${peer} cannot be reached.`,
  ENETUNREACH: (peer) => `${peer} cannot be reached.`,
  EPROTO: (peer) => `${peer} does not speak TLS. Is its address http://?`,
  ERR_SSL_WRONG_VERSION_NUMBER: (peer) => `${peer} does not speak TLS. Is its address http://?`,
  CERT_HAS_EXPIRED: (peer) => `The certificate of ${lowered(peer)} has expired.`,
  DEPTH_ZERO_SELF_SIGNED_CERT: (peer) => `The certificate of ${lowered(peer)} is not trusted.`,
  ERR_TLS_CERT_ALTNAME_INVALID: (peer) => `The certificate of ${lowered(peer)} is for another name.`,
};

function toFailure(error: unknown, peer: string): GuardedAnswer['failure'] {
  const { code, message } = error as NodeJS.ErrnoException;
  // The agent speaks of look-ups and prints the address; the person who reads this wants to know what to change.
  if (error instanceof BlockedAddress || /is not allowed/.test(message)) {
    return { kind: 'blocked', words: new BlockedAddress().message };
  }
  const known = code ? networkErrors[code] : undefined;
  const words = known?.(peer) ?? (code ? `The request failed (${code}).` : `The request failed: ${message}`);
  return { kind: 'network', words };
}

/** Inside a sentence. */
function lowered(peer: string): string {
  return peer.charAt(0).toLowerCase() + peer.slice(1);
}
