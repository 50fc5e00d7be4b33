import type { Kysely } from 'kysely';
import type { ClickHouse } from '../clickhouse/client.ts';
import { matchedEvent } from '../contract/match.ts';
import { compileMatch } from '../contract/pattern.ts';
import { groupBy } from '../group-by.ts';
import { type LeadArrival, leadArrivals } from '../queries/lead-arrivals.ts';
import { leadVisits } from '../queries/lead-visits.ts';
import type { State } from '../state/database.ts';
import type { HouseBook } from '../state/house-rules.ts';
import { readHits, type StoredHit, unionOfHits, writeHits } from '../state/lead-hits.ts';
import { leadOfVisitors } from '../state/leads.ts';
import type { StateSchema } from '../state/schema.ts';
import { readWatermark, writeWatermark } from '../state/watermarks.ts';
import { matchOf, webSignalsOf } from './house-signals.ts';
import { signalKey } from './lead-facts.ts';
import { visitSignal, wakeOnOf } from './wake-lead.ts';
import { visitorsOfLeads } from './web-hits.ts';

export interface FollowDependencies {
  state: State;
  clickhouse: ClickHouse;
  house: HouseBook;
  siteIds: readonly number[];
}

/** As in detection: read twice, in case the clock was set back or another collector was late. A hit counts once however often it is read. */
const overlapMs = 5_000;
const arrivalsPerBite = 20_000;
const mark = 'house';

/**
 * Adds what known people did on the website since the last look to what is kept of their leads, and has those judged. The mark moves in
 * the transaction that stores, so nothing is lost; what is read again after a crash changes nothing.
 */
export async function followArrivals(
  { state, clickhouse, house, siteIds }: FollowDependencies,
  { horizonMs }: { horizonMs: number },
): Promise<void> {
  const watched = new Map(siteIds.map((id) => [id, compiledSignals(house, id)]));
  const names = [...new Set([...watched.values()].flatMap((signals) => signals.map(({ name }) => name)))];
  let limit = arrivalsPerBite;
  for (;;) {
    const text = await readWatermark(state.db, mark);
    // Whoever starts now knows the past from the history of each lead.
    const beforeMs = text === null ? horizonMs - overlapMs : Number(text);
    if (beforeMs >= horizonMs) return;
    const { rows, throughMs } = await leadArrivals(clickhouse, {
      afterMs: beforeMs - overlapMs,
      throughMs: horizonMs,
      names,
      limit,
    });
    if (throughMs <= beforeMs) limit *= 2;
    await state.db.transaction().execute(async (trx) => {
      for (const siteId of siteIds) {
        const own = rows.filter((row) => row.site_id === siteId);
        if (own.length > 0) await store(trx, { siteId, rows: own, signals: watched.get(siteId) ?? [] });
      }
      await writeWatermark(trx, mark, String(Math.max(throughMs, beforeMs)));
    });
    if (throughMs >= horizonMs) return;
  }
}

/** Looks whether leads that wait for a visit have come back since the last look. */
export async function followReturns(
  { state, clickhouse }: FollowDependencies,
  { siteId, horizonMs }: { siteId: number; horizonMs: number },
): Promise<void> {
  const waiting = await state.db
    .selectFrom('leads')
    .select(['id', 'wake_on', 'stage_at_ms'])
    .where('site_id', '=', siteId)
    .where('stage', '=', 'nurture')
    .where('merged_into', 'is', null)
    .where('wake_on', 'like', '%"visit"%')
    .execute();
  const visitors = await visitorsOfLeads(
    state.db,
    waiting.map(({ id }) => id),
  );
  const name = `house-visits-${siteId}`;
  const fromMs = Number((await readWatermark(state.db, name)) ?? horizonMs) - lateMs;
  const visits = await leadVisits(clickhouse, {
    siteId,
    span: { fromMs, toMs: horizonMs + 1 },
    visitorIds: [...visitors.values()].flat(),
  });
  const byVisitor = groupBy(visits, ({ visitor }) => visitor);
  await state.db.transaction().execute(async (trx) => {
    for (const lead of waiting) {
      const { visit } = wakeOnOf(lead);
      if (visit === undefined) continue;
      const signal = visitSignal(visit);
      const fits = compileMatch(matchOf(signal));
      const hits = (visitors.get(lead.id) ?? [])
        .flatMap((id) => byVisitor.get(id) ?? [])
        .filter(({ path, at }) => at > lead.stage_at_ms && fits({ name: 'pageview', path, host: '', props: {} }))
        .map(({ at, id }): StoredHit => [at, id]);
      if (hits.length > 0) await addHits(trx, lead.id, new Map([[signalKey(signal), hits]]));
    }
    await writeWatermark(trx, name, String(horizonMs));
  });
}

/** A browser that was offline sends what happened up to a day ago. */
const lateMs = 86_400_000;

interface CompiledSignal {
  key: string;
  name: string;
  fits: ReturnType<typeof compileMatch>;
}

function compiledSignals(house: HouseBook, siteId: number): CompiledSignal[] {
  return [...webSignalsOf(house.of(siteId))].map(([key, signal]) => {
    const match = matchOf(signal);
    return { key, name: matchedEvent(match), fits: compileMatch(match) };
  });
}

async function store(
  trx: Kysely<StateSchema>,
  { siteId, rows, signals }: { siteId: number; rows: readonly LeadArrival[]; signals: readonly CompiledSignal[] },
): Promise<void> {
  const leads = await leadOfVisitors({ db: trx }, siteId, [...new Set(rows.map(({ visitor }) => visitor))]);
  const found = new Map<string, Map<string, StoredHit[]>>();
  for (const row of rows) {
    const lead = leads.get(row.visitor);
    if (!lead) continue;
    for (const { key, fits } of signals) {
      if (!fits(row)) continue;
      const hits = found.get(lead.id) ?? new Map<string, StoredHit[]>();
      found.set(lead.id, hits.set(key, [...(hits.get(key) ?? []), [row.at, row.id]]));
    }
  }
  for (const [leadId, hits] of found) await addHits(trx, leadId, hits);
}

/** Adds hits and has the lead judged at once; one that was never looked at is read whole when it is judged. */
async function addHits(
  trx: Kysely<StateSchema>,
  leadId: string,
  hits: ReadonlyMap<string, readonly StoredHit[]>,
): Promise<void> {
  const known = (await readHits(trx, [leadId])).get(leadId);
  if (known) {
    const all = { ...known.hits };
    for (const [key, some] of hits) all[key] = unionOfHits(all[key] ?? [], some);
    if (JSON.stringify(all) === JSON.stringify(known.hits)) return;
    await writeHits(trx, { ...known, hits: all });
  }
  await trx.updateTable('leads').set({ judge_at_ms: 0 }).where('id', '=', leadId).execute();
}
