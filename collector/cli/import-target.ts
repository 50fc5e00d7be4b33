import { setTimeout as sleep } from 'node:timers/promises';
import { parseConfig } from '../config.ts';
import { type RunFile, readRunFile } from '../data-folder.ts';
import type { HistoryLine } from '../import/history-event.ts';
import type { ImportSummary } from '../import/summary.ts';
import type { ImportStarted } from '../routes/import.ts';
import { toError, unknownSite } from './answer-error.ts';
import type { CliContext } from './context.ts';

/** Where events of the past go: the server that runs on the folder, else the folder itself. */
export interface ImportTarget {
  /** Scheme and host of the site, for files that name only paths. */
  origin: string;
  take(lines: readonly HistoryLine[]): Promise<void>;
  end(): Promise<ImportSummary>;
}

/** Runs `work`, and lets go of the folder afterwards. Throws one sentence for an unknown site. */
export async function withImportTarget<Result>(
  context: Pick<CliContext, 'env' | 'openCollector'>,
  options: { data?: string | undefined; site: string },
  work: (target: ImportTarget) => Promise<Result>,
): Promise<Result> {
  const config = parseConfig(context.env, { data: options.data });
  const running = readRunFile(config.dataFolder);
  if (running) return work(await targetOfServer(running, options.site));

  const collector = await context.openCollector({
    ...config,
    logLevel: config.logLevel === 'info' ? 'warn' : config.logLevel,
  });
  try {
    const site = collector.sites.byPublicId(options.site);
    if (!site) throw unknownSite(options.site);
    const run = await collector.imports.start(site);
    return await work({ origin: `https://${site.domains[0] ?? 'localhost'}`, take: run.take, end: run.end });
  } finally {
    await collector.close({ drainMs: 0 });
  }
}

/** While another import is being given up, the server is asked again this often. */
const startAttempts = 15;
/** A request carries about so much: enough that the way to the server does not count. */
const requestCharacters = 2 * 1024 * 1024;

async function targetOfServer(running: RunFile, site: string): Promise<ImportTarget> {
  const address = `${running.address}/api/v1/sites/${encodeURIComponent(site)}/import`;
  const post = async (path: string, body = ''): Promise<Response> => {
    const headers = { authorization: `Bearer ${running.token}`, 'content-type': 'text/plain; charset=utf-8' };
    return fetch(address + path, { method: 'POST', headers, body }).catch((cause: unknown) => {
      const message = `Telltale runs (process ${running.pid}) but does not answer on ${running.address}. Run the import again when it does: it goes on where it stopped.`;
      throw new Error(message, { cause });
    });
  };
  const ask = async (path: string, body?: string): Promise<Response> => {
    const response = await post(path, body);
    if (response.ok) return response;
    throw await toError(response, site);
  };
  const start = async (): Promise<ImportStarted> => {
    for (let attempt = 1; ; attempt++) {
      const response = await post('');
      if (response.ok) return (await response.json()) as ImportStarted;
      if (response.status !== 409 || attempt === startAttempts) throw await toError(response, site);
      await response.body?.cancel();
      await sleep(1_000);
    }
  };
  const { id, origin } = await start();

  let body = '';
  let sending: Promise<unknown> = Promise.resolve();
  const send = async () => {
    await sending;
    sending = ask(`/${id}`, body).then((response) => response.body?.cancel());
    // Whoever sends next, or ends, sees the failure.
    sending.catch(() => undefined);
    body = '';
  };
  return {
    origin,
    async take(lines) {
      for (const { number, text, event } of lines) {
        body += `${number}\t${text ?? JSON.stringify(event)}\n`;
        if (body.length >= requestCharacters) await send();
      }
    },
    async end() {
      if (body !== '') await send();
      await sending;
      return (await (await ask(`/${id}/end`)).json()) as ImportSummary;
    },
  };
}
