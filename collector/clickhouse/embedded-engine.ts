import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Logger } from '../log.ts';
import { configXml, usersXml } from './engine-config.ts';
import { findEngineLibrary, processorTooOld } from './engine-library.ts';

export interface EmbeddedEngine {
  /** HTTP address on the loopback interface, the same over restarts of the child. */
  url: string;
  /** Account for inserts and DDL. */
  user: string;
  password: string;
  /** Account that may only read, with limits on time, memory and rows. */
  reader: { user: string; password: string };
  /** Process id of the running child; of the last one while it is being restarted. */
  pid(): number;
  /** Ends the child and does not restart it. Close the clients first: an open connection delays it. */
  stop(): Promise<void>;
}

export interface EmbeddedEngineOptions {
  /** The engine's own folder, made if absent: configuration, password, log and data. */
  folder: string;
  /** Upper limit of its memory, bytes. */
  memoryBytes: number;
  log: Logger;
}

const startDeadlineMs = 60_000;
/** A child that is told to go leaves within about 50 ms; idle connections can hold it for longer. */
const stopGraceMs = 2_000;
/** How long the predecessor's child may still hold the folder after its parent was killed. */
const lockPatienceMs = 5_000;
const restartDelaysMs = [200, 400, 800, 1_600, 3_200, 5_000];
/** A child that lived this long was healthy: the next restart is quick again. */
const healthyAfterMs = 30_000;

/**
 * Starts ClickHouse as a child process and keeps it running. The child lives as long as its standard input: it leaves by
 * itself when this process ends, however that happens. Throws one sentence that says what to do.
 */
export async function startEmbeddedEngine(options: EmbeddedEngineOptions): Promise<EmbeddedEngine> {
  const { log } = options;
  const library = findEngineLibrary();
  const folder = resolve(options.folder);
  await mkdir(join(folder, 'data'), { recursive: true, mode: 0o700 });
  const password = await keptPassword(join(folder, 'password'));
  const passwordSha256 = createHash('sha256').update(password).digest('hex');
  const config = { folder, memoryBytes: options.memoryBytes, passwordSha256 };
  await writeFile(join(folder, 'config.xml'), configXml(config), { mode: 0o600 });
  await writeFile(join(folder, 'users.xml'), usersXml(config), { mode: 0o600 });
  const [httpPort, tcpPort] = await freePorts();
  const url = `http://127.0.0.1:${httpPort}`;

  const start = () => startChild({ library, folder, httpPort, tcpPort, url });
  let child = await startPatiently(start);
  const stopping = new AbortController();
  const supervised = supervise();
  return {
    url,
    user: 'collector',
    password,
    reader: { user: 'reader', password },
    pid: () => child.process.pid ?? 0,
    async stop() {
      stopping.abort();
      await stopChild(child);
      await supervised;
    },
  };

  async function supervise(): Promise<void> {
    let failures = 0;
    let startedAt = performance.now();
    while (!stopping.signal.aborted) {
      const reason = await child.exited;
      if (stopping.signal.aborted) return;
      if (performance.now() - startedAt > healthyAfterMs) failures = 0;
      log.error({ reason }, 'the event database stopped, starting it again');
      await sleep(restartDelaysMs[Math.min(failures, restartDelaysMs.length - 1)], undefined, stopping).catch(
        () => undefined,
      );
      if (stopping.signal.aborted) return;
      failures += 1;
      startedAt = performance.now();
      try {
        child = await start();
        if (stopping.signal.aborted) await stopChild(child);
        else log.info({ pid: child.process.pid }, 'the event database runs again');
      } catch (error) {
        // `child` is still the one that ended, so the loop comes straight back here after a longer pause.
        log.error({ err: error }, 'the event database did not start');
      }
    }
  }
}

interface Child {
  process: ChildProcess;
  /** Resolves when the process is gone, with the reason in words. */
  exited: Promise<string>;
}

interface StartOptions {
  library: string;
  folder: string;
  httpPort: number;
  tcpPort: number;
  url: string;
}

