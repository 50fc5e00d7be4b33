import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { defineCommand } from 'citty';
import { findEngineLibrary } from '../clickhouse/engine-library.ts';
import { type Config, ConfigError, parseConfig } from '../config.ts';
import { readRunFile, stateFileName } from '../data-folder.ts';
import { dataArgument, jsonArgument } from './arguments.ts';
import { columns } from './columns.ts';
import type { CliContext } from './context.ts';
import { errorSentence } from './error-sentence.ts';
import { readSpool } from './spool.ts';

/** One thing that must be right, what was found, and, where it is wrong, what to do. */
export interface Check {
  name: string;
  ok: boolean;
  detail: string;
}

/** Room for a few days of events and for the merges of the engine. */
const enoughFreeBytes = 1024 ** 3;
/** Events further off than that are still counted, but in the wrong minute. */
const clockToleranceMs = 5_000;
const patienceMs = 5_000;

export function doctorCommand({ env, io }: CliContext) {
  return defineCommand({
    meta: { name: 'telltale doctor', description: 'Check whether this machine can run Telltale.' },
    args: { port: { type: 'string', description: 'Port to check (8400)' }, ...dataArgument, ...jsonArgument },
    async run({ args: { port, data, json } }) {
      const { config, checks: settings } = readSettings(env, { port, data });
      const checks = [
        checkNode(process.versions.node),
        ...settings,
        checkFolder(config.dataFolder),
        await checkDisk(config.dataFolder),
        ...(config.clickhouse ? await checkClickHouse(config.clickhouse) : [...checkEngine(), checkOwnClock(config)]),
        ...(await checkSpool(config.dataFolder)),
        await checkServer(config),
      ];
      if (json) io.stdout.write(`${JSON.stringify({ ok: checks.every(({ ok }) => ok), checks })}\n`);
      else io.stdout.write(columns(checks.map(({ name, ok, detail }) => [ok ? 'ok' : 'WRONG', name, detail])));
      const wrong = checks.filter(({ ok }) => !ok).length;
      if (wrong > 0) throw new Error(`${wrong} of ${checks.length} checks failed.`);
    },
  });
}

function readSettings(env: CliContext['env'], flags: { port?: string | undefined; data?: string | undefined }) {
  try {
    return { config: parseConfig(env, flags), checks: [{ name: 'settings', ok: true, detail: 'all can be read' }] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const checks = error.problems.map(({ path, message }) => ({
      name: 'settings',
      ok: false,
      detail: `${path}: ${message}`,
    }));
    return { config: parseConfig({ TELLTALE_DATA: env.TELLTALE_DATA }, { data: flags.data }), checks };
  }
}

export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const ok = major > 20 || (major === 20 && minor >= 19);
  return { name: 'node', ok, detail: ok ? version : `${version} is too old. Install Node 20.19 or newer.` };
}

