import type { Kysely } from 'kysely';
import type { ClickHouse } from '../clickhouse/client.ts';
import type { House } from '../contract/house.ts';
import { mostHits } from '../contract/signal.ts';
import { hash64 } from '../hash.ts';
import { leadSignals } from '../queries/lead-signals.ts';
import { readHits, type StoredHit, type StoredHits, unionOfHits, writeHits } from '../state/lead-hits.ts';
import type { StateSchema } from '../state/schema.ts';
import { matchOf, webSignalsOf } from './house-signals.ts';

const dayMs = 86_400_000;
/** No website is older. */
const beginningMs = Date.UTC(1995, 0, 1);

/** The browsers of each of these leads, in a fixed order; a lead without any is left out. */
export async function visitorsOfLeads(
  db: Kysely<StateSchema>,
  leadIds: readonly string[],
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  if (leadIds.length === 0) return found;
  const rows = await db
    .selectFrom('lead_visitors')
    .select(['lead_id', 'visitor_id'])
    .where('lead_id', 'in', leadIds)
    .orderBy('visitor_id')
    .execute();
  for (const { lead_id, visitor_id } of rows) found.set(lead_id, [...(found.get(lead_id) ?? []), visitor_id]);
  return found;
}

/** What is kept of one lead, without the lead. */
type Seen = Pick<StoredHits, 'hits' | 'country' | 'region'>;

/**
 * What the website has seen of these leads of one site. Where a lead has other browsers than when it was last looked at, or the
 * rules ask about other things, all of its history is read again, in one question for all, and kept.
 */
export async function webHits(
  { db, clickhouse }: { db: Kysely<StateSchema>; clickhouse: ClickHouse },
  { siteId, leadIds, house, nowMs }: { siteId: number; leadIds: readonly string[]; house: House; nowMs: number },
): Promise<Map<string, StoredHits>> {
  const signals = webSignalsOf(house);
  const { known, visitors, stale } = await keptHits(db, { leadIds, house });
  if (stale.length === 0) return known;
  const signalsHash = hashOfSignals(house);
  const found = await readHistory(clickhouse, { siteId, leadIds: stale, visitors, house, nowMs });
  // One transaction, because each would wait for the disk by itself.
  await db.transaction().execute(async (trx) => {
    for (const [leadId, seen] of found) {
      const before = known.get(leadId)?.hits ?? {};
      // Visits that a sleeping lead waits for are no rule of the house: they stay.
      const waited = Object.fromEntries(Object.entries(before).filter(([key]) => !signals.has(key)));
      const hashes = { visitors: hash64(...(visitors.get(leadId) ?? [])), signals: signalsHash };
      const stored: StoredHits = { ...seen, ...hashes, leadId, siteId, hits: { ...waited, ...seen.hits } };
      known.set(leadId, stored);
      await writeHits(trx, stored);
    }
  });
  return known;
}

/** The same by rules that are only tried: nothing is kept. Quick where they ask about nothing that is not kept for those that hold. */
export async function triedHits(
  { db, clickhouse }: { db: Kysely<StateSchema>; clickhouse: ClickHouse },
  options: { siteId: number; leadIds: readonly string[]; house: House; next: House; nowMs: number },
): Promise<Map<string, Seen>> {
  const { siteId, leadIds, house, next, nowMs } = options;
  const { known, visitors, stale } = await keptHits(db, { leadIds, house });
  const kept = webSignalsOf(house);
  const isKept = [...webSignalsOf(next).keys()].every((key) => kept.has(key));
  const asked = isKept ? stale : leadIds;
  if (asked.length === 0) return known;
  const found = await readHistory(clickhouse, { siteId, leadIds: asked, visitors, house: next, nowMs });
  return new Map<string, Seen>([...known, ...found]);
}

/** What is kept of these leads, and those of them for which that is not what the house asks about now. */
async function keptHits(
  db: Kysely<StateSchema>,
  { leadIds, house }: { leadIds: readonly string[]; house: House },
): Promise<{ known: Map<string, StoredHits>; visitors: Map<string, string[]>; stale: string[] }> {
  const signals = hashOfSignals(house);
  const known = await readHits(db, leadIds);
  const visitors = await visitorsOfLeads(db, leadIds);
  const stale = leadIds.filter((id) => {
    const before = known.get(id);
    const own = visitors.get(id);
    return before ? before.visitors !== hash64(...(own ?? [])) || before.signals !== signals : own !== undefined;
  });
  return { known, visitors, stale };
}

function hashOfSignals(house: House): string {
  return hash64(...[...webSignalsOf(house).keys()].sort());
}

/** All that the event store knows of what a house asks about these leads. */
export async function readHistory(
  clickhouse: ClickHouse,
  {
    siteId,
    leadIds,
    visitors,
    house,
    nowMs,
  }: {
    siteId: number;
    leadIds: readonly string[];
    visitors: ReadonlyMap<string, readonly string[]>;
    house: House;
    nowMs: number;
  },
): Promise<Map<string, Seen>> {
  const signals = webSignalsOf(house);
  const rows = await leadSignals(clickhouse, {
    siteId,
    span: { fromMs: beginningMs, toMs: nowMs + dayMs },
    visitorIds: leadIds.flatMap((id) => visitors.get(id) ?? []),
    matches: [...signals.values()].map(matchOf),
    limit: mostHits,
  });
  const byVisitor = new Map(rows.map((row) => [row.visitor, row]));
  return new Map(
    leadIds.map((leadId) => {
      const own = (visitors.get(leadId) ?? []).flatMap((visitor) => byVisitor.get(visitor) ?? []);
      const hits: Record<string, StoredHit[]> = {};
      [...signals.keys()].forEach((key, index) => {
        const all = own.reduce<StoredHit[]>((list, row) => unionOfHits(list, row.hits[index] ?? []), []);
        if (all.length > 0) hits[key] = all;
      });
      const last = own.toSorted((a, b) => a.last - b.last).at(-1);
      return [leadId, { hits, country: last?.country ?? '', region: last?.region ?? '' }];
    }),
  );
}
