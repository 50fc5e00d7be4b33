import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../../scripts/until.js';

export { until };

const command = fileURLToPath(new URL('../../bin/telltale.js', import.meta.url));

/** The real product as its users run it: the built command in a process of its own, on a data folder of its own. */
export interface Product {
  url: string;
  folder: string;
  /** Everything it printed so far. */
  output: () => string;
  /** Calls the API as the machine's owner (the way the command line does). */
  api: <Answer = unknown>(method: string, path: string, body?: unknown) => Promise<Answer>;
  /** Of such a call, for answers that are no JSON. */
  headers: () => Record<string, string>;
  /** `kill -9` of the process and of everything it started, all at once. */
  killAll: () => Promise<void>;
  /** A polite end (SIGTERM); resolves with the exit code. */
  stop: () => Promise<number | null>;
  /** Starts it again on the same folder and port. */
  restart: () => Promise<void>;
  /** Ends it if it runs, and removes the folder. */
  remove: () => Promise<void>;
}

export async function startProduct(
  options: { command?: 'start' | 'demo'; args?: string[]; env?: Record<string, string> } = {},
): Promise<Product> {
  const folder = mkdtempSync(join(tmpdir(), 'telltale-'));
  let child: ChildProcess;
  let printed = '';
  let url = '';
  let token = '';

  async function launch(port: string): Promise<void> {
    printed = '';
    child = spawn(
      process.execPath,
      [command, options.command ?? 'start', '--data', folder, '--port', port, ...(options.args ?? [])],
      { env: { ...process.env, TELLTALE_SCAN_INTERVAL: '300ms', ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    child.stdout?.on('data', (chunk) => {
      printed += chunk;
    });
    child.stderr?.on('data', (chunk) => {
      printed += chunk;
    });
    const run = await until(
      () => {
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}:\n${printed}`);
        const text = readIfThere(join(folder, 'run.json'));
        const parsed = text ? (JSON.parse(text) as { url: string; token: string; pid: number }) : undefined;
        return parsed?.pid === child.pid ? parsed : undefined;
      },
      120_000,
      () => `the product did not start:\n${printed}`,
    );
    url = run.url;
    token = run.token;
    await until(
      async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok,
      120_000,
      () => `/readyz did not answer 200:\n${printed}`,
    );
  }

  function exited(): Promise<number | null> {
    if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
    return new Promise((resolve) => child.once('exit', (code) => resolve(code)));
  }

  async function killAll(): Promise<void> {
    for (const pid of [...descendants(child.pid ?? 0), child.pid ?? 0]) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It was gone already.
      }
    }
    await exited();
  }

  await launch('0');
  return {
    get url() {
      return url;
    },
    folder,
    output: () => printed,
    headers: () => ({ authorization: `Bearer ${token}` }),
    api: async <Answer>(method: string, path: string, body?: unknown): Promise<Answer> => {
      const response = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return (text ? JSON.parse(text) : undefined) as Answer;
    },
    killAll,
    stop: () => {
      child.kill('SIGTERM');
      return exited();
    },
    restart: () => launch(new URL(url).port),
    remove: async () => {
      await killAll();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** All processes below a process, deepest first (Linux). */
function descendants(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const status = readIfThere(`/proc/${name}/stat`);
    const parent = status?.slice(status.lastIndexOf(')') + 2).split(' ')[1];
    if (parent) parents.set(Number(name), Number(parent));
  }
  const below = (id: number): number[] =>
    [...parents].filter(([, parent]) => parent === id).flatMap(([child]) => [...below(child), child]);
  return below(pid);
}
