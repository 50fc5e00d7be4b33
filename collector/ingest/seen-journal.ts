import { appendFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../log.ts';
import { createSeenEvents, generationMs, type SeenEvents } from './seen-events.ts';

/** Ids of events that outlive the process: segments are kept for less than a day where there are many. */
export interface SeenJournal extends SeenEvents {
  /** Whether there was a journal: then only the latest rows of the spool can be missing from it. */
  found: boolean;
  /** Writes what is held. Never rejects. */
  close(): Promise<void>;
}

const flushAfterMs = 1_000;
const fileMs = 60 * 60 * 1000;
const bytesPerId = 8;

/**
 * Reads the folder (made where it is missing) and goes on writing to it: one file an hour, eight bytes an event, named after its
 * first millisecond. Not synced: what the last moments before a crash lack is in the spool.
 */
export async function openSeenJournal({
  folder,
  now,
  log,
}: {
  folder: string;
  now: () => number;
  log: Pick<Logger, 'warn'>;
}): Promise<SeenJournal> {
  const seen = createSeenEvents();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const files = await filesIn(folder);
  for (const { name, startedAt } of files) {
    const bytes = await readFile(join(folder, name));
    // A crash may have cut the last id short.
    for (let place = 0; place + bytesPerId <= bytes.length; place += bytesPerId) {
      seen.add([bytes.readUInt32LE(place) || 1, bytes.readUInt32LE(place + 4)], startedAt);
    }
  }

  let held: Buffer[] = [];
  let file: { path: string; startedAt: number } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let writing = Promise.resolve();

  async function write(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    if (held.length === 0) return;
    const bytes = Buffer.concat(held);
    held = [];
    try {
      if (!file || now() - file.startedAt >= fileMs) await startFile();
      if (file) await appendFile(file.path, bytes, { mode: 0o600 });
    } catch (error) {
      // Nothing is counted twice for it unless this process ends before the hour is out and the spool is short of room too.
      log.warn({ err: error }, 'ids of received events could not be written; they are remembered in memory');
    }
  }

  async function startFile(): Promise<void> {
    const startedAt = now();
    // After a crash the last file may end within an id, so nothing is ever appended to it.
    file = { path: join(folder, `${startedAt}.ids`), startedAt };
    for (const old of await filesIn(folder)) {
      if (startedAt - old.startedAt > 2 * generationMs + fileMs) await rm(join(folder, old.name), { force: true });
    }
  }

  return {
    found: files.length > 0,
    has: seen.has,
    add(key, at) {
      seen.add(key, at);
      const [high, low] = key;
      const id = Buffer.allocUnsafe(bytesPerId);
      id.writeUInt32LE(high);
      id.writeUInt32LE(low, 4);
      held.push(id);
      timer ??= setTimeout(() => {
        writing = writing.then(write);
      }, flushAfterMs).unref();
    },
    async close() {
      writing = writing.then(write);
      await writing;
    },
  };
}

async function filesIn(folder: string): Promise<{ name: string; startedAt: number }[]> {
  return (await readdir(folder))
    .filter((name) => /^\d+\.ids$/.test(name))
    .map((name) => ({ name, startedAt: Number.parseInt(name, 10) }))
    .sort((a, b) => a.startedAt - b.startedAt);
}
