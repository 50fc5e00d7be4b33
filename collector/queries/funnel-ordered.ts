import { joinSql, literal, type Sql, sql } from '../clickhouse/sql.ts';
import { durationMs } from '../contract/time.ts';
import {
  carriedColumns,
  carriedSql,
  entryKeyAtSql,
  entryKeysSql,
  exclusionsOf,
  type FunnelExclusion,
  funnelEventsSql,
  moneySql,
  passedAt,
} from './funnel-events.ts';
import { momentCode, momentKey, reachSql } from './funnel-moments.ts';
import { type FunnelQuestion, requiredSteps } from './funnel-question.ts';

/**
 * Chains (see chainsSql) of a funnel whose steps come in order.
 *
 * How: a unit's events become numbers that sort by (time, seq, code descending). From the last step back to the first, every
 * event of a step learns how the walk goes on from there: the next event of the step after it, and what that one has learned
 * (`arrayReverseFill` carries it to everything before). At an event of step 1 that is the whole attempt, of which the window and
 * the exclusions leave the first part. The best attempt is the deepest, and of equally deep ones the latest.
 *
 * It is windowFunnel with the chain it found, exact on ties (windowFunnel is not), and linear in events × steps. Optional steps
 * have no part in it: they are looked for between the events of the best attempt.
 */
export function orderedSql(question: FunnelQuestion): Sql {
  const { request } = question;
  const required = requiredSteps(request);
  const numbers = request.steps.map((_, index) => index + 1);
  const optional = numbers.filter((step) => !required.includes(step));
  const exclusions = exclusionsOf(request).map((one) => ({ ...one, from: Math.max(one.from, 1) }));
  const reach = reachSql(durationMs(request.window));
  const key = request.breakdown ? sql`, entry_keys` : sql``;
  const all = optional.length > 0 ? sql`, m` : sql``;

  const found = sql`
SELECT unit, arraySort(groupArray(moment)) AS m, ${carriedSql(sql`value != 0`)}${entryKeysSql(request, sql`code = 1`)}
FROM (${funnelEventsSql(question)})
GROUP BY unit
HAVING countIf(code = 1) > 0`;
  const coded = sql`
SELECT unit, ${carriedColumns}, m${key}, arrayMap(moment -> ${momentCode(sql`moment`)}, m) AS codes
FROM (${found})`;

  // What an attempt knows: the moment of each required step, each followed by the first exclusion after it.
  const columns = required.flatMap((step) => [
    { step },
    ...exclusions.filter(({ from }) => from === step).map(({ code }) => ({ step, code })),
  ]);
  const place = (step: number, code?: number) =>
    literal(
      1 + columns.findIndex((column) => column.step === step && ('code' in column ? column.code : undefined) === code),
    );
  const attempts = sql`arrayFilter(walk -> walk.1 > 0, ${walksFrom({ steps: required, exclusions })})`;
  const reaches = (walk: Sql, step: number) => {
    const moment = sql`${walk}.${place(step)}`;
    const cuts = exclusions
      .filter(({ from }) => from < step)
      .map(({ code, from, to }) => {
        const end = required.findLast((other) => other <= Math.min(step, to)) ?? step;
        return end > from
          ? sql` AND NOT ${isCut(sql`${walk}.${place(from, code)}`, sql`${walk}.${place(end)}`)}`
          : sql``;
      });
    return sql`(${moment} > 0 AND ${moment} - ${walk}.1 <= ${reach}${joinSql(cuts, sql``)})`;
  };
  const depth = joinSql([sql`1`, ...required.slice(1).map((step) => reaches(sql`walk`, step))], sql` + `);
  const best = sql`
SELECT unit, ${carriedColumns}${key}${all}, arrayMax(arrayMap(walk -> (${depth}, walk), ${attempts})) AS best
FROM (${coded})`;
  const served = required.map(
    (step, index) => sql`if(best.1 > ${literal(index)}, best.2.${place(step)}, 0) AS ${passedAt(step)}`,
  );
  let statement = sql`
SELECT unit, ${carriedColumns}${key}${all}, best, ${joinSql(served, sql`, `)}
FROM (${best})`;
  for (const step of optional) {
    const before = required.findLast((other) => other < step) ?? 1;
    const rival = required.find((other) => other > step);
    const last = sql`greatest(0, ${joinSql(
      numbers.filter((other) => other < step).map((other) => passedAt(other)),
      sql`, `,
    )})`;
    const cuts = exclusions
      .filter(({ from, to }) => from < step && step <= to)
      .map(({ code, from }) => sql` AND NOT ${isCut(sql`best.2.${place(from, code)}`, sql`found_${literal(step)}`)}`);
    const early =
      rival === undefined ? sql`` : sql` AND (${passedAt(rival)} = 0 OR found_${literal(step)} < ${passedAt(rival)})`;
    const found = sql`found_${literal(step)}`;
    statement = sql`
SELECT *, arrayFirst(moment -> moment > ${last} AND ${momentCode(sql`moment`)} = ${literal(step)}, m) AS ${found},
  if(${passedAt(before)} > 0 AND ${found} > 0 AND ${found} - s_1 <= ${reach}${early}${joinSql(cuts, sql``)}, ${found}, 0) AS ${passedAt(step)}
FROM (${statement})`;
  }
  const passed = joinSql(numbers.map(passedAt), sql`, `);
  const reached = optional.length > 0 ? sql`arrayLastIndex(moment -> moment > 0, [${passed}])` : sql`best.1`;
  return sql`
SELECT unit, toUInt8(${reached}) AS reached, s_1 AS started, greatest(0, ${passed}) AS stopped, ${passed}, ${moneySql(numbers)}${entryKeyAtSql(request)}
FROM (${statement})`;
}

