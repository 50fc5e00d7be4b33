import type { Kysely, Selectable } from 'kysely';
import { mostHits } from '../contract/signal.ts';
import type { StateSchema } from './schema.ts';

/** When, in milliseconds, and which event. */
export type StoredHit = [atMs: number, id: string];

export interface StoredHits {
  leadId: string;
  siteId: number;
  /** Which browsers these are of, and which signals were looked for: hashes. */
  visitors: string;
  signals: string;
  /** By signal, newest first. */
  hits: Record<string, StoredHit[]>;
  /** Of the last visit; '' where it is not known. */
  country: string;
  region: string;
}

/** What the website has seen of these leads; one that was never looked at is left out. */
export async function readHits(db: Kysely<StateSchema>, leadIds: readonly string[]): Promise<Map<string, StoredHits>> {
  if (leadIds.length === 0) return new Map();
  const rows = await db.selectFrom('lead_hits').selectAll().where('lead_id', 'in', leadIds).execute();
  return new Map(rows.map((row) => [row.lead_id, toStoredHits(row)]));
}

export async function writeHits(db: Kysely<StateSchema>, stored: StoredHits): Promise<void> {
  const { leadId, siteId, hits, ...rest } = stored;
  const columns = { ...rest, hits: JSON.stringify(hits) };
  await db
    .insertInto('lead_hits')
    .values({ lead_id: leadId, site_id: siteId, ...columns })
    .onConflict((conflict) => conflict.column('lead_id').doUpdateSet(columns))
    .execute();
}

/**
 * Two lists of hits as one, newest first, as many as are kept. The same event in both is one, so it does not matter how often and in
 * which order they are put together.
 */
export function unionOfHits(one: readonly StoredHit[], other: readonly StoredHit[]): StoredHit[] {
  const all = new Map([...one, ...other].map((hit) => [hit[1], hit]));
  return [...all.values()].toSorted((a, b) => b[0] - a[0] || (a[1] < b[1] ? -1 : 1)).slice(0, mostHits);
}

function toStoredHits(row: Selectable<StateSchema['lead_hits']>): StoredHits {
  return {
    leadId: row.lead_id,
    siteId: row.site_id,
    visitors: row.visitors,
    signals: row.signals,
    hits: JSON.parse(row.hits) as Record<string, StoredHit[]>,
    country: row.country,
    region: row.region,
  };
}
