import type { ClickHouse } from '../clickhouse/client.ts';
import { type Sql, sql } from '../clickhouse/sql.ts';
import type { FunnelAnswer, FunnelRequest, FunnelStepResult } from '../contract/funnel.ts';
import { chainsSql, type FunnelQuestion, funnelSpan, momentMs } from './funnel-chains.ts';
import { matchInWords } from './match.ts';
import { comparedSpan, type Span } from './range.ts';

/*
 * How many units (visitors or sessions) reached each step of a funnel, how long they took, and what it was worth?
 *
 * One row, of arrays with one place for each step that anybody reached, the entry first:
 *   counts     units whose deepest attempt reached this step or a later one
 *   quantiles  seconds from the step before, p50 and p90, over the attempts that speak for these units (from step 2 on);
 *              linear between neighbours
 *   averages   of the same seconds
 *   worths     sum of the values of this step's events on these attempts
 *   carriers   how many of these events carry a value at all
 *
 * A unit counts once, however often it repeats. Attempts start inside the range; their later steps may lie after its end, up
 * to the window. What exactly counts: docs/funnel.md and funnel-chains.ts.
 */

interface FunnelRow {
  counts: number[];
  quantiles: [number, number][];
  averages: number[];
  worths: number[];
  carriers: number[];
}

export function funnelSql(question: FunnelQuestion): Sql {
  const span = funnelSpan(question);
  const ms = momentMs(sql`moment`, span);
  return sql`
SELECT arrayMap(count -> toFloat64(count), countForEach(moments)) AS counts,
  quantilesExactInclusiveForEach(0.5, 0.9)(seconds) AS quantiles, avgForEach(seconds) AS averages,
  arrayMap(worth -> toFloat64(worth), sumForEach(amounts)) AS worths,
  arrayMap(count -> toFloat64(count), sumForEach(arrayMap(amount -> amount != 0, amounts))) AS carriers
FROM (
  SELECT moments, amounts, arrayMap(moment -> ${ms}, moments) AS times,
    arrayMap((later, earlier) -> (later - earlier) / 1000, arrayPopFront(times), arrayPopBack(times)) AS seconds
  FROM (${chainsSql(question)})
)`;
}

/** Throws AppError invalid_request for a bad range or an option that cannot be counted yet. */
export async function funnel(clickhouse: ClickHouse, question: FunnelQuestion): Promise<FunnelAnswer> {
  const { request, timezone } = question;
  const before = request.compare ? comparedSpan(request, timezone, request.compare) : undefined;
  const [now, then] = await Promise.all([
    funnelPart(clickhouse, question),
    before && funnelPart(clickhouse, { ...question, request: { ...request, ...toRange(before) } }),
  ]);
  return {
    steps: now.steps,
    ...(before && then ? { comparison: { ...toRange(before), steps: then.steps } } : {}),
    elapsedMs: Math.max(now.elapsedMs, then?.elapsedMs ?? 0),
    rowsRead: now.rowsRead + (then?.rowsRead ?? 0),
  };
}

async function funnelPart(clickhouse: ClickHouse, question: FunnelQuestion) {
  const { rows, elapsedMs, rowsRead } = await clickhouse.query<FunnelRow>(funnelSql(question), { name: 'funnel' });
  return { steps: toSteps(question.request, rows[0]), elapsedMs, rowsRead };
}

function toRange({ fromMs, toMs }: Span): { from: string; to: string } {
  return { from: new Date(fromMs).toISOString(), to: new Date(toMs).toISOString() };
}

function toSteps(request: FunnelRequest, row: FunnelRow | undefined): FunnelStepResult[] {
  const counts = request.steps.map((_, index) => row?.counts[index] ?? 0);
  const [first = 0] = counts;
  return request.steps.map((step, index) => {
    const count = counts[index] ?? 0;
    const [p50, p90] = row?.quantiles[index - 1] ?? [];
    const avg = row?.averages[index - 1];
    return {
      index: index + 1,
      name: step.name ?? matchInWords(step.match),
      count,
      rateFromFirst: rate(count, first),
      rateFromPrevious: index === 0 ? 1 : rate(count, counts[index - 1] ?? 0),
      dropped: index === request.steps.length - 1 ? 0 : count - (counts[index + 1] ?? 0),
      secondsFromPrevious: p50 === undefined || p90 === undefined || avg === undefined ? null : { p50, p90, avg },
      value: row?.carriers[index] ? (row.worths[index] ?? null) : null,
    };
  });
}

function rate(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