/**
 * For each event of the first of the steps: its moment, the first moment of each exclusion that begins with this step, and the
 * same of every step after it, 0 where there is none; for every other event zeros.
 */
function walksFrom({ steps, exclusions }: { steps: readonly number[]; exclusions: readonly FunnelExclusion[] }): Sql {
  const [step, ...later] = steps;
  if (step === undefined) return sql`[]`;
  const cuts = exclusions.filter(({ from }) => from === step);
  const inLater = later.length + exclusions.filter(({ from }) => later.includes(from)).length;
  const known = [
    sql`moment`,
    ...cuts.map(({ code }) => sql`cut_${literal(code)}`),
    ...Array.from({ length: inLater }, (_, index) => sql`onward.${literal(index + 1)}`),
  ];
  const onward =
    later.length > 0 ? sql`, arrayReverseFill(walk -> walk.1 > 0, ${walksFrom({ steps: later, exclusions })})` : sql``;
  const list = (pieces: Sql[]) => joinSql(pieces, sql`, `);
  return sql`arrayMap((${list([
    sql`moment`,
    sql`code`,
    ...(later.length > 0 ? [sql`onward`] : []),
    ...cuts.map(({ code }) => sql`cut_${literal(code)}`),
  ])}) -> if(code = ${literal(step)}, tuple(${list(known)}), tuple(${list(known.map(() => sql`toUInt64(0)`))})), m, codes${onward}${joinSql(
    cuts.map(({ code }) => sql`, ${nextOf(code)}`),
    sql``,
  )})`;
}

/** For each event the next moment with this code. */
function nextOf(code: number): Sql {
  return sql`arrayReverseFill(moment -> moment > 0, arrayMap((moment, code) -> if(code = ${literal(code)}, moment, 0), m, codes))`;
}

/** Whether an exclusion lies before a moment. */
function isCut(exclusion: Sql, moment: Sql): Sql {
  return sql`(${exclusion} > 0 AND ${momentKey(exclusion)} < ${momentKey(moment)})`;
}
