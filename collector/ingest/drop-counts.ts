import type { DropReason } from '../contract/names.ts';
import type { Logger } from '../log.ts';
import type { QuarterDrops } from '../state/dropped-events.ts';

/**
 * Counts what is not kept, by site, quarter of an hour and reason. Held in memory and written every few seconds and at the end, so
 * that a flood of bots costs no write each: what a killed process had not written yet is missing from the count.
 */
export interface DropCounts {
  count(siteId: number, reason: DropReason): void;
  /** Writes what is held; what cannot be written stays. Never rejects. */
  flush(): Promise<void>;
  /** Writes what is held, and nothing after it. */
  close(): Promise<void>;
}

const flushAfterMs = 3_000;
const quarterMs = 15 * 60_000;

export function createDropCounts({
  write,
  now,
  log,
}: {
  write: (drops: readonly QuarterDrops[]) => Promise<void>;
  now: () => number;
  log: Pick<Logger, 'warn'>;
}): DropCounts {
  let held = new Map<string, QuarterDrops>();
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  function add(drops: QuarterDrops): void {
    const key = `${drops.siteId} ${drops.quarterMs} ${drops.reason}`;
    const known = held.get(key);
    if (known) known.count += drops.count;
    else held.set(key, { ...drops });
    if (timer || closed) return;
    timer = setTimeout(() => void flush(), flushAfterMs);
    timer.unref();
  }

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    if (held.size === 0) return;
    const drops = [...held.values()];
    held = new Map();
    try {
      await write(drops);
    } catch (error) {
      log.warn({ err: error }, 'what was not kept could not be counted yet; it will be tried again');
      for (const one of drops) add(one);
    }
  }

  return {
    count(siteId, reason) {
      add({ siteId, quarterMs: Math.floor(now() / quarterMs) * quarterMs, reason, count: 1 });
    },
    flush,
    async close() {
      closed = true;
      await flush();
    },
  };
}
