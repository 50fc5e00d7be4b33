import { appendFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ClickHouse } from '../clickhouse/client.ts';
import { deleteRows } from '../clickhouse/delete-rows.ts';
import { limits } from '../contract/limits.ts';
import { fromTimestamp, toTimestamp } from '../contract/row.ts';
import { groupBy } from '../group-by.ts';
import type { Logger } from '../log.ts';
import type { Spool } from '../spool/spool.ts';
import type { State } from '../state/database.ts';
import { addErasures, type Erasure, listBackups, listErasures, markErased } from '../state/erasures.ts';
import { createTimedWork } from '../timed-work.ts';
import { erasuresFile } from './manifest.ts';

/** Erases the events of visitors, wherever they are: the event database, the segments on the disk, and backups once they are restored. */
export interface Erasures {
  /**
   * Resolves when it is noted, with whether it is done already; where the event database does not answer, it is done as soon as
   * it does. What the visitor does afterwards is new.
   */
  erase(siteId: number, visitorIds: readonly string[]): Promise<{ done: boolean }>;
  /** Does what is noted, now and again where the event database did not answer. */
  start(): void;
  stop(): Promise<void>;
}

const retryEveryMs = 60_000;

export function createErasures({
  state,
  clickhouse,
  spool,
  now,
  log,
}: {
  state: State;
  clickhouse: Pick<ClickHouse, 'command'>;
  spool: Pick<Spool, 'flush' | 'erase'>;
  now: () => number;
  log: Pick<Logger, 'warn'>;
}): Erasures {
  const work = createTimedWork({
    run: async () => {
      const waiting = await listErasures(state, 'waiting');
      if (waiting.length === 0) return;
      // What is on its way arrives first, so that it is erased there too.
      await spool.flush();
      await eraseRows(clickhouse, waiting);
      await spool.erase(isErased(waiting));
      await markErased(state, waiting);
    },
    onError: (error) => log.warn({ err: error }, 'erasures wait for the event database'),
  });

  return {
    async erase(siteId, visitorIds) {
      const erasures = visitorIds.map((visitorId) => ({ siteId, visitorId, atMs: now() }));
      await addErasures(state, erasures);
      await noteInBackups(await listBackups(state), erasures, log);
      try {
        await work.runOnce();
        return { done: true };
      } catch (error) {
        log.warn({ err: error }, 'an erasure waits for the event database');
        return { done: false };
      }
    },
    start() {
      work.runOnce().catch((error: unknown) => log.warn({ err: error }, 'erasures wait for the event database'));
      work.start(retryEveryMs);
    },
    stop: work.stop,
  };
}

/** Deletes their rows. Safe to repeat. */
export async function eraseRows(clickhouse: Pick<ClickHouse, 'command'>, erasures: readonly Erasure[]): Promise<void> {
  for (const [moment, some] of groupBy(erasures, ({ siteId, atMs }) => `${siteId} ${atMs}`)) {
    const [siteId = 0, atMs = 0] = moment.split(' ').map(Number);
    const until = `toDateTime64('${toTimestamp(latest(atMs))}', 3, 'UTC')`;
    for (let start = 0; start < some.length; start += visitorsAtOnce) {
      // BigInt: whatever is no number ends here, before it is part of a statement.
      const visitors = some.slice(start, start + visitorsAtOnce).map(({ visitorId }) => String(BigInt(visitorId)));
      const who = `site_id = ${siteId} AND visitor_id IN (${visitors.join(', ')})`;
      await deleteRows(clickhouse, (table) => `${who} AND ${table === 'sessions' ? 'started' : 'ts'} <= ${until}`);
    }
  }
}

/** Whether a row of a segment belongs to one of these visitors and lies before its erasure. */
export function isErased(erasures: readonly Erasure[]) {
  const moments = new Map(erasures.map(({ siteId, visitorId, atMs }) => [`${siteId} ${visitorId}`, latest(atMs)]));
  return (row: { site_id: number; visitor_id: string; received_at: string }): boolean => {
    const moment = moments.get(`${row.site_id} ${row.visitor_id}`);
    return moment !== undefined && fromTimestamp(row.received_at) <= moment;
  };
}

/** A visitor's clock may be that much ahead. */
function latest(atMs: number): number {
  return atMs + limits.clockAheadMs;
}

async function noteInBackups(folders: string[], erasures: Erasure[], log: Pick<Logger, 'warn'>): Promise<void> {
  const lines = erasures.map((erasure) => `${JSON.stringify(erasure)}\n`).join('');
  for (const folder of folders) {
    try {
      await stat(folder);
      await appendFile(join(folder, erasuresFile), lines, { mode: 0o600 });
    } catch (error) {
      log.warn({ err: error, folder }, 'an erasure could not be noted in a backup; name its store when you restore it');
    }
  }
}

/** A statement stays far below the 256 KiB that ClickHouse parses. */
const visitorsAtOnce = 2_000;
