import { type LeadStage, type LeakReason, leakReasons, workedStages } from '../contract/leads.ts';

/** What decides whether a lead leaks; all times in milliseconds since 1970. */
export interface LeakFacts {
  stage: LeadStage;
  owner_id: string | null;
  next_step_at_ms: number | null;
  clock_due_ms: number | null;
  /** The last sign of life in the ledger. */
  active_at_ms: number;
}

/** From when on each reason holds if nothing more happens; a reason that cannot come is not there. */
function leaksFrom(lead: LeakFacts, { staleMs }: { staleMs: number }): Partial<Record<LeakReason, number>> {
  const { stage, owner_id, next_step_at_ms, clock_due_ms } = lead;
  if (!(workedStages as readonly LeadStage[]).includes(stage)) return {};
  // A clock that runs is a date by which somebody has to act, so a lead that has just come in is not lost yet.
  const hasDate = next_step_at_ms !== null || clock_due_ms !== null;
  return {
    ...(owner_id === null ? { 'no-owner': 0 } : {}),
    ...(hasDate ? {} : { 'no-next-step': 0 }),
    ...(next_step_at_ms === null ? {} : { 'next-step-passed': next_step_at_ms }),
    ...(clock_due_ms === null ? {} : { 'clock-ran-out': clock_due_ms }),
    stale: lead.active_at_ms + staleMs,
  };
}

/** From when on a lead leaks if nothing more happens: 0 already, null not at all, because it is closed or in nurture. */
export function leaksAt(lead: LeakFacts, settings: { staleMs: number }): number | null {
  const times = Object.values(leaksFrom(lead, settings));
  return times.length === 0 ? null : Math.min(...times);
}

/** Why a lead leaks at a moment; empty where it does not. */
export function leakReasonsAt(lead: LeakFacts, settings: { staleMs: number; nowMs: number }): LeakReason[] {
  const from = leaksFrom(lead, settings);
  return leakReasons.filter((reason) => (from[reason] ?? Number.POSITIVE_INFINITY) <= settings.nowMs);
}
