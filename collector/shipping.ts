import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import type { ClickHouse } from './clickhouse/client.ts';
import { isIntent } from './spool/record.ts';
import { isPermanent, type Ship } from './spool/ship.ts';

/**
 * Brings a segment into ClickHouse: the file unchanged into `events`, its intent lines unchanged into `intents`. Both inserts
 * are safe to repeat, because the same segment gives the same bytes and the same token each time.
 */
export function createShip(clickhouse: Pick<ClickHouse, 'insertLines'>): Ship {
  return async ({ id, path, intents }) => {
    await clickhouse.insertLines({ table: 'events', token: `${id}:events`, lines: () => createReadStream(path) });
    if (intents === 0) return;
    try {
      await clickhouse.insertLines({
        table: 'intents',
        token: `${id}:intents`,
        lines: () => Readable.from(intentLines(path), { objectMode: false }),
      });
    } catch (error) {
      // TRICKY: `events` has the rows now, so this shipment may be repeated but not split: parts have other tokens. What `events`
      // accepted is sound (the columns of `intents` are among its own); the table is at fault, and waiting for its repair is right.
      if (isPermanent(error)) throw new Error('the intents table refused rows that events accepted', { cause: error });
      throw error;
    }
  };
}

/** The lines with `"intent":1`, in order, read in pieces so that a segment is never in memory as a whole. */
export async function* intentLines(path: string): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, piece]) : piece;
    let start = 0;
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
      const line = bytes.subarray(start, end + 1);
      if (isIntent(line)) yield line;
      start = end + 1;
    }
    rest = bytes.subarray(start);
  }
}
