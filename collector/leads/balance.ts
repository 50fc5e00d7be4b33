import { type Kysely, sql } from 'kysely';
import {
  type Balance,
  type BalanceCheck,
  type BalanceSource,
  type BalanceTerm,
  balanceSources,
  balanceTerms,
} from '../contract/balance.ts';
import { type LeakReason, leakReasons } from '../contract/leads.ts';
import type { Week } from '../queries/week.ts';
import type { StateSchema } from '../state/schema.ts';
import { countLeads, type LeadSelection } from './counted-leads.ts';

type Db = Kysely<StateSchema>;

export interface BalanceQuestion {
  siteId: number;
  week: Week;
  nowMs: number;
}

/** What is counted by itself; the rest is read in one go. */
const counted = ['new', 'back', 'won', 'lost'] as const;

/**
 * Who is accounted for in a week: everybody who came in, came back or was open at its start is, at its end, won, lost, in nurture, in
 * somebody's hands with a date that lies ahead, or leaking. A span of a lead is at a moment where it began before it and had not ended.
 */
export async function balance(db: Db, question: BalanceQuestion): Promise<Balance> {
  const { week } = question;
  const [counts, open] = await Promise.all([
    Promise.all(counted.map(async (of) => [of, await countLeads(db, leadsOf(question, of))])),
    openTerms(db, question),
  ]);
  return {
    week: week.week,
    from: week.from,
    to: week.to,
    at: new Date(endMs(question)).toISOString(),
    ...(Object.fromEntries(counts) as Record<(typeof counted)[number], number>),
    ...open,
  };
}

/** The leads behind one number of the balance. */
export function leadsOf(
  question: BalanceQuestion,
  of: BalanceSource | BalanceTerm,
  reason?: LeakReason,
): LeadSelection {
  const { siteId, week } = question;
  const { fromMs } = week.span;
  const toMs = endMs(question);
  switch (of) {
    case 'new':
      return sql`SELECT id AS lead_id FROM leads
        WHERE site_id = ${siteId} AND merged_into IS NULL AND began_at_ms >= ${fromMs} AND began_at_ms < ${toMs}`;
    case 'back':
      // Whoever comes back was closed until a moment of the week; the index of those is made of `to_ms < 9007199254740991`.
      return sql`SELECT DISTINCT s.lead_id FROM lead_spans AS r CROSS JOIN lead_spans AS s ON s.lead_id = r.lead_id
        WHERE r.site_id = ${siteId} AND r.open = 0 AND r.to_ms >= ${fromMs} AND r.to_ms < ${toMs} AND r.to_ms < 9007199254740991
          AND s.entered = 1 AND s.from_ms >= ${fromMs} AND s.from_ms < ${toMs}
          AND s.stage IN ('incomplete', 'new', 'contacted', 'appointment', 'proposal', 'nurture')
          AND EXISTS (SELECT 1 FROM lead_spans AS b WHERE b.lead_id = s.lead_id AND b.open = 0 AND b.from_ms < ${fromMs} AND b.to_ms >= ${fromMs})`;
    case 'carried':
      return sql`SELECT lead_id FROM lead_spans
        WHERE site_id = ${siteId} AND open = 1 AND from_ms < to_ms AND to_ms >= ${fromMs} AND from_ms < ${fromMs}`;
    case 'won':
    case 'lost':
      return sql`SELECT c.lead_id FROM (
          SELECT DISTINCT lead_id FROM lead_spans
          WHERE site_id = ${siteId} AND entered = 1 AND stage IN ('won', 'lost') AND from_ms >= ${fromMs} AND from_ms < ${toMs}
        ) AS c
        JOIN lead_spans AS e ON e.lead_id = c.lead_id AND e.from_ms < ${toMs} AND e.to_ms >= ${toMs} AND e.stage = ${of}
        WHERE EXISTS (
          SELECT 1 FROM lead_spans AS b WHERE b.lead_id = c.lead_id AND (
            (b.open = 1 AND b.from_ms < ${fromMs} AND b.to_ms >= ${fromMs})
            OR (b.from_ms >= ${fromMs} AND b.from_ms < ${toMs} AND (b.n = 0 OR b.open = 1))))`;
    case 'nurture':
      return sql`SELECT lead_id FROM (${openAt(question)}) WHERE term = 'nurture'`;
    case 'progress':
      return sql`SELECT lead_id FROM (${openAt(question)}) WHERE term = 'progress'`;
    case 'leaking':
      return reason === undefined
        ? sql`SELECT lead_id FROM (${openAt(question)}) WHERE term NOT IN ('nurture', 'progress')`
        : sql`SELECT lead_id FROM (${openAt(question)}) WHERE term = ${reason}`;
  }
}