class FolderInUse extends Error {}

async function startChild({ library, folder, httpPort, tcpPort, url }: StartOptions): Promise<Child> {
  // TRICKY: a process group of its own, so that Ctrl-C reaches the collector only, which ends the child when it has shipped
  // everything. Its life is its standard input.
  const process_ = spawn(
    process.execPath,
    [
      fileURLToPath(new URL('./engine-child.js', import.meta.url)),
      library,
      'clickhouse',
      `--path=${join(folder, 'data')}`,
      `--config-file=${join(folder, 'config.xml')}`,
      `--http_port=${httpPort}`,
      `--tcp_port=${tcpPort}`,
      '--listen_host=127.0.0.1',
      // TRICKY: a level in the file counts for nothing here, and without this every statement is traced in a hundred lines.
      '--log-level=warning',
      // The listeners do not open by themselves; the second statement reads standard input until it ends.
      "--query=SYSTEM START LISTEN QUERIES ALL; SELECT count() FROM file('-', LineAsString) FORMAT Null",
    ],
    { cwd: folder, stdio: ['pipe', 'ignore', 'pipe'], detached: true },
  );
  let complaint = '';
  process_.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-8_000);
  });
  // Writing to a child that is gone is no news: `exited` says so.
  process_.stdin.on('error', () => undefined);
  const exited = new Promise<string>((done) => {
    process_.once('error', (error) => done(error.message));
    process_.once('close', (code, signal) => done(signal ?? `exit code ${code}`));
  });
  const child = { process: process_, exited };
  let gone: string | undefined;
  void exited.then((reason) => {
    gone = reason;
  });

  const deadline = performance.now() + startDeadlineMs;
  while (gone === undefined) {
    if (await answersPing(url)) return child;
    if (performance.now() > deadline) {
      process_.kill('SIGKILL');
      throw new Error(
        `The built-in event database did not answer within ${startDeadlineMs / 1000} s. Its log is ${join(folder, 'clickhouse.log')}`,
      );
    }
    await Promise.race([sleep(50), exited]);
  }
  if (complaint.includes('Cannot lock file')) throw new FolderInUse(folderInUse(folder));
  if (gone === 'SIGILL') throw new Error(processorTooOld);
  throw new Error(
    `The built-in event database did not start (${gone}). ${lastLine(complaint)} Its log is ${join(folder, 'clickhouse.log')}`,
  );
}

/** As `startChild`, but gives the child of a killed predecessor the moment it needs to notice and leave. */
async function startPatiently(start: () => Promise<Child>): Promise<Child> {
  const deadline = performance.now() + lockPatienceMs;
  while (true) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof FolderInUse) || performance.now() > deadline) throw error;
      await sleep(250);
    }
  }
}

async function stopChild({ process: child, exited }: Child): Promise<void> {
  child.stdin?.end();
  const term = setTimeout(() => child.kill('SIGTERM'), stopGraceMs);
  const kill = setTimeout(() => child.kill('SIGKILL'), stopGraceMs * 5);
  await exited;
  clearTimeout(term);
  clearTimeout(kill);
}

async function answersPing(url: string): Promise<boolean> {
  try {
    const answer = await fetch(`${url}/ping`, { signal: AbortSignal.timeout(1_000), headers: { connection: 'close' } });
    await answer.text();
    return answer.ok;
  } catch {
    return false;
  }
}

function folderInUse(folder: string): string {
  return `Another Telltale already uses this data folder (${folder}). Stop it first, or choose another folder with --data.`;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

async function keptPassword(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch {
    const password = randomBytes(24).toString('base64url');
    await writeFile(file, `${password}\n`, { mode: 0o600 });
    return password;
  }
}

/** Two ports that are free now. They are held together until both are known, so that they differ. */
async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()] as const;
  const port = async (server: (typeof servers)[number]) => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 0;
  };
  const ports: [number, number] = [await port(servers[0]), await port(servers[1])];
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}
