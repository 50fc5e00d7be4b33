import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';

/** A file being appended to. */
export interface DiskFile {
  /** Appends all bytes or throws; after a throw some of them may be in the file. */
  append(bytes: Uint8Array): Promise<void>;
  /** Returns when everything appended is on the disk (fdatasync). */
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}

/** The few things the spool asks of a file system: small enough that a test can play a disk that fills up or loses power. */
export interface Disk {
  makeFolder(folder: string): Promise<void>;
  list(folder: string): Promise<{ name: string; bytes: number; modifiedAt: number }[]>;
  /** Creates the file; throws when it exists. */
  create(path: string): Promise<DiskFile>;
  /** Throws an error with code ENOENT when there is no such file. */
  read(path: string): Promise<Buffer>;
  rename(from: string, to: string): Promise<void>;
  /** Does nothing when there is no such file. */
  remove(path: string): Promise<void>;
  /** Makes created, renamed and removed names durable. */
  syncFolder(folder: string): Promise<void>;
  space(folder: string): Promise<{ freeBytes: number; totalBytes: number }>;
}

/** The machine's own file system. */
export const nodeDisk: Disk = {
  async makeFolder(folder) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  },

  async list(folder) {
    const entries = await readdir(folder, { withFileTypes: true });
    return Promise.all(
      entries
        .filter((entry) => entry.isFile())
        .map(async ({ name }) => {
          const { size, mtimeMs } = await stat(join(folder, name));
          return { name, bytes: size, modifiedAt: mtimeMs };
        }),
    );
  },

  async create(path) {
    const { O_WRONLY, O_CREAT, O_EXCL, O_APPEND, O_DSYNC } = constants;
    return appendTo(await open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_DSYNC, 0o600));
  },

  read: (path) => readFile(path),
  rename,
  remove: (path) => rm(path, { force: true }),

  async syncFolder(folder) {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },

  async space(folder) {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  },
};

/**
 * O_DSYNC: a write returns when it is on the disk. A write and an fdatasync are two trips to another thread, and each waits for
 * everything that the event loop has to do meanwhile.
 */
function appendTo(handle: FileHandle): DiskFile {
  let isCut = false;
  return {
    async append(bytes) {
      // TRICKY: on a nearly full disk a write may take only part of the bytes without an error; the next one then says ENOSPC.
      for (let done = 0; done < bytes.length; ) {
        done += (await handle.write(bytes, done, bytes.length - done)).bytesWritten;
      }
    },
    async sync() {
      if (isCut) await handle.datasync();
      isCut = false;
    },
    async truncate(length) {
      isCut = true;
      await handle.truncate(length);
    },
    close: () => handle.close(),
  };
}

/** Replaces a file so that a reader, or a restart after a crash, sees the old or the new content and nothing between. */
export async function replaceFile(disk: Disk, folder: string, name: string, bytes: Uint8Array): Promise<void> {
  const draft = join(folder, `${name}.tmp`);
  await disk.remove(draft);
  const file = await disk.create(draft);
  try {
    await file.append(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await disk.rename(draft, join(folder, name));
  await disk.syncFolder(folder);
}

/** Whether the error says that the disk has no room: full, over quota, or file too large. */
export function isDiskFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EFBIG'].includes((error as { code?: string } | null)?.code ?? '');
}
