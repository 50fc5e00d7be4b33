import { joinSql, type Sql, sql } from '../clickhouse/sql.ts';
import { durationMs } from '../contract/time.ts';
import { funnelEventsSql } from './funnel-events.ts';
import { literal, momentCode, reachSql } from './funnel-moments.ts';
import type { FunnelQuestion } from './funnel-question.ts';

/**
 * Chains (see chainsSql) of a funnel whose steps come in order, without exclusions and optional steps: the usual one, and the
 * cheapest.
 *
 * How: a unit's step events become numbers that sort by (time, seq, step descending). Level by level, `reach_k` holds at each
 * event of step k the start of the attempt that reaches k there, and `last_k` carries it on to later events. Reading `last_(k−1)`
 * one place earlier is what makes one event serve one step only and lets ties count only where seq says so, because at one
 * moment the later steps come first. A later start can always do what an earlier one can, so one start a level is enough.
 * It is windowFunnel with the chain it found, exact on ties (windowFunnel is not), and linear in events × steps.
 */
export function levelsSql(question: FunnelQuestion): Sql {
  const { steps, window } = question.request;
  const reach = reachSql(durationMs(window));
  const numbers = steps.map((_, index) => literal(index + 1));
  const list = (piece: (level: Sql) => Sql) => joinSql(numbers.map(piece), sql`, `);
  const found = sql`
SELECT unit, arraySort(groupArray(moment)) AS all_moments, arraySort(groupArrayIf((moment, value), value != 0)) AS worth
FROM (${funnelEventsSql(question)})
WHERE code > 0
GROUP BY unit
HAVING countIf(code = 1) > 0`;
  const entry = sql`
SELECT unit, all_moments, worth,
  arrayMap(moment -> ${momentCode(sql`moment`)}, all_moments) AS all_steps,
  arrayMap((moment, step) -> if(step = 1, moment, 0), all_moments, all_steps) AS reach_1,
  arrayFill(start -> start > 0, reach_1) AS last_1
FROM (${found})`;
  // TRICKY: a subquery for each level, because ClickHouse writes an alias out wherever it is used: in one SELECT the statement
  // would grow with the cube of the number of steps.
  const levels = numbers.slice(1).reduce(
    (inner, level, index) => sql`
SELECT *,
  arrayMap((moment, step, start) -> if(step = ${level} AND start > 0 AND moment - start <= ${reach}, start, 0),
    all_moments, all_steps, arrayPushFront(arrayPopBack(last_${literal(index + 1)}), 0)) AS reach_${level},
  arrayFill(start -> start > 0, reach_${level}) AS last_${level}
FROM (${inner})`,
    entry,
  );
  return sql`
SELECT unit, reached, moments[1] AS started, moments[-1] AS stopped, moments,
  arrayMap(moment -> worth.2[indexOf(worth.1, moment)], moments) AS amounts
FROM (
  SELECT unit, reached, worth,
    arraySlice([${list((level) => sql`all_moments[indexOf(reach_${level}, last_start)]`)}], 1, reached) AS moments
  FROM (
    SELECT *, toUInt8(arrayCount(start -> start > 0, starts)) AS reached, starts[greatest(reached, 1)] AS last_start
    FROM (SELECT *, [${list((level) => sql`last_${level}[-1]`)}] AS starts FROM (${levels}))
  )
  WHERE reached > 0
)`;
}
