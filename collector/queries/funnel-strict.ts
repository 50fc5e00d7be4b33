import { joinSql, literal, type Sql, sql } from '../clickhouse/sql.ts';
import { durationMs } from '../contract/time.ts';
import {
  carriedColumns,
  carriedSql,
  entryKeyAtSql,
  entryKeysSql,
  exclusionsOf,
  funnelEventsSql,
  moneySql,
  passedAt,
} from './funnel-events.ts';
import { momentCode, momentKey, reachSql } from './funnel-moments.ts';
import { type FunnelQuestion, requiredSteps } from './funnel-question.ts';

/**
 * Chains (see chainsSql) of a strict funnel: nothing but `engagement` lies between two consecutive steps.
 *
 * How: as in order (see funnel-ordered.ts), from the last step back to the first, but from an event the walk goes on only to the
 * very next moment. `at_k` says at the first event of a moment whether step k occurs in that moment, `on_k` at every event how
 * the walk goes on when this event was step k. Where the next moment fits a required step and an optional one, the required one
 * takes it.
 */
export function strictSql(question: FunnelQuestion): Sql {
  const { request } = question;
  const required = requiredSteps(request);
  const numbers = request.steps.map((_, index) => index + 1);
  const exclusions = exclusionsOf(request).map((one) => ({ ...one, from: Math.max(one.from, 1) }));
  const reach = reachSql(durationMs(request.window));
  const key = request.breakdown ? sql`, entry_keys` : sql``;
  const list = (pieces: Sql[]) => joinSql(pieces, sql`, `);
  const codes = [...numbers.slice(1), ...exclusions.map(({ code }) => code)];

  const found = sql`
SELECT unit, arraySort(groupArray(moment)) AS m, ${carriedSql(sql`value != 0 AND code <= ${literal(numbers.length)}`)}${entryKeysSql(request, sql`code = 1`)}
FROM (${funnelEventsSql(question)})
GROUP BY unit
HAVING countIf(code = 1) > 0`;
  const coded = sql`
SELECT unit, ${carriedColumns}, m${key}, arrayMap(moment -> ${momentCode(sql`moment`)}, m) AS codes,
  arrayMap(moment -> ${momentKey(sql`moment`)}, m) AS keys
FROM (${found})`;
  const nextOf = (code: number) =>
    sql`arrayReverseFill(moment -> moment > 0, arrayMap((moment, code) -> if(code = ${literal(code)}, moment, 0), m, codes))`;
  const kept = sql`unit, ${carriedColumns}, m, codes${key}`;
  let statement = sql`
SELECT ${kept}, keys, arrayMap((key, earlier) -> key != earlier, keys, arrayPushFront(arrayPopBack(keys), 0)) AS heads${list(
    [sql``, ...codes.map((code) => sql`${nextOf(code)} AS next_${literal(code)}`)],
  )}
FROM (${coded})`;
  // Exclusions: the first one in a later moment. Steps: the one of this moment, at its first event.
  statement = sql`
SELECT ${kept}, heads${list([
    sql``,
    ...numbers
      .slice(1)
      .map(
        (step) =>
          sql`arrayMap((next, key, head) -> if(head AND ${momentKey(sql`next`)} = key, next, 0), next_${literal(step)}, keys, heads) AS at_${literal(step)}`,
      ),
    ...exclusions.map(
      ({ code }) => sql`${afterMoment(sql`next_${literal(code)}`, sql`toUInt64(0)`)} AS cut_${literal(code)}`,
    ),
  ])}
FROM (${statement})`;

  // A walk: the moment of each step from the second, then the first exclusion after the step at which it begins.
  const place = (code: number) => literal(1 + codes.indexOf(code));
  const none = sql`tuple(${list([...codes.map(() => sql`toUInt64(0)`), sql`toUInt64(0)`])})`;
  const carried = (step: number) => [
    ...numbers.filter((other) => other >= step && other > 1).map((other) => sql`at_${literal(other)}`),
    ...exclusions.map(({ code }) => sql`cut_${literal(code)}`),
  ];
  for (const step of numbers.toReversed()) {
    const rival = required.find((other) => other > step);
    const between = numbers.filter((other) => other > step && (rival === undefined || other < rival));
    const choices = [...(rival === undefined ? [] : [rival]), ...between];
    /** The walk on from `other`, which the moment fits. */
    const onFrom = (other: number) =>
      sql`tuple(${list([
        ...codes.map((code) => {
          if (code === other) return sql`at_${literal(other)}`;
          const exclusion = exclusions.find((one) => one.code === code);
          if (exclusion ? exclusion.from === other : code < other)
            return exclusion ? sql`cut_${literal(code)}` : sql`toUInt64(0)`;
          return sql`on_${literal(other)}.${place(code)}`;
        }),
        sql`toUInt64(0)`,
      ])})`;
    const bound = [...carried(Math.min(...choices, step + 1)), ...choices.map((other) => sql`on_${literal(other)}`)];
    const chosen =
      choices.length === 0
        ? sql`arrayMap(moment -> ${none}, m)`
        : sql`arrayMap((${list([sql`code`, ...bound])}) -> multiIf(${list(
            choices.flatMap((other) => [sql`at_${literal(other)} > 0`, onFrom(other)]),
          )}, ${none}), codes, ${list(bound)})`;
    const needed = [
      ...numbers.filter((other) => other > 1 && other <= step).map((other) => sql`at_${literal(other)}`),
      ...numbers.filter((other) => other > step).map((other) => sql`at_${literal(other)}`),
      ...exclusions.map(({ code }) => sql`cut_${literal(code)}`),
      ...numbers.filter((other) => other > step).map((other) => sql`on_${literal(other)}`),
    ];
    statement = sql`
SELECT ${list([kept, sql`heads`, ...needed])}, ${afterMoment(chosen, none)} AS on_${literal(step)}
FROM (${statement})`;
  }
  const fromOne = exclusions.filter(({ from }) => from === 1);
  const attempts = sql`arrayFilter(walk -> walk.1 > 0, arrayMap((${list([
    sql`moment`,
    sql`code`,
    sql`onward`,
    ...fromOne.map(({ code }) => sql`cut_${literal(code)}`),
  ])}) -> (if(code = 1, moment, 0), tuple(${list([
    ...codes.map((code) =>
      fromOne.some((one) => one.code === code) ? sql`cut_${literal(code)}` : sql`onward.${place(code)}`,
    ),
    sql`toUInt64(0)`,
  ])})), ${list([sql`m`, sql`codes`, sql`on_1`, ...fromOne.map(({ code }) => sql`cut_${literal(code)}`)])}))`;
  const isReached = (walk: Sql, step: number) => {
    const moment = sql`${walk}.2.${place(step)}`;
    const cuts = exclusions
      .filter(({ from }) => from < step)
      .flatMap(({ code, from, to }) => {
        const end = required.findLast((other) => other <= Math.min(step, to)) ?? step;
        const last = step <= to ? step : end;
        const cut = sql`${walk}.2.${place(code)}`;
        return last > from
          ? [sql` AND NOT (${cut} > 0 AND ${momentKey(cut)} < ${momentKey(sql`${walk}.2.${place(last)}`)})`]
          : [];
      });
    return sql`(${moment} > 0 AND ${moment} - ${walk}.1 <= ${reach}${joinSql(cuts, sql``)})`;
  };
  const depth = joinSql([sql`1`, ...required.slice(1).map((step) => isReached(sql`walk`, step))], sql` + `);
  const served = numbers.slice(1).map((step) => {
    const before = required.filter((other) => other < step).length;
    const enough = required.includes(step)
      ? sql`best.1 > ${literal(before)}`
      : sql`best.1 >= ${literal(before)} AND ${isReached(sql`best.2`, step)}`;
    return sql`if(${enough}, best.2.2.${place(step)}, 0)`;
  });
  const passed = joinSql(numbers.map(passedAt), sql`, `);
  return sql`
SELECT unit, toUInt8(arrayLastIndex(moment -> moment > 0, [${passed}])) AS reached, s_1 AS started, greatest(0, ${passed}) AS stopped,
  ${passed}, ${moneySql(numbers)}${entryKeyAtSql(request)}
FROM (
  SELECT unit, ${carriedColumns}${key}, ${list(
    [sql`best.2.1`, ...served].map((moment, index) => sql`${moment} AS ${passedAt(index + 1)}`),
  )}
  FROM (
    SELECT unit, ${carriedColumns}${key}, arrayMax(arrayMap(walk -> (${depth}, walk), ${attempts})) AS best
    FROM (${statement})
  )
)`;
}

/** For each event what the array says at the first event of the next moment. */
function afterMoment(array: Sql, none: Sql): Sql {
  return sql`arrayPushBack(arrayPopFront(arrayReverseFill((value, head) -> head, arrayMap((value, head) -> if(head, value, ${none}), ${array}, heads), heads)), ${none})`;
}
