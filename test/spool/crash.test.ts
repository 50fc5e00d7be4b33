import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom } from '../../collector/demo/seeded-random.ts';
import { openSpool } from '../../collector/spool/spool.ts';
import { event } from '../support/factories.ts';
import { away } from './fake-clickhouse.ts';
import { ModelDisk } from './model-disk.ts';

/** What outlives every crash: ClickHouse with its tokens, and what clients were told. */
interface World {
  rows: string[];
  inserted: Map<string, string>;
  acknowledged: string[];
  sent: number;
  /** Shipments repeated under their token with other bytes. */
  changed: string[];
}

test('loses nothing acknowledged and stores nothing twice, wherever the power goes', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer(),
      fc.array(fc.integer({ min: 5, max: 120 }), { minLength: 1, maxLength: 5 }),
      async (seed, lives) => {
        const random = seededRandom(seed);
        const world: World = { rows: [], inserted: new Map(), acknowledged: [], sent: 0, changed: [] };
        let disk = new ModelDisk({ random, operationsUntilCrash: lives[0] ?? 1 });
        for (const [life] of lives.entries()) {
          await live(disk, world, random);
          disk = disk.recovered(life + 1 < lives.length ? { operationsUntilCrash: lives[life + 1] ?? 1 } : {});
        }
        const spool = await openSpool(optionsFor(disk, world, random));
        await spool.flush();
        await spool.close();

        const lost = world.acknowledged.filter((id) => !world.rows.includes(id));
        const twice = world.rows.length - new Set(world.rows).size;
        expect({ lost, twice, changed: world.changed }).toEqual({ lost: [], twice: 0, changed: [] });
      },
    ),
    // On a machine that is busy with other things there are fewer cases, not a failure.
    { numRuns: 3_000, interruptAfterTimeLimit: 12_000 },
  );
});

/** One process: opens the spool and takes events until the power goes. */
async function live(disk: ModelDisk, world: World, random: () => number): Promise<void> {
  const gone = disk.crashed.then(() => 'gone' as const);
  const spool = await Promise.race([openSpool(optionsFor(disk, world, random)), gone]);
  if (spool === 'gone') return;
  for (;;) {
    const requests = Array.from({ length: 1 + Math.floor(random() * 4) }, async () => {
      const rows = Array.from({ length: 1 + Math.floor(random() * 3) }, () =>
        event('order', { id: `order-${++world.sent}` }),
      );
      await spool.append(rows);
      world.acknowledged.push(...rows.map((row) => row.id));
    });
    if (random() < 0.3) requests.push(spool.flush());
    if ((await Promise.race([Promise.all(requests), gone])) === 'gone') return;
  }
}

function optionsFor(disk: ModelDisk, world: World, random: () => number) {
  return {
    folder: '/spool',
    disk,
    random,
    seal: { ms: 2, rows: 6 },
    retry: { firstMs: 0, maxMs: 1 },
    reserveBytes: 0,
    keep: { bytes: 4_000 },
    closeGraceMs: 10,
    ship: async ({ id, path }: { id: string; path: string }) => {
      const bytes = (await disk.read(path)).toString();
      if (random() < 0.1) throw away();
      await disk.step();
      const before = world.inserted.get(id);
      // The same token always comes with the same bytes: that is what makes the repeat safe.
      if (before !== undefined && bytes !== before) world.changed.push(id);
      if (before === undefined) {
        world.inserted.set(id, bytes);
        world.rows.push(
          ...bytes
            .split('\n')
            .filter((line) => line !== '')
            .map((line): string => JSON.parse(line).id),
        );
      }
      await disk.step();
      // Stored, and the answer got lost on the way.
      if (random() < 0.1) throw away();
    },
  };
}
