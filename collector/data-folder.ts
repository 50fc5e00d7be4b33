import { randomBytes } from 'node:crypto';
import {
  accessSync,
  constants,
  copyFileSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';

/** The folder in which one Telltale keeps everything. While it is open, no second one can open it. */
export interface DataFolder {
  /** Absolute. */
  path: string;
  /** Absolute path of something inside. */
  file(name: string): string;
  /** Lets commands on this machine through: whoever can read `run.json` could read the state store as well. */
  localToken: string;
  /** Tells commands that this server answers now. `publicUrl` is what the script tag shows. */
  announce(server: { host: string; port: number; publicUrl: string }): void;
  /** Takes back the announcement and the lock. Safe to call twice. */
  release(): void;
}

/** What a command needs to talk to the server that runs on a folder. */
export interface RunFile {
  pid: number;
  port: number;
  /** Address of the API on this machine. */
  address: string;
  /** Public address, as in the script tag. */
  url: string;
  token: string;
}

interface Holder {
  pid: number;
  /** When that process began, as the kernel counts it; empty where the system does not tell. Pids are used again. */
  began: string;
}

/** Name of the state store inside the folder. */
export const stateFileName = 'state.db';
const lockName = 'telltale.lock';
const runName = 'run.json';

/**
 * Opens `folder`, which is made where it is missing. Throws one sentence when it cannot be used or another Telltale runs on it;
 * the lock of a process that died is taken over.
 */
export function openDataFolder(folder: string): DataFolder {
  const path = resolve(folder);
  prepare(path);
  const lock = join(path, lockName);
  const mine = JSON.stringify({ pid: process.pid, began: processBegan(process.pid) } satisfies Holder);
  takeLock(lock, mine, path);
  const runFile = join(path, runName);
  rmSync(runFile, { force: true });
  const localToken = randomBytes(32).toString('base64url');

  return {
    path,
    file: (name) => join(path, name),
    localToken,
    announce({ host, port, publicUrl }) {
      const run: RunFile = {
        pid: process.pid,
        port,
        address: localAddress(host, port),
        url: publicUrl,
        token: localToken,
      };
      // Renamed into place, so that a command never reads half of it.
      const draft = `${runFile}.new`;
      writeFileSync(draft, JSON.stringify(run), { mode: 0o600 });
      renameSync(draft, runFile);
    },
    release() {
      if (readText(lock) !== mine) return;
      rmSync(runFile, { force: true });
      rmSync(lock, { force: true });
    },
  };
}

/** The server that runs on this folder now, or null. */
export function readRunFile(folder: string): RunFile | null {
  const holder = parseJson<Holder>(readText(join(resolve(folder), lockName)));
  const run = parseJson<RunFile>(readText(join(resolve(folder), runName)));
  return holder && run && holder.pid === run.pid && isAlive(holder) ? run : null;
}

function prepare(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new Error(`The data folder ${path} cannot be used: it must be a folder that this user may read and write.`, {
      cause,
    });
  }
}

function takeLock(lock: string, mine: string, path: string): void {
  const draft = `${lock}.${randomBytes(6).toString('hex')}`;
  writeFileSync(draft, mine, { mode: 0o600 });
  try {
    // Twice: the second time after a dead process's lock was moved away.
    for (let attempt = 0; attempt < 2; attempt += 1) {
      if (linkUnlessThere(draft, lock)) return;
      const found = readText(lock);
      const holder = parseJson<Holder>(found);
      if (holder && isAlive(holder)) throw new Error(inUse(path, holder));
      removeStale(lock, found);
    }
    throw new Error(inUse(path, parseJson<Holder>(readText(lock))));
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Two starts may find the same dead lock; whoever moves away the other's fresh lock by mistake puts it back. */
function removeStale(lock: string, found: string): void {
  const aside = `${lock}.${randomBytes(6).toString('hex')}`;
  try {
    renameSync(lock, aside);
  } catch {
    return;
  }
  if (readText(aside) !== found) linkUnlessThere(aside, lock);
  rmSync(aside, { force: true });
}

function linkUnlessThere(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    // Some network and container file systems have no hard links.
    return copyUnlessThere(from, to);
  }
}

function copyUnlessThere(from: string, to: string): boolean {
  try {
    copyFileSync(from, to, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function inUse(path: string, holder: Holder | null): string {
  const who = holder ? ` (process ${holder.pid})` : '';
  return `Telltale already runs on ${path}${who}. Stop it first, or choose another folder with --data.`;
}

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // EPERM: it is there and belongs to somebody else.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  // In a container the new process often has the pid of the old one; when it began tells them apart.
  return holder.began === processBegan(holder.pid);
}

/** Field 22 of `/proc/PID/stat`, counted behind the name, which may hold spaces and brackets itself (proc(5)). */
function processBegan(pid: number): string {
  const stat = readText(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}

function localAddress(host: string, port: number): string {
  const reachable = { '0.0.0.0': '127.0.0.1', '::': '::1' }[host] ?? host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function parseJson<T>(text: string): T | null {
  try {
    return JSON.parse(text) as T;
  } catch {
    return null;
  }
}
