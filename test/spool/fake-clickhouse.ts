import { readFile } from 'node:fs/promises';
import type { EventRow } from '../../collector/contract/row.ts';
import type { Disk } from '../../collector/spool/disk.ts';
import type { Ship, Shipment } from '../../collector/spool/ship.ts';

/** Takes shipments as ClickHouse does: a token it knows stores nothing. Notes every attempt with its bytes. */
export function fakeClickHouse(options: { disk?: Disk } = {}) {
  const read = (path: string) => (options.disk ? options.disk.read(path) : readFile(path));
  const stored: EventRow[] = [];
  const attempts: { id: string; bytes: string }[] = [];
  const tokens = new Set<string>();
  const clickhouse = {
    stored,
    attempts,
    ids: () => stored.map((row) => row.id),
    /** Replaced by tests that let it fail; runs before anything is stored. */
    before: async (_shipment: Shipment, _rows: EventRow[]): Promise<void> => {},
    /** Runs after the rows are stored and before the answer. */
    after: async (_shipment: Shipment): Promise<void> => {},
    ship: (async (shipment) => {
      const bytes = (await read(shipment.path)).toString();
      attempts.push({ id: shipment.id, bytes });
      const rows = bytes
        .split('\n')
        .filter((line) => line !== '')
        .map((line): EventRow => JSON.parse(line));
      await clickhouse.before(shipment, rows);
      if (!tokens.has(shipment.id)) {
        tokens.add(shipment.id);
        stored.push(...rows);
      }
      await clickhouse.after(shipment);
    }) satisfies Ship,
  };
  return clickhouse;
}

/** An error that says "not now". */
export function away(): Error {
  return new Error('connect ECONNREFUSED');
}

/** An error that says "never". */
export function refusal(): Error {
  return Object.assign(new Error('Cannot parse input'), { permanent: true });
}
