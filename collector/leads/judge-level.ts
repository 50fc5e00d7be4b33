import type { LeadCondition, LeadDefinition } from '../contract/lead-definition.ts';
import type { Qualified } from '../contract/leads.ts';
import { durationMs } from '../contract/time.ts';
import { fitsField, hitsUntil, type LeadFacts, nextHitMs } from './lead-facts.ts';

export interface LevelJudgement {
  level: Qualified;
  /** Of the level above, the conditions that do not hold; empty at the top, and where that level has none. */
  missing: LeadCondition[];
  /** When a condition ends to hold or begins to if nothing happens, milliseconds; null where none will. The score is not among them. */
  nextMs: number | null;
}

const upwards = ['lead', 'marketing', 'sales'] as const;

/** What a person counts as by a definition. A person who is known and of whom nothing is asked is a lead. */
export function judgeLevel(
  definition: LeadDefinition,
  { facts, score, atMs }: { facts: LeadFacts; score: number; atMs: number },
): LevelJudgement {
  const all = upwards.flatMap((level) => definition[level]);
  const nextMs = Math.min(...all.map((condition) => nextChange(condition, facts, atMs)));
  const judged = { nextMs: Number.isFinite(nextMs) ? nextMs : null };
  let level: Qualified = 'none';
  for (const above of upwards) {
    const conditions = definition[above];
    if (above !== 'lead' && conditions.length === 0) return { level, missing: [], ...judged };
    const missing = conditions.filter((condition) => !holds(condition, { facts, score, atMs }));
    if (missing.length > 0) return { level, missing, ...judged };
    level = above;
  }
  return { level, missing: [], ...judged };
}

export function holds(
  { check }: LeadCondition,
  { facts, score, atMs }: { facts: LeadFacts; score: number; atMs: number },
): boolean {
  switch (check.kind) {
    case 'score':
      return score >= check.atLeast;
    case 'field':
      return fitsField(check, facts);
    case 'behaviour': {
      const oldestMs = check.within === undefined ? Number.NEGATIVE_INFINITY : atMs - durationMs(check.within);
      return hitsUntil(facts, check.of, atMs).filter((hit) => hit.atMs > oldestMs).length >= check.atLeast;
    }
  }
}

/** The moment at which the hit that is just enough becomes too old, or one that lies ahead begins to count. */
function nextChange({ check }: LeadCondition, facts: LeadFacts, atMs: number): number {
  if (check.kind !== 'behaviour') return Number.POSITIVE_INFINITY;
  const aheadMs = nextHitMs(facts, check.of, atMs);
  if (check.within === undefined) return aheadMs;
  const withinMs = durationMs(check.within);
  const justEnough = hitsUntil(facts, check.of, atMs)[check.atLeast - 1];
  const endsMs = justEnough ? justEnough.atMs + withinMs : 0;
  return Math.min(aheadMs, endsMs > atMs ? endsMs : Number.POSITIVE_INFINITY);
}
