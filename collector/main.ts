import type { Server } from 'node:http';
import { serve as listen, type ServerType } from '@hono/node-server';
import type { Hono } from 'hono';
import { createApp } from './app.ts';
import { runCli } from './cli/telltale.ts';
import type { Config } from './config.ts';
import { connectionsPerAddress, guardConnections, serverLimits, withDoor } from './connections.ts';
import { type Collector, openCollector } from './open-collector.ts';
import { createBeaconDoor } from './routes/beacon.ts';

/** How long a stopping server waits for what it has accepted to reach ClickHouse; what remains is shipped after the next start. */
const drainMs = 4_000;
/** Docker kills ten seconds after it asked. Everything accepted is on the disk, so nothing is lost by leaving. */
const exitDeadlineMs = 9_000;

/** The command line. The only place that reads the environment, listens and handles signals. */
export async function main(argv: string[]): Promise<void> {
  const io = { stdin: process.stdin, stdout: process.stdout, stderr: process.stderr };
  process.exitCode = await runCli(argv, process.env, io, { serve, openCollector });
}

/** Runs the server until a signal ends it. Throws one sentence when it cannot start. */
export async function serve(
  config: Config,
  options: {
    /** Everything is answering now; the text to print is the caller's business. */
    onReady?: (server: { collector: Collector; url: string }) => Promise<void>;
    demo?: boolean;
    afterInsert?: NonNullable<Parameters<typeof openCollector>[1]>['afterInsert'];
    /** Routes beside the product's own. */
    extraRoutes?: (collector: Collector) => Promise<Hono>;
  } = {},
): Promise<void> {
  const ended = new Promise<string>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  const { demo = false, afterInsert } = options;
  const collector = await openCollector(config, { serving: true, demo, ...(afterInsert ? { afterInsert } : {}) });
  let server: ServerType | undefined;
  try {
    const extra = await options.extraRoutes?.(collector);
    const { ingest, metrics } = collector;
    const listening = await listenOn(
      config,
      createApp(collector, extra ? { extra } : {}).fetch,
      config.roles.includes('collect')
        ? createBeaconDoor({ ingest, metrics, trustProxy: config.trustProxy })
        : () => false,
    );
    server = listening.server;
    guardConnections(server as Server, {
      maxConnections: config.maxConnections,
      perAddress: config.trustProxy > 0 ? Number.POSITIVE_INFINITY : connectionsPerAddress,
      metrics: collector.metrics,
    });
    const url = config.publicUrl ?? `http://${shown(config.host)}:${listening.port}`;
    collector.url = url;
    collector.folder.announce({ host: config.host, port: listening.port, publicUrl: url });
    collector.startWork();
    await options.onReady?.({ collector, url });
    const signal = await ended;
    collector.log.info({ signal }, 'stopping');
    setTimeout(() => process.exit(0), exitDeadlineMs).unref();
  } finally {
    await closeServer(server);
    await collector.close({ drainMs });
  }
}

function listenOn(
  { host, port }: Config,
  fetch: (request: Request, ...rest: never[]) => Response | Promise<Response>,
  takeBeacon: ReturnType<typeof createBeaconDoor>,
): Promise<{ server: ServerType; port: number }> {
  return new Promise((resolve, reject) => {
    const server = listen(
      {
        fetch: fetch as (request: Request) => Response | Promise<Response>,
        hostname: host,
        port,
        serverOptions: serverLimits,
        createServer: withDoor(takeBeacon),
      },
      (address) => resolve({ server, port: address.port }),
    );
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(new Error(whyNotListening(error, host, port), { cause: error })),
    );
  });
}

function whyNotListening(error: NodeJS.ErrnoException, host: string, port: number): string {
  if (error.code === 'EADDRINUSE')
    return `Port ${port} on ${host} is in use by another program. Stop it, or choose another port with --port.`;
  if (error.code === 'EACCES')
    return `Port ${port} needs more rights than this user has. Choose one above 1023 with --port.`;
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return `${host} is not an address of this machine. Choose another with --host.`;
  return `Cannot listen on ${host}:${port}: ${error.message}`;
}

/** The address a person can open: a server that listens on every address is reached on this machine as localhost. */
function shown(host: string): string {
  if (host === '0.0.0.0' || host === '::' || host === '127.0.0.1') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}

async function closeServer(server: ServerType | undefined): Promise<void> {
  if (!server) return;
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    // Idle keep-alive connections and live streams would hold the end for ever; requests under way get a moment.
    if ('closeIdleConnections' in server) server.closeIdleConnections();
    setTimeout(() => 'closeAllConnections' in server && server.closeAllConnections(), 1_000).unref();
  });
}