export function checkFolder(dataFolder: string): Check {
  const name = 'data folder';
  const path = resolve(dataFolder);
  const existing = nearestExisting(path);
  try {
    accessSync(existing, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return {
      name,
      ok: false,
      detail: `${existing} may not be written by this user. Change its owner, or choose another with --data.`,
    };
  }
  if (existing !== path) return { name, ok: true, detail: `${path} will be made` };
  const { mode } = statSync(path);
  if ((mode & 0o077) !== 0) {
    return { name, ok: false, detail: `${path} can be opened by other users of this machine. Run: chmod 700 ${path}` };
  }
  return { name, ok: true, detail: path };
}

async function checkDisk(dataFolder: string): Promise<Check> {
  const { bavail, bsize } = await statfs(nearestExisting(resolve(dataFolder)));
  const free = bavail * bsize;
  const detail = `${(free / 1024 ** 3).toFixed(1)} GiB free`;
  const ok = free >= enoughFreeBytes;
  return { name: 'disk', ok, detail: ok ? detail : `${detail}. Make room: at least 1 GiB is needed.` };
}

function checkEngine(): Check[] {
  const library = attempt('event database', () => {
    findEngineLibrary();
    return 'built in';
  });
  if (process.platform !== 'linux' || process.arch !== 'x64') return [library];
  return [library, checkProcessor(readFileSync('/proc/cpuinfo', 'utf8'))];
}

/** ClickHouse is built for processors with SSE 4.2 (2008 and later); some virtual machines hide it. */
export function checkProcessor(cpuinfo: string): Check {
  const ok = /^flags\s*:.*\bsse4_2\b/m.test(cpuinfo);
  const detail = ok
    ? 'has SSE 4.2'
    : 'lacks SSE 4.2, which ClickHouse needs. On a virtual machine choose the CPU type "host", else set CLICKHOUSE_URL.';
  return { name: 'processor', ok, detail };
}

async function checkClickHouse({ url, user, password }: NonNullable<Config['clickhouse']>): Promise<Check[]> {
  const name = 'event database';
  try {
    const response = await fetch(`${url}/?query=SELECT%20version()`, {
      headers: { 'x-clickhouse-user': user, 'x-clickhouse-key': password },
      signal: AbortSignal.timeout(patienceMs),
    });
    const text = (await response.text()).trim();
    if (!response.ok) return [{ name, ok: false, detail: `${url} refuses: ${text.split('\n')[0]?.slice(0, 200)}` }];
    const date = Date.parse(response.headers.get('date') ?? '');
    const reached = { name, ok: true, detail: `ClickHouse ${text} at ${url}` };
    return Number.isNaN(date) ? [reached] : [reached, checkClock(Date.now(), date)];
  } catch {
    return [{ name, ok: false, detail: `${url} does not answer. Start ClickHouse, or correct CLICKHOUSE_URL.` }];
  }
}

/** Both in milliseconds; the header of HTTP leaves out the fraction of its second. */
export function checkClock(ours: number, theirs: number): Check {
  const apart = Math.abs(ours - theirs);
  const ok = apart <= clockToleranceMs;
  const detail = ok
    ? 'agrees with ClickHouse'
    : `${Math.round(apart / 1000)} seconds apart from ClickHouse. Turn on time synchronisation on both machines.`;
  return { name: 'clock', ok, detail };
}

/** Nothing tells the time but this machine itself: what it wrote lately must not lie in the future. */
function checkOwnClock({ dataFolder }: Config): Check {
  const name = 'clock';
  const state = join(resolve(dataFolder), stateFileName);
  const ahead = existsSync(state) ? statSync(state).mtimeMs - Date.now() : 0;
  if (ahead <= clockToleranceMs) return { name, ok: true, detail: new Date().toISOString() };
  const detail = `was set back: the state store was written ${Math.round(ahead / 1000)} seconds from now. Turn on time synchronisation.`;
  return { name, ok: false, detail };
}

async function checkSpool(dataFolder: string): Promise<Check[]> {
  const name = 'spool';
  const folder = join(resolve(dataFolder), 'spool');
  if (!existsSync(folder)) return [];
  try {
    const { pendingRows, pendingSegments, quarantinedRows } = await readSpool(folder, 'pending');
    const detail = `${pendingRows} events wait for ClickHouse in ${pendingSegments} segments, ${quarantinedRows} are set aside`;
    const help = `. Look at the reasons in ${join(folder, 'quarantine')}.`;
    return [{ name, ok: quarantinedRows === 0, detail: quarantinedRows === 0 ? detail : detail + help }];
  } catch (error) {
    return [{ name, ok: false, detail: errorSentence(error) }];
  }
}

async function checkServer(config: Config): Promise<Check> {
  const running = readRunFile(config.dataFolder);
  if (!running) return checkPort(config.host, config.port);
  const name = 'server';
  try {
    const response = await fetch(`${running.address}/readyz`, { signal: AbortSignal.timeout(patienceMs) });
    const { status, ...parts } = (await response.json()) as Record<string, string>;
    if (response.ok) return { name, ok: true, detail: `${status} at ${running.url}` };
    return {
      name,
      ok: false,
      detail: Object.entries(parts)
        .map((part) => part.join(': '))
        .join('; '),
    };
  } catch {
    return {
      name,
      ok: false,
      detail: `process ${running.pid} does not answer on ${running.address}. Look at its log.`,
    };
  }
}

function checkPort(host: string, port: number): Promise<Check> {
  const name = 'port';
  return new Promise((answer) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) => {
      const why = error.code === 'EADDRINUSE' ? 'is in use by another program' : `cannot be opened (${error.code})`;
      answer({ name, ok: false, detail: `${port} on ${host} ${why}. Choose another with --port.` });
    });
    probe.listen(port, host, () => probe.close(() => answer({ name, ok: true, detail: `${port} on ${host} is free` })));
  });
}

function attempt(name: string, work: () => string): Check {
  try {
    return { name, ok: true, detail: work() };
  } catch (error) {
    return { name, ok: false, detail: errorSentence(error) };
  }
}

function nearestExisting(path: string): string {
  let found = path;
  while (!existsSync(found)) found = dirname(found);
  return found;
}