/** Compares both sides, and each number with its list counted name by name. */
export async function checkBalance(db: Db, question: BalanceQuestion): Promise<BalanceCheck> {
  const counted = await balance(db, question);
  const problems: string[] = [];
  for (const of of [...balanceSources, ...balanceTerms]) {
    const { rows } = await leadsOf(question, of).execute(db);
    const names = new Set(rows.map(({ lead_id }) => lead_id));
    if (names.size !== counted[of]) problems.push(`${of} says ${counted[of]} and has ${names.size} names.`);
  }
  const left = balanceSources.reduce((sum, of) => sum + counted[of], 0);
  const right = balanceTerms.reduce((sum, of) => sum + counted[of], 0);
  if (left !== right) problems.push(`${left} came in or were carried, ${right} are accounted for.`);
  return { week: question.week.week, agrees: problems.length === 0, left, right, problems };
}

/** Of a week that runs, everything up to now. */
function endMs({ week, nowMs }: BalanceQuestion): number {
  return Math.min(week.span.toMs, nowMs + 1);
}

/** Open leads at the end of the week, each with its term. */
const openAt = (question: BalanceQuestion) => openSpans(question, endMs(question));

/**
 * Spans that had begun by the end of the week and lasted to `sinceMs`, each with what its lead would be at the end; of leaking ones the
 * term is the first reason that holds. `from_ms < to_ms` follows from the rest: it is what the index is made of.
 */
function openSpans(question: BalanceQuestion, sinceMs: number) {
  const endsMs = endMs(question);
  return sql<{ lead_id: string; term: BalanceTerm | LeakReason }>`
    SELECT s.lead_id, s.from_ms, s.to_ms, CASE
      WHEN s.stage = 'nurture' THEN 'nurture'
      WHEN s.leaks_at_ms >= ${endsMs} THEN 'progress'
      WHEN s.owner_id IS NULL THEN 'no-owner'
      WHEN s.leaks_at_ms = 0 THEN 'no-next-step'
      WHEN s.leaks_at_ms = s.next_step_at_ms THEN 'next-step-passed'
      WHEN s.leaks_at_ms = s.clock_due_ms THEN 'clock-ran-out'
      ELSE 'stale' END AS term
    FROM lead_spans AS s
    WHERE s.site_id = ${question.siteId} AND s.open = 1 AND s.from_ms < s.to_ms AND s.to_ms >= ${sinceMs} AND s.from_ms < ${endsMs}`;
}

/** Leads that were open at the start or at the end of the week, by what they were then. Most were both, so both are read at once. */
async function openTerms(
  db: Db,
  question: BalanceQuestion,
): Promise<Pick<Balance, 'carried' | 'nurture' | 'progress' | 'leaking' | 'leakingBy'>> {
  const { fromMs } = question.week.span;
  const endsMs = endMs(question);
  const terms = (['nurture', 'progress', ...leakReasons] as const).map(
    (term) => sql`count(*) FILTER (WHERE term = ${term} AND to_ms >= ${endsMs}) AS ${sql.ref(term)}`,
  );
  // TRICKY: without its LIMIT the inner statement is folded into the counts, and each works the terms out again; GROUP BY sorts them first.
  const { rows } = await sql<Record<'carried' | 'nurture' | 'progress' | LeakReason, number>>`
    SELECT count(*) FILTER (WHERE from_ms < ${fromMs}) AS carried, ${sql.join(terms)}
    FROM (${openSpans(question, fromMs)} LIMIT -1)`.execute(db);
  const [counts] = rows;
  const leakingBy = Object.fromEntries(leakReasons.map((reason) => [reason, counts?.[reason] ?? 0])) as Record<
    LeakReason,
    number
  >;
  return {
    carried: counts?.carried ?? 0,
    nurture: counts?.nurture ?? 0,
    progress: counts?.progress ?? 0,
    leaking: Object.values(leakingBy).reduce((sum, leads) => sum + leads, 0),
    leakingBy,
  };
}
