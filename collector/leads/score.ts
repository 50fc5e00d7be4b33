import type { Temperature } from '../contract/leads.ts';
import type { ScoreLine, ScoreRule, Scoring } from '../contract/scoring.ts';
import { durationMs } from '../contract/time.ts';
import { fitsField, type Hit, hitsUntil, type LeadFacts, nextHitMs } from './lead-facts.ts';

export interface Score {
  /** The sum of the lines. */
  score: number;
  temperature: Temperature;
  /** Rules that gave or took something, in their order, and behind them what caps took off. */
  lines: ScoreLine[];
  /** When the score changes next if nothing happens, milliseconds; null where it stays. */
  nextMs: number | null;
}

interface Worth {
  rule: ScoreRule;
  points: number;
  hits: readonly Hit[];
  nextMs: number;
}

/**
 * The score at a moment: a function of the scoring, of what has happened until then and of the moment alone, so it does not matter in
 * which order things arrived. A line is worth points × Σ 2^(−age ∕ half-life) over the newest `most` hits, rounded to a whole point.
 */
export function scoreAt(scoring: Scoring, facts: LeadFacts, atMs: number): Score {
  const worths = scoring.rules.map((rule) => worthOf(rule, facts, atMs));
  const lines = worths.filter(({ points }) => points !== 0).map(toLine);
  for (const { name, most } of scoring.groups) {
    const sum = worths.reduce((all, { rule, points }) => (rule.group === name ? all + points : all), 0);
    if (sum > most) {
      lines.push({ ruleId: null, name: `No more than ${most} for ${name}`, points: most - sum, hits: 0, lastAt: null });
    }
  }
  const score = lines.reduce((sum, { points }) => sum + points, 0);
  const nextMs = Math.min(...worths.map((worth) => worth.nextMs));
  return {
    score,
    temperature: temperatureOf(scoring, score),
    lines,
    nextMs: Number.isFinite(nextMs) ? nextMs : null,
  };
}

export function temperatureOf({ warm, hot }: Pick<Scoring, 'warm' | 'hot'>, score: number): Temperature {
  if (score >= hot) return 'hot';
  return score >= warm ? 'warm' : 'cold';
}

function worthOf(rule: ScoreRule, facts: LeadFacts, atMs: number): Worth {
  const { when, points, most, halfLife } = rule;
  if (when.kind === 'field') {
    return { rule, points: fitsField(when, facts) ? points : 0, hits: [], nextMs: Number.POSITIVE_INFINITY };
  }
  const hits = hitsUntil(facts, when, atMs).slice(0, most);
  const aheadMs = nextHitMs(facts, when, atMs);
  if (halfLife === undefined) return { rule, points: points * hits.length, hits, nextMs: aheadMs };
  const halfLifeMs = durationMs(halfLife);
  // Newest first, so the small ones are added last, always in the same order: the same hits give the same number.
  const exact = points * hits.reduce((sum, hit) => sum + 2 ** ((hit.atMs - atMs) / halfLifeMs), 0);
  return { rule, points: toWhole(exact), hits, nextMs: Math.min(aheadMs, nextStep(exact, halfLifeMs, atMs)) };
}

/** Half a point counts as one, also of a negative number. */
function toWhole(exact: number): number {
  return exact < 0 ? -Math.round(-exact) : Math.round(exact);
}

/** When something that fades loses its next whole point. All hits of a line fade alike, so their sum fades as one. */
function nextStep(exact: number, halfLifeMs: number, atMs: number): number {
  const left = Math.abs(exact);
  const whole = Math.round(left);
  if (whole === 0) return Number.POSITIVE_INFINITY;
  // A millisecond behind the border, where rounding agrees.
  return atMs + Math.max(1, Math.ceil(halfLifeMs * Math.log2(left / (whole - 0.5))) + 1);
}

function toLine({ rule, points, hits }: Worth): ScoreLine {
  const last = hits[0];
  return {
    ruleId: rule.id,
    name: rule.name,
    points,
    hits: rule.when.kind === 'field' ? 1 : hits.length,
    lastAt: last ? new Date(last.atMs).toISOString() : null,
  };
}
