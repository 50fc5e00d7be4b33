import { setTimeout as sleep } from 'node:timers/promises';
import { Hono } from 'hono';
import { parseConfig } from '../config.ts';
import { type RunFile, readRunFile } from '../data-folder.ts';
import type { Collector } from '../open-collector.ts';
import type { Env } from '../routes/env.ts';
import { type ExportFormat, exportRoutes } from '../routes/export.ts';
import { toError, unknownSite } from './answer-error.ts';
import type { CliContext } from './context.ts';

/** The events of one site: those of the server that runs on the folder, else of the folder itself. */
export interface SiteData {
  read(options: {
    format: ExportFormat;
    from?: string | undefined;
    to?: string | undefined;
  }): Promise<AsyncIterable<Uint8Array>>;
}

/** While a server is short of space or busy, it is asked again this often before the command gives up. */
const attempts = 5;

/** Runs `work`, and lets go of the folder when everything it took has arrived. Throws one sentence for an unknown site. */
export async function withSiteData<Result>(
  context: Pick<CliContext, 'env' | 'openCollector'>,
  options: { data?: string | undefined; site: string },
  work: (data: SiteData) => Promise<Result>,
): Promise<Result> {
  const config = parseConfig(context.env, { data: options.data });
  const running = readRunFile(config.dataFolder);
  if (running) return work(dataOfServer(running, options.site));

  const collector = await context.openCollector({
    ...config,
    logLevel: config.logLevel === 'info' ? 'warn' : config.logLevel,
  });
  try {
    return await work(dataOfFolder(collector, options.site));
  } finally {
    await collector.close({ drainMs: 0 });
  }
}

function dataOfServer(running: RunFile, site: string): SiteData {
  const address = `${running.address}/api/v1/sites/${encodeURIComponent(site)}`;
  const ask = async (path: string) => {
    const headers = { authorization: `Bearer ${running.token}` };
    for (let attempt = 1; ; attempt++) {
      const response = await fetch(address + path, { headers }).catch((cause: unknown) => {
        throw new Error(`Telltale runs (process ${running.pid}) but does not answer on ${running.address}.`, { cause });
      });
      if (response.ok) return response;
      const busy = response.status === 429 || response.status === 503;
      if (!busy || attempt === attempts) throw await toError(response, site);
      await sleep(Math.min(Number(response.headers.get('retry-after') ?? 1), 30) * 1_000);
    }
  };
  return {
    async read(options) {
      const response = await ask(`/export?${parametersOf(options)}`);
      return bodyOf(response);
    },
  };
}

function dataOfFolder(collector: Collector, site: string): SiteData {
  const record = collector.sites.byPublicId(site);
  if (!record) throw unknownSite(site);
  // The server's own route, called in this process.
  const app = new Hono<Env>();
  app.onError((error) => {
    throw error;
  });
  app.use(async (c, next) => {
    c.set('site', record);
    await next();
  });
  app.route('/', exportRoutes({ clickhouse: collector.clickhouse }));
  return {
    async read(options) {
      return bodyOf(await app.request(`/export?${parametersOf(options)}`));
    },
  };
}

function bodyOf(response: Response): AsyncIterable<Uint8Array> {
  // Not every type library says so, but a body can be iterated.
  return (response.body ?? new ReadableStream()) as unknown as AsyncIterable<Uint8Array>;
}

function parametersOf(options: Record<string, string | undefined>): URLSearchParams {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(options)) if (value !== undefined) parameters.set(name, value);
  return parameters;
}
