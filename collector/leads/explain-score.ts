import type { ClickHouse } from '../clickhouse/client.ts';
import type { House } from '../contract/house.ts';
import type { ByTemperature, LeadScore, Scoring, ScoringPreview } from '../contract/scoring.ts';
import type { State } from '../state/database.ts';
import { personOf } from '../state/lead-ledger.ts';
import { answerMissing, factsOf, type KnownLead } from './judge-lead.ts';
import { readKnown } from './read-known.ts';
import { scoreAt } from './score.ts';
import { readHistory, visitorsOfLeads, webHits } from './web-hits.ts';

interface Deps {
  state: State;
  clickhouse: ClickHouse;
}

/** The score of a lead now, line by line. Throws `not_found`. */
export async function explainScore(
  { state, clickhouse }: Deps,
  { siteId, leadId, house, nowMs }: { siteId: number; leadId: string; house: House; nowMs: number },
): Promise<LeadScore> {
  const person = await personOf(state.db, { siteId, leadId });
  const seen = await webHits({ db: state.db, clickhouse }, { siteId, leadIds: [person.id], house, nowMs });
  const known = (await readKnown(state.db, [person.id], seen)).get(person.id);
  const { rules, version } = house.scoring;
  const { lines, score, temperature } = known
    ? scoreAt(rules, factsOf(known, house), nowMs)
    : { lines: [], score: 0, temperature: 'cold' as const };
  const isRaised = known !== undefined && temperature !== 'hot' && answerMissing(known);
  return {
    score,
    temperature: isRaised ? 'hot' : temperature,
    hotBecause: isRaised ? 'It raised a hand after a silence, and nobody has answered.' : null,
    at: new Date(nowMs).toISOString(),
    version,
    warm: rules.warm,
    hot: rules.hot,
    lines,
  };
}

/** A preview takes a moment for each lead; the newest tell enough. */
const mostPreviewed = 2_000;
const mostMoves = 200;
const leadsPerQuestion = 200;

/** Who would be colder or hotter by another scoring. Nothing is stored. */
export async function previewScoring(
  { state, clickhouse }: Deps,
  { siteId, house, scoring, nowMs }: { siteId: number; house: House; scoring: Scoring; nowMs: number },
): Promise<ScoringPreview> {
  const alive = state.db.selectFrom('leads').where('site_id', '=', siteId).where('merged_into', 'is', null);
  const { total } = await alive.select(({ fn }) => fn.countAll<number>().as('total')).executeTakeFirstOrThrow();
  const newest = await alive.select('id').orderBy('active_at_ms', 'desc').orderBy('id').limit(mostPreviewed).execute();
  const next: House = { ...house, scoring: { ...house.scoring, rules: scoring } };
  const before: ByTemperature = { cold: 0, warm: 0, hot: 0 };
  const after: ByTemperature = { cold: 0, warm: 0, hot: 0 };
  const moves: ScoringPreview['moves'] = [];
  for (let start = 0; start < newest.length; start += leadsPerQuestion) {
    const leadIds = newest.slice(start, start + leadsPerQuestion).map(({ id }) => id);
    const visitors = await visitorsOfLeads(state.db, leadIds);
    const seen = await readHistory(clickhouse, { siteId, leadIds, visitors, house: next, nowMs });
    for (const known of (await readKnown(state.db, leadIds, seen)).values()) {
      const move = moveOf(known, { next, nowMs });
      before[move.before.temperature] += 1;
      after[move.after.temperature] += 1;
      if (move.before.temperature !== move.after.temperature) moves.push(move);
    }
    // Requests that waited meanwhile come first.
    await new Promise((go) => setImmediate(go));
  }
  const sizeOf = (move: ScoringPreview['moves'][number]) => Math.abs(move.after.score - move.before.score);
  return {
    looked: newest.length,
    total,
    before,
    after,
    moves: moves.toSorted((one, other) => sizeOf(other) - sizeOf(one)).slice(0, mostMoves),
    moving: moves.length,
  };
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
