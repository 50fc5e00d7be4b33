import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { clientAddress } from '../ingest/client-address.ts';

/** Who asks, past our own proxies; empty where the request did not come through a socket, as in tests. */
export function callerAddress(c: Context, trustProxy: number): string {
  return clientAddress({
    socket: socketAddress(c),
    forwardedFor: c.req.header('x-forwarded-for'),
    trustProxy,
  });
}

/** The other end of the connection; empty where there is none, as in tests. */
export function socketAddress(c: Context): string {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>;
  return incoming?.socket.remoteAddress ?? '';
}
