import type { Server } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { requestId } from 'hono/request-id';
import { onTestFinished } from 'vitest';
import { guardConnections, serverLimits, withDoor } from '../../collector/connections.ts';
import { AppError } from '../../collector/errors.ts';
import { createBeaconDoor } from '../../collector/routes/beacon.ts';
import type { Env } from '../../collector/routes/env.ts';
import { ingestRoutes, serverIngestRoutes } from '../../collector/routes/ingest.ts';
import { type DoorOptions, firefox, openDoor } from './door.ts';

/** Both ingest routes before a door with a spool in memory. */
export async function openApp(options: DoorOptions & { trustProxy?: number } = {}) {
  const door = await openDoor(options);
  const app = new Hono<Env>();
  app.use(requestId());
  app.use('/api/*', async (c, next) => {
    c.set('site', door.site);
    await next();
  });
  app.onError((error, c) => {
    const { code, status } = error instanceof AppError ? error : new AppError('internal', { cause: error });
    return c.json({ error: { code } }, status);
  });
  app.route('/', ingestRoutes({ ingest: door.ingest, trustProxy: options.trustProxy ?? 0, metrics: door.metrics }));
  app.route('/api/v1/sites/site1/events', serverIngestRoutes({ ingest: door.ingest }));
  const beacon = (body: RequestInit['body'], headers: Record<string, string> = {}) =>
    app.request('/e', {
      method: 'POST',
      ...(body === undefined ? {} : { body }),
      headers: { 'content-type': 'text/plain', 'user-agent': firefox, ...headers },
      duplex: 'half',
    } as RequestInit);
  const server = (body: string, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
    app.request('/api/v1/sites/site1/events', { method: 'POST', body, headers });
  return { door, app, beacon, server };
}

/** A batch of the tracker, as text. */
export const batch = (...events: unknown[]) =>
  JSON.stringify({ v: 1, site: 'site1', visitor: 'ana', page: 'p', events });

/** The same over real HTTP, with the limits of the real server but for what is given. */
export async function listen(
  options: DoorOptions & { trustProxy?: number; limits?: Partial<Record<keyof typeof serverLimits, number>> } & Partial<
      Omit<Parameters<typeof guardConnections>[1], 'metrics'>
    > = {},
) {
  const { door, app } = await openApp(options);
  const takeBeacon = createBeaconDoor({
    ingest: door.ingest,
    metrics: door.metrics,
    trustProxy: options.trustProxy ?? 0,
  });
  const { server, port } = await new Promise<{ server: Server; port: number }>((resolve) => {
    const server = serve(
      {
        fetch: app.fetch,
        port: 0,
        hostname: '127.0.0.1',
        serverOptions: { ...serverLimits, ...options.limits },
        createServer: withDoor(takeBeacon),
      },
      ({ port }) => resolve({ server: server as Server, port }),
    );
  });
  const { maxConnections = 1_000, perAddress = 1_000, isShared } = options;
  guardConnections(server, { maxConnections, perAddress, metrics: door.metrics, ...(isShared ? { isShared } : {}) });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${port}`;
  return {
    door,
    server,
    port,
    url,
    post: (body: string | Uint8Array | ReadableStream, headers: Record<string, string> = {}) =>
      fetch(`${url}/e`, {
        method: 'POST',
        body,
        headers: { 'content-type': 'text/plain', 'user-agent': firefox, ...headers },
        duplex: 'half',
      } as RequestInit),
    /** A bare connection. `answer` is everything that came until its end. */
    dial(localAddress?: string) {
      const socket = connect({ port, host: '127.0.0.1', ...(localAddress ? { localAddress } : {}) });
      socket.on('error', () => {});
      return {
        socket,
        answer: text(socket).catch(() => ''),
        ended: new Promise<void>((done) => socket.once('close', () => done())),
      };
    },
  };
}
