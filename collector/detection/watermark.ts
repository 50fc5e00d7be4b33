import type { Kysely } from 'kysely';
import type { IntentRow } from '../state/cases.ts';
import type { StateSchema } from '../state/schema.ts';
import { readWatermark as readValue, writeWatermark as writeValue } from '../state/watermarks.ts';

/** How far detection has read. Moved in the transaction that stores what was read, so each event is acted on once. */
export interface Watermark {
  /** Server time, milliseconds. */
  throughMs: number;
  /** Events near its edge that have been acted on: the next run reads this stretch again. */
  seen: string[];
}

/**
 * The newest stretch is read twice, in case the clock was set back or another collector was late. What was acted on is remembered
 * by its id.
 */
export const overlapMs = 5_000;

const name = 'detection';

export async function readWatermark(db: Kysely<StateSchema>): Promise<Watermark | undefined> {
  const value = await readValue(db, name);
  return value === null ? undefined : (JSON.parse(value) as Watermark);
}

export async function writeWatermark(db: Kysely<StateSchema>, watermark: Watermark): Promise<void> {
  await writeValue(db, name, JSON.stringify(watermark));
}

export function seenId(row: Pick<IntentRow, 'site_id' | 'page_id' | 'seq'>): string {
  return `${row.site_id}:${row.page_id}:${row.seq}`;
}
