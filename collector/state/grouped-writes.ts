import type { Kysely } from 'kysely';
import type { StateSchema } from './schema.ts';

type Db = Kysely<StateSchema>;

/** Runs a change in a transaction and answers when it is on the disk. */
export type Write = <Result>(change: (trx: Db) => Promise<Result>) => Promise<Result>;

/** How long the first change waits for others. A disk takes about as long for one transaction, whatever is in it. */
const gatherMs = 3;

interface Waiting {
  change: (trx: Db) => Promise<unknown>;
  resolve: (result: never) => void;
  reject: (error: unknown) => void;
}

/** A transaction holds at most this many changes, so that readers get their turn. */
const mostTogether = 50;

/**
 * Changes that are asked for at the same time share one transaction, and so one wait for the disk. One that throws takes nobody with
 * it: then each of them is run again in a transaction of its own, so a change must be safe to run twice as long as it was not kept.
 */
export function createGroupedWrites(db: Db): Write {
  let waiting: Waiting[] = [];
  let isRunning = false;

  const alone = async ({ change, resolve, reject }: Waiting) => {
    try {
      resolve((await db.transaction().execute(change)) as never);
    } catch (error) {
      reject(error);
    }
  };

  const together = async (group: Waiting[]) => {
    const results: unknown[] = [];
    try {
      await db.transaction().execute(async (trx) => {
        for (const { change } of group) results.push(await change(trx));
      });
    } catch {
      for (const one of group) await alone(one);
      return;
    }
    for (const [index, { resolve }] of group.entries()) resolve(results[index] as never);
  };

  const run = async () => {
    if (isRunning) return;
    isRunning = true;
    await new Promise((resolve) => setTimeout(resolve, gatherMs));
    while (waiting.length > 0) {
      const group = waiting.slice(0, mostTogether);
      waiting = waiting.slice(mostTogether);
      await (group.length === 1 && group[0] ? alone(group[0]) : together(group));
    }
    isRunning = false;
  };

  return (change) =>
    new Promise((resolve, reject) => {
      waiting.push({ change, resolve: resolve as (result: never) => void, reject });
      void run();
    });
}
