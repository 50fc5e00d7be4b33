import { type Kysely, sql } from 'kysely';
import { type WeeklyAnswer, type WeeklyCount, weeklyCounts, weeklyQuestions } from '../contract/balance.ts';
import type { StateSchema } from '../state/schema.ts';
import { type BalanceQuestion, leadsOf } from './balance.ts';
import { countLeads, type LeadSelection } from './counted-leads.ts';

type Db = Kysely<StateSchema>;

/** The six questions of a week. A lead counts once in each, in the week in which it happened. */
export async function weekly(db: Db, question: BalanceQuestion): Promise<WeeklyAnswer> {
  const { week, from, to } = question.week;
  const counts = await Promise.all(
    weeklyCounts.map(async (of) => [of, await countLeads(db, weeklyLeads(question, of))] as const),
  );
  const { rows: cameFrom } = await sql<{ source: string; channel: string; leads: number }>`
    SELECT l.first_source AS source, l.first_channel AS channel, count(*) AS leads
    FROM (${weeklyLeads(question, 'in')}) AS counted JOIN leads AS l ON l.id = counted.lead_id
    GROUP BY l.first_source, l.first_channel ORDER BY leads DESC, source, channel`.execute(db);
  const { rows: worth } = await sql<{ value: number }>`
    SELECT coalesce(sum(l.value), 0) AS value
    FROM (${weeklyLeads(question, 'closed')}) AS counted JOIN leads AS l ON l.id = counted.lead_id`.execute(db);
  return {
    week,
    from,
    to,
    questions: weeklyQuestions,
    ...(Object.fromEntries(counts) as Record<WeeklyCount, number>),
    closedValue: worth[0]?.value ?? 0,
    cameFrom,
  };
}

/** The leads behind one number. `from`: only those that came from there at first. */
export function weeklyLeads(
  question: BalanceQuestion,
  of: WeeklyCount,
  from: { source?: string | undefined; channel?: string | undefined } = {},
): LeadSelection {
  const { siteId, week, nowMs } = question;
  const { fromMs } = week.span;
  const toMs = Math.min(week.span.toMs, nowMs + 1);
  const entered = (stage: string): LeadSelection => sql`SELECT DISTINCT lead_id FROM lead_spans
    WHERE site_id = ${siteId} AND entered = 1 AND stage = ${stage} AND from_ms >= ${fromMs} AND from_ms < ${toMs}`;
  switch (of) {
    case 'in': {
      const bySource = from.source === undefined ? sql`` : sql`AND f.first_source = ${from.source}`;
      const byChannel = from.channel === undefined ? sql`` : sql`AND f.first_channel = ${from.channel}`;
      return sql`SELECT c.lead_id FROM (${leadsOf(question, 'new')} UNION ${leadsOf(question, 'back')}) AS c
        JOIN leads AS f ON f.id = c.lead_id ${bySource} ${byChannel}`;
    }
    case 'reached':
      // Both sides spoke for the first time, or somebody says so by the stage without a touch that tells it.
      return sql`SELECT id AS lead_id FROM leads
        WHERE site_id = ${siteId} AND merged_into IS NULL AND reached_at_ms >= ${fromMs} AND reached_at_ms < ${toMs}
        UNION SELECT c.lead_id FROM (${entered('contacted')}) AS c JOIN leads AS r ON r.id = c.lead_id
        WHERE r.reached_at_ms IS NULL OR r.reached_at_ms >= ${fromMs}`;
    case 'appointments':
      return entered('appointment');
    case 'proposals':
      return entered('proposal');
    case 'closed':
      return entered('won');
  }
}
