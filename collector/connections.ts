import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import { addressBlock, isLoopback } from './ingest/client-address.ts';
import type { Metrics } from './metrics.ts';

/** What Node itself enforces. A visitor sends one small request: whoever takes longer than this for it only holds a connection. */
export const serverLimits = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  // TRICKY: Node looks for connections over these times only so often, by itself every 30 s.
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16_384,
} as const;

/** How to make a server whose requests go to `door` first, and on to the listener where it does not take them. */
export function withDoor(door: (request: IncomingMessage, response: ServerResponse) => boolean): typeof createServer {
  const create = (options: ServerOptions, listener?: RequestListener): Server =>
    createServer(options, (request, response) => {
      if (!door(request, response)) listener?.(request, response);
    });
  // Whoever serves calls it with options always.
  return create as typeof createServer;
}

/** A browser opens six connections; an office of 40 people behind one address has that many. */
export const connectionsPerAddress = 256;

/**
 * Bounds the connections of a server and counts what is refused. `perAddress` does not hold for this machine, nor behind proxies of
 * one's own, because all visitors share those addresses.
 */
export function guardConnections(
  server: Server,
  {
    maxConnections,
    perAddress,
    metrics,
    isShared = isLoopback,
  }: {
    maxConnections: number;
    perAddress: number;
    metrics: Pick<Metrics, 'connections' | 'connectionsRefused' | 'requestsUnreadable'>;
    /** Whether many visitors come from this address. */
    isShared?: (address: string) => boolean;
  },
): void {
  const open = new Map<string, number>();
  server.maxConnections = maxConnections;
  server.on('drop', () => metrics.connectionsRefused.inc({ limit: 'total' }));

  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const block = addressBlock(address.replace(/^::ffff:(?=\d+\.)/i, ''));
    const count = open.get(block) ?? 0;
    if (count >= perAddress && !isShared(address)) {
      metrics.connectionsRefused.inc({ limit: 'address' });
      socket.destroy();
      return;
    }
    open.set(block, count + 1);
    metrics.connections.inc();
    socket.once('close', () => {
      metrics.connections.dec();
      const left = (open.get(block) ?? 1) - 1;
      if (left === 0) open.delete(block);
      else open.set(block, left);
    });
  });

  // Whoever listens here answers instead of Node: the same answers, counted.
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const [why, status] = unreadable[error.code ?? ''] ?? malformed;
    metrics.requestsUnreadable.inc({ why });
    if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
    else socket.destroy();
  });
}

const malformed = ['malformed', '400 Bad Request'] as const;
const unreadable: Record<string, readonly [why: string, status: string]> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['too slow', '408 Request Timeout'],
  HPE_HEADER_OVERFLOW: ['headers too large', '431 Request Header Fields Too Large'],
  ECONNRESET: ['cut off', '400 Bad Request'],
};
