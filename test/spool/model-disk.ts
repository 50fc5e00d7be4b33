import { dirname } from 'node:path';
import type { Disk, DiskFile } from '../../collector/spool/disk.ts';

interface Content {
  bytes: Buffer;
  /** Bytes that survive a loss of power: up to the last sync. */
  durable: number;
}

/**
 * A disk in memory that can lose power at any operation. Afterwards the interrupted and all later operations never answer (their
 * process is dead), and `recovered()` is what a restart finds: of bytes and names that were not synced, any prefix may be there.
 */
export class ModelDisk implements Disk {
  freeBytes = 10 ** 9;
  /** Set to make the next operations of a kind fail. */
  failing: { append?: string | undefined; sync?: string | undefined; truncate?: string | undefined } = {};
  crashed: Promise<void>;
  #names = new Map<string, Content>();
  #durableNames = new Map<string, Content>();
  #unsynced: { folder: string; apply: (names: Map<string, Content>) => void }[] = [];
  #operationsLeft: number;
  #random: () => number;
  #dead = false;
  #crash: () => void = () => {};

  constructor(options: { operationsUntilCrash?: number; random?: () => number } = {}) {
    this.#operationsLeft = options.operationsUntilCrash ?? Number.POSITIVE_INFINITY;
    this.#random = options.random ?? Math.random;
    this.crashed = new Promise((resolve) => {
      this.#crash = resolve;
    });
  }

  /** The disk after the power came back. */
  recovered(options: { operationsUntilCrash?: number } = {}): ModelDisk {
    const disk = new ModelDisk({ ...options, random: this.#random });
    const survivingOperations = Math.floor(this.#random() * (this.#unsynced.length + 1));
    const names = new Map(this.#durableNames);
    for (const { apply } of this.#unsynced.slice(0, survivingOperations)) apply(names);
    for (const [path, { bytes, durable }] of names) {
      const length = durable + Math.floor(this.#random() * (bytes.length - durable + 1));
      const content = { bytes: Buffer.from(bytes.subarray(0, length)), durable: length };
      disk.#names.set(path, content);
      disk.#durableNames.set(path, content);
    }
    return disk;
  }

  /** One more moment at which the power may go: before `effect` or after it. Never answers afterwards. */
  async step(effect: () => void = () => {}): Promise<void> {
    if (!this.#dead) {
      this.#operationsLeft -= 1;
      if (this.#operationsLeft > 0) {
        effect();
        return;
      }
      if (this.#random() < 0.5) effect();
      this.#dead = true;
      this.#crash();
    }
    await new Promise(() => {});
  }

  async makeFolder(): Promise<void> {
    await this.step();
  }

  async list(folder: string) {
    await this.step();
    return [...this.#names]
      .filter(([path]) => dirname(path) === folder)
      .map(([path, { bytes }]) => ({ name: path.slice(folder.length + 1), bytes: bytes.length, modifiedAt: 0 }));
  }

  async create(path: string): Promise<DiskFile> {
    if (this.#names.has(path)) throw Object.assign(new Error(`${path} exists`), { code: 'EEXIST' });
    const content: Content = { bytes: Buffer.alloc(0), durable: 0 };
    await this.step(() => this.#change(path, (names) => names.set(path, content)));
    return {
      append: async (bytes) => {
        const part = this.#random();
        if (this.failing.append) {
          // A full disk takes what fits.
          await this.step(() => this.#append(content, bytes.subarray(0, Math.floor(bytes.length * part))));
          throw Object.assign(new Error('no space left on device'), { code: this.failing.append });
        }
        await this.step(() => this.#append(content, bytes));
      },
      sync: async () => {
        if (this.failing.sync) throw Object.assign(new Error('input/output error'), { code: this.failing.sync });
        await this.step(() => {
          content.durable = content.bytes.length;
        });
      },
      truncate: async (length) => {
        if (this.failing.truncate)
          throw Object.assign(new Error('input/output error'), { code: this.failing.truncate });
        await this.step(() => {
          content.bytes = content.bytes.subarray(0, length);
          content.durable = Math.min(content.durable, length);
        });
      },
      close: () => this.step(),
    };
  }

  async read(path: string): Promise<Buffer> {
    await this.step();
    const content = this.#names.get(path);
    if (!content) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
    return Buffer.from(content.bytes);
  }

  async rename(from: string, to: string): Promise<void> {
    const content = this.#names.get(from);
    if (!content) throw Object.assign(new Error(`no ${from}`), { code: 'ENOENT' });
    await this.step(() =>
      this.#change(to, (names) => {
        names.delete(from);
        names.set(to, content);
      }),
    );
  }

  async remove(path: string): Promise<void> {
    await this.step(() => this.#change(path, (names) => names.delete(path)));
  }

  async syncFolder(folder: string): Promise<void> {
    await this.step(() => {
      for (const { apply } of this.#unsynced.filter((change) => change.folder === folder)) apply(this.#durableNames);
      this.#unsynced = this.#unsynced.filter((change) => change.folder !== folder);
    });
  }

  async space() {
    return { freeBytes: this.freeBytes, totalBytes: 10 ** 9 };
  }

  #append(content: Content, bytes: Uint8Array): void {
    content.bytes = Buffer.concat([content.bytes, bytes]);
  }

  #change(path: string, apply: (names: Map<string, Content>) => void): void {
    apply(this.#names);
    this.#unsynced.push({ folder: dirname(path), apply });
  }
}
