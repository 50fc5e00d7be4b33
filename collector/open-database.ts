import { totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type ClickHouse, createClickHouse } from './clickhouse/client.ts';
import { type EmbeddedEngine, startEmbeddedEngine } from './clickhouse/embedded-engine.ts';
import { migrate } from './clickhouse/migrate.ts';
import { dedupSelfTest } from './clickhouse/self-test.ts';
import type { Config } from './config.ts';
import type { DataFolder } from './data-folder.ts';
import { AppError } from './errors.ts';
import type { Logger } from './log.ts';

/** The event database of an installation. */
export interface EventDatabase {
  clickhouse: ClickHouse;
  /** Whether it is the built-in one. */
  isOurs: boolean;
  /** Resolves when its tables are up to date and repeated batches count once. */
  ready: Promise<void>;
  /** Why it is not ready, in words; undefined when it is. */
  problem: () => string | undefined;
  close(): Promise<void>;
}

/** The engine shares the machine with everything else: a quarter of the memory, at least 1 GiB, at most 8 GiB. */
const engineMemoryBytes = Math.min(Math.max(totalmem() / 4, 1024 ** 3), 8 * 1024 ** 3);
/** Starts the built-in engine, unless the configuration names a ClickHouse, and begins to prepare its tables. */
export async function openDatabase(config: Config, folder: DataFolder, log: Logger): Promise<EventDatabase> {
  const engine = config.clickhouse ? undefined : await startEngine(folder, log);
  const { database: name, ...address } = account(config, engine);
  const clickhouse = createClickHouse({ ...address, database: name, insertTimeoutMs: config.insertTimeoutMs, log });
  const prepared = prepareDatabase({ clickhouse, name, log });
  return {
    clickhouse,
    isOurs: engine !== undefined,
    ready: prepared.ready,
    problem: prepared.problem,
    async close() {
      prepared.giveUp();
      await clickhouse.close();
      await engine?.stop();
    },
  };
}

function startEngine(folder: DataFolder, log: Logger): Promise<EmbeddedEngine> {
  return startEmbeddedEngine({ folder: folder.file('clickhouse'), memoryBytes: engineMemoryBytes, log });
}

function account(config: Config, engine: EmbeddedEngine | undefined) {
  if (engine)
    return {
      url: engine.url,
      user: engine.user,
      password: engine.password,
      reader: engine.reader,
      database: 'telltale',
    };
  if (config.clickhouse) return config.clickhouse;
  throw new Error('There is neither an embedded engine nor a CLICKHOUSE_URL.');
}

/**
 * Brings the tables up to date and checks that repeated batches count once. A database that does not answer is asked again until it
 * does; one that fails the check is never written to.
 */
function prepareDatabase({ clickhouse, name, log }: { clickhouse: ClickHouse; name: string; log: Logger }) {
  const given = new AbortController();
  let problem: string | undefined = 'The event database is being prepared.';
  const prepare = async () => {
    for (let waitMs = 1_000; ; waitMs = Math.min(waitMs * 2, 10_000)) {
      try {
        await migrate(clickhouse, { database: name });
        await dedupSelfTest(clickhouse);
        problem = undefined;
        return;
      } catch (error) {
        problem = error instanceof Error ? error.message : String(error);
        if (!(error instanceof AppError && error.code === 'database_unavailable')) throw error;
        log.warn({ err: error }, 'the event database does not answer yet');
        await sleep(waitMs, undefined, { signal: given.signal });
      }
    }
  };
  const ready = prepare();
  // Whoever ships waits for it and sees the failure; nobody else has to.
  ready.catch(() => undefined);
  return { ready, problem: () => problem, giveUp: () => given.abort() };
}
