import type { ClickHouse } from '../clickhouse/client.ts';
import type { House } from '../contract/house.ts';
import type { ByTemperature, Scoring, ScoringPreview } from '../contract/scoring.ts';
import type { State } from '../state/database.ts';
import { answerMissing, factsOf, type KnownLead } from './judge-lead.ts';
import { readKnown } from './read-known.ts';
import { scoreAt } from './score.ts';
import { triedHits } from './web-hits.ts';

/** One part is a second or so of work, short enough for every proxy on the way; whoever asks puts the parts together. */
const leadsPerPart = 5_000;
const mostMoves = 200;
/** Hundreds of leads are read in some ten milliseconds, in which nothing else happens. */
const leadsPerLook = 100;

/** Who would be colder or hotter by another scoring, of the leads whose number is greater than `after`. Nothing is stored. */
export async function previewScoring(
  { state, clickhouse }: { state: State; clickhouse: ClickHouse },
  {
    siteId,
    house,
    scoring,
    after,
    nowMs,
    most = leadsPerPart,
  }: { siteId: number; house: House; scoring: Scoring; after: number; nowMs: number; most?: number },
): Promise<ScoringPreview> {
  const alive = state.db.selectFrom('leads').where('site_id', '=', siteId).where('merged_into', 'is', null);
  const { total } = await alive.select(({ fn }) => fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  const leads = await alive
    .select(['id', 'number'])
    .where('number', '>', after)
    .orderBy('number')
    .limit(most + 1)
    .execute();
  const looked = leads.slice(0, most);
  const next: House = { ...house, scoring: { ...house.scoring, rules: scoring } };
  const counts = { before: noLeads(), after: noLeads() };
  const moves: ScoringPreview['moves'] = [];
  for (let start = 0; start < looked.length; start += leadsPerLook) {
    const leadIds = looked.slice(start, start + leadsPerLook).map(({ id }) => id);
    const seen = await triedHits({ db: state.db, clickhouse }, { siteId, leadIds, house, next, nowMs });
    for (const known of (await readKnown(state.db, leadIds, seen)).values()) {
      const move = moveOf(known, { next, nowMs });
      counts.before[move.before.temperature] += 1;
      counts.after[move.after.temperature] += 1;
      if (move.before.temperature !== move.after.temperature) moves.push(move);
    }
    // Requests that waited meanwhile come first.
    await new Promise((go) => setImmediate(go));
  }
  const sizeOf = (move: ScoringPreview['moves'][number]) => Math.abs(move.after.score - move.before.score);
  return {
    looked: looked.length,
    total,
    ...counts,
    moves: moves.toSorted((one, other) => sizeOf(other) - sizeOf(one)).slice(0, mostMoves),
    moving: moves.length,
    next: leads.length > most ? String(looked.at(-1)?.number) : null,
  };
}

function noLeads(): ByTemperature {
  return { cold: 0, warm: 0, hot: 0 };
}

function moveOf(known: KnownLead, { next, nowMs }: { next: House; nowMs: number }): ScoringPreview['moves'][number] {
  const { id, name, email, score, temperature } = known.lead;
  const scored = scoreAt(next.scoring.rules, factsOf(known, next), nowMs);
  return {
    leadId: id,
    name,
    email,
    before: { score, temperature },
    after: { score: scored.score, temperature: answerMissing(known) ? 'hot' : scored.temperature },
  };
}
