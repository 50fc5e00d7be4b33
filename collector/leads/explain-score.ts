import type { ClickHouse } from '../clickhouse/client.ts';
import type { House } from '../contract/house.ts';
import type { LeadScore } from '../contract/scoring.ts';
import type { State } from '../state/database.ts';
import { personOf } from '../state/lead-ledger.ts';
import { answerMissing, factsOf } from './judge-lead.ts';
import { readKnown } from './read-known.ts';
import { scoreAt } from './score.ts';
import { webHits } from './web-hits.ts';

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
