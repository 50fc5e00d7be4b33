import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { limits } from '../contract/limits.ts';
import { clientAddress } from '../ingest/client-address.ts';
import type { BeaconReply, Ingest } from '../ingest/ingest.ts';
import type { Metrics } from '../metrics.ts';

export interface BeaconDependencies {
  ingest: Pick<Ingest, 'beacon'>;
  trustProxy: number;
  metrics: Pick<Metrics, 'proxyHeadersIgnored' | 'httpSeconds'>;
}

/** A beacon as either way in brings it. */
interface Beacon {
  /** Undefined: larger than a beacon may be. */
  body: Uint8Array | undefined;
  /** Value of a request header by its lower-case name. */
  header: (name: string) => string | undefined;
  /** Address of the other end of the socket; empty where there is none, as in tests. */
  socket: string;
  requestId: () => string;
}

interface BeaconAnswer {
  status: BeaconReply['status'];
  headers: Record<string, string>;
  text: string;
}

/** Open to every page, because the site's domains decide what is kept; never with credentials. */
const toEveryPage = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'x-telltale-dropped, retry-after',
  'content-type': 'application/json',
  'x-content-type-options': 'nosniff',
};
/** One byte over the limit stands for all bodies over it. */
const tooLarge = new Uint8Array(limits.beaconBytes + 1);

/** What `POST /e` answers. */
export async function answerBeacon(
  { ingest, trustProxy, metrics }: BeaconDependencies,
  { body = tooLarge, header, socket, requestId }: Beacon,
): Promise<BeaconAnswer> {
  const forwardedFor = header('x-forwarded-for');
  if (trustProxy === 0 && forwardedFor !== undefined) metrics.proxyHeadersIgnored.inc();
  const reply = await ingest.beacon({
    body,
    contentType: header('content-type'),
    header,
    address: clientAddress({ socket, forwardedFor, trustProxy }),
  });
  const headers: Record<string, string> = { ...toEveryPage };
  if (reply.dropped) headers['x-telltale-dropped'] = reply.dropped;
  if (reply.retryAfterSeconds !== undefined) headers['retry-after'] = String(reply.retryAfterSeconds);
  const answer = 'error' in reply.answer ? { ...reply.answer, requestId: requestId() } : reply.answer;
  return { status: reply.status, headers, text: JSON.stringify(answer) };
}

/** What is still read of a body that is too large, so that its sender gets to read the answer. */
const lingerBytes = 64 * 1024;
const lingerMs = 500;

/**
 * Takes `POST /e` straight from the socket and answers whether it did: nearly every request is one, and the way through the router
 * costs more than everything that is done with the event.
 */
export function createBeaconDoor(
  dependencies: BeaconDependencies,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const { httpSeconds } = dependencies.metrics;
  const together = gather();
  return (request, response) => {
    if (request.method !== 'POST' || request.url !== '/e') return false;
    const end = httpSeconds.startTimer();
    void readBody(request).then(async (body) => {
      if (body === 'cut off') return;
      await together();
      const { status, headers, text } = await answerBeacon(dependencies, {
        body,
        header: (name) => request.headers[name] as string | undefined,
        socket: request.socket.remoteAddress ?? '',
        requestId: randomUUID,
      });
      if (response.destroyed) return;
      response.writeHead(status, {
        ...headers,
        'content-length': Buffer.byteLength(text),
        ...(body ? {} : { connection: 'close' }),
      });
      response.end(text);
      if (!body) linger(request);
      end({ method: 'POST', route: '/e', status: String(status) });
    });
    return true;
  };
}

/**
 * Resolves at once for all who call it within two turns of the event loop. Many events one after the other take a third less time than each
 * between the requests of others, because the processor still has in its caches what they need; one alone waits for no more than
 * a fraction of a millisecond.
 */
function gather(): () => Promise<void> {
  let together: Promise<void> | undefined;
  return () => {
    together ??= (async () => {
      await nextTurn();
      await nextTurn();
      together = undefined;
    })();
    return together;
  };
}

/** The whole body; undefined as soon as it is known to be too large. */
function readBody(request: IncomingMessage): Promise<Uint8Array | undefined | 'cut off'> {
  // Node ends a body at its stated length, so it cannot be larger than that.
  if (Number(request.headers['content-length'] ?? 0) > limits.beaconBytes) return Promise.resolve(undefined);
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let size = 0;
    request.on('data', (piece: Buffer) => {
      size += piece.length;
      if (size > limits.beaconBytes) {
        request.pause();
        request.removeAllListeners('data');
        resolve(undefined);
      } else {
        pieces.push(piece);
      }
    });
    request.once('end', () => resolve(pieces.length === 1 ? pieces[0] : Buffer.concat(pieces)));
    request.once('close', () => resolve('cut off'));
    request.once('error', () => resolve('cut off'));
  });
}

/** TRICKY: a socket that is closed with unread bytes in it is reset, and the answer with it. So a little more is read, and forgotten. */
function linger(request: IncomingMessage): void {
  const { socket } = request;
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  timer.unref();
  let left = lingerBytes;
  request.on('data', (piece: Buffer) => {
    left -= piece.length;
    if (left < 0) socket.destroy();
  });
  request.resume();
  socket.once('close', () => clearTimeout(timer));
}
