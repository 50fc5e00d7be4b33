import type { Hono } from 'hono';
import type { Config } from '../config.ts';
import type { Collector, openCollector } from '../open-collector.ts';

/** Where a command reads and prints. Results go to `stdout`, everything else to `stderr`. */
export interface Io {
  stdin: NodeJS.ReadableStream;
  stdout: NodeJS.WritableStream;
  stderr: NodeJS.WritableStream;
}

/** What only `main.ts` may do: listen, handle signals. */
export interface Starters {
  /** Runs the server until a signal ends it. */
  serve: (
    config: Config,
    options?: {
      onReady?: (server: { collector: Collector; url: string }) => Promise<void>;
      demo?: boolean;
      extraRoutes?: (collector: Collector) => Promise<Hono>;
    },
  ) => Promise<void>;
  /** Opens everything on a data folder without listening. */
  openCollector: typeof openCollector;
}

/** What every command gets. */
export interface CliContext extends Starters {
  env: Readonly<Record<string, string | undefined>>;
  io: Io;
}
