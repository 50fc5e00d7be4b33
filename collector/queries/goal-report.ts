import type { ClickHouse } from '../clickhouse/client.ts';
import { joinSql, param, type Sql, sql } from '../clickhouse/sql.ts';
import type { GoalReportAnswer, GoalReportRequest, GoalResult } from '../contract/goals.ts';
import type { StoredGoal } from '../contract/manage.ts';
import { filterSql } from './filters.ts';
import { matchSql } from './match.ts';
import { comparedSpan, type Span, toSpan, withinSql } from './range.ts';

/*
 * How often was each goal reached, by how many visitors, and what was it worth?
 *
 * One row for each goal that was reached at all:
 *   goal         its place in the list, from 1
 *   conversions  matching events
 *   units        different visitors with at least one
 *   worth        sum of the values of these events
 *   carriers     how many of them carry a value
 * and, from a second statement, one row with all visitors of the range.
 *
 * An event that fits two goals counts for both. Filters on a path, an event or a property keep whole sessions in which such an
 * event occurred: a goal of the visitors who saw /pricing is rarely reached on /pricing.
 */

export interface GoalReportQuestion {
  siteId: number;
  timezone: string;
  goals: readonly StoredGoal[];
  request: GoalReportRequest;
}

interface PartQuestion {
  siteId: number;
  span: Span;
  goals: readonly StoredGoal[];
  filters: GoalReportRequest['filters'];
}

interface GoalRow {
  goal: number;
  conversions: number;
  units: number;
  worth: number;
  carriers: number;
}

export function goalReportSql({ siteId, span, goals, filters }: PartQuestion): Sql {
  const rows = withinSql(siteId, span);
  const conditions = goals.map(({ match }) => matchSql(match));
  const flags = conditions.map((condition, index) => sql`if(${condition}, ${param.uint32(index + 1)}, 0)`);
  return sql`
SELECT arrayJoin(arrayFilter(number -> number > 0, [${joinSql(flags, sql`, `)}])) AS goal,
  toFloat64(count()) AS conversions, toFloat64(uniqExact(visitor_id)) AS units,
  toFloat64(sum(value)) AS worth, toFloat64(countIf(value != 0)) AS carriers
FROM events
WHERE ${rows} AND (${joinSql(conditions, sql` OR `)}) AND ${filterSql(filters, { keep: 'sessions', rows })}
GROUP BY goal`;
}

/** The visitors a rate is of: the same ones that the overview counts. */
export function goalVisitorsSql({ siteId, span, filters }: Omit<PartQuestion, 'goals'>): Sql {
  const rows = withinSql(siteId, span);
  return sql`
SELECT toFloat64(uniqExact(visitor_id)) AS visitors FROM events
WHERE ${rows} AND name != 'engagement' AND ${filterSql(filters, { keep: 'sessions', rows })}`;
}

/** Throws AppError invalid_request for a bad range. */
export async function goalReport(
  clickhouse: ClickHouse,
  { siteId, timezone, goals, request }: GoalReportQuestion,
): Promise<GoalReportAnswer> {
  const part = (span: Span) => goalReportPart(clickhouse, { siteId, span, goals, filters: request.filters });
  const before = request.compare ? comparedSpan(request, timezone, request.compare) : undefined;
  const [now, then] = await Promise.all([part(toSpan(request, timezone)), before && part(before)]);
  return {
    visitors: now.visitors,
    goals: now.goals,
    ...(before && then
      ? {
          comparison: {
            from: new Date(before.fromMs).toISOString(),
            to: new Date(before.toMs).toISOString(),
            visitors: then.visitors,
            goals: then.goals.map(({ goal, result }) => ({ id: goal.id, result })),
          },
        }
      : {}),
    elapsedMs: Math.max(now.elapsedMs, then?.elapsedMs ?? 0),
    rowsRead: now.rowsRead + (then?.rowsRead ?? 0),
  };
}

async function goalReportPart(clickhouse: ClickHouse, question: PartQuestion) {
  const [all, reached] = await Promise.all([
    clickhouse.query<{ visitors: number }>(goalVisitorsSql(question), { name: 'goal-visitors' }),
    question.goals.length > 0
      ? clickhouse.query<GoalRow>(goalReportSql(question), { name: 'goal-report' })
      : { rows: [], elapsedMs: 0, rowsRead: 0 },
  ]);
  const visitors = all.rows[0]?.visitors ?? 0;
  const byGoal = new Map(reached.rows.map((row) => [row.goal, row]));
  return {
    visitors,
    goals: question.goals.map((goal, index) => ({ goal, result: toResult(goal, byGoal.get(index + 1), visitors) })),
    elapsedMs: Math.max(all.elapsedMs, reached.elapsedMs),
    rowsRead: all.rowsRead + reached.rowsRead,
  };
}

function toResult(goal: StoredGoal, row: GoalRow | undefined, visitors: number): GoalResult {
  const { conversions = 0, units = 0, worth = 0, carriers = 0 } = row ?? {};
  const isWorthKnown = carriers > 0 || goal.value !== undefined;
  return {
    conversions,
    units,
    rate: visitors === 0 ? 0 : units / visitors,
    value: isWorthKnown ? worth + (conversions - carriers) * (goal.value ?? 0) : null,
  };
}
