import { joinSql, literal, type Sql, sql } from '../clickhouse/sql.ts';
import type { FunnelRequest } from '../contract/funnel.ts';
import { durationMs } from '../contract/time.ts';
import { entryKeyAtSql, entryKeySql, entryKeysSql, exclusionsOf, passedAt, sourceSql } from './funnel-events.ts';
import { momentAt, momentSql, reachSql } from './funnel-moments.ts';
import { overlapGroups } from './funnel-overlap.ts';
import { countedSql, type FunnelQuestion, funnelRows, funnelSpan, requiredSteps, unitSql } from './funnel-question.ts';
import { matchSql } from './match.ts';

/**
 * Chains (see chainsSql) of a funnel in any order: step k is reached when all of 1…k occurred inside one window.
 *
 * How: `sat_S` says for a set S of steps, at each event, when as many events that fit a step of S will have occurred as S has
 * steps. By Hall's theorem 1…k have an event each, all different, as soon as that is so of every S within 1…k; only sets of steps
 * that may share events need a look, so where none do these are the single steps. A walk is an event that may open a window,
 * with the moments at which 1…k have all occurred.
 */
export function anyOrderSql(question: FunnelQuestion): Sql {
  const { request } = question;
  const span = funnelSpan(question);
  const required = requiredSteps(request);
  const numbers = request.steps.map((_, index) => index + 1);
  const sets = stepSets(request.steps);
  const exclusions = exclusionsOf(request);
  const reach = reachSql(durationMs(request.window));
  const key = request.breakdown ? sql`, entry_keys` : sql``;
  const conditions = [
    ...request.steps.map(({ match }, index) => ({ bit: 1 << index, condition: matchSql(match) })),
    ...exclusions.map(({ match, code }) => ({ bit: 1 << (code - 1), condition: matchSql(match) })),
  ];
  const allRequired = literal(bitsOf(required));

  const found = sql`
SELECT unit, arraySort(groupArray((moment, mask))) AS marks,
  arraySort(groupArrayIf((moment, value, mask), value != 0)) AS worth${entryKeysSql(request, sql`bitAnd(mask, ${allRequired}) != 0`)}
FROM (
  SELECT ${unitSql(question)} AS unit, value, ${momentSql(span, literal(31))} AS moment,
    toUInt32(${joinSql(
      conditions.map(({ bit, condition }) => sql`${condition} * ${literal(bit)}`),
      sql` + `,
    )}) AS mask${entryKeySql(request)}
  FROM ${sourceSql(question)}
  WHERE ${funnelRows(question)} AND ${countedSql(question)} AND (${joinSql(
    conditions.map(({ condition }) => condition),
    sql` OR `,
  )})
)
GROUP BY unit
HAVING countIf(bitAnd(mask, ${allRequired}) != 0 AND moment < ${momentAt(span, span.toMs)}) > 0`;
  const marked = sql`
SELECT unit, worth${key}, marks.1 AS m, marks.2 AS masks,
  arrayMap((moment, earlier) -> moment != earlier, m, arrayPushFront(arrayPopBack(m), 0)) AS heads${joinAll(
    exclusions,
    ({ code }) =>
      sql`, arrayFilter((moment, mask) -> bitAnd(mask, ${literal(1 << (code - 1))}) != 0, m, masks) AS cuts_${literal(code)}`,
  )}
FROM (${found})`;

  // A walk: its opening moment, its mask, when all up to each required step had occurred, and when each single step first did.
  const done = (index: number, walk = sql`walk`) => sql`${walk}.3.${literal(index + 1)}`;
  const at = (set: readonly number[]) => sql`at_${named(set)}`;
  const columns = [...sets.map((set) => sql`${atMoment(satisfied(set, set.length))} AS sat_${named(set)}`)];
  const dones = required.map((_, index) => {
    const needed = sets.filter((set) => isWithin(set, required.slice(0, index + 1)));
    const moments = joinSql(needed.map(at), sql`, `);
    return needed.length === 1 ? moments : sql`if(least(${moments}) > 0, greatest(${moments}), 0)`;
  });
  const walks = sql`arrayFilter(walk -> bitAnd(walk.2, ${allRequired}) != 0 AND walk.1 < ${momentAt(span, span.toMs)},
      arrayMap((moment, mask${joinAll(sets, (set) => sql`, ${at(set)}`)}) -> (moment, mask, tuple(${joinSql(dones, sql`, `)}), tuple(${joinSql(sets.map(at), sql`, `)})), m, masks${joinAll(sets, (set) => sql`, sat_${named(set)}`)}))`;
  /** Whether an exclusion lies strictly between two moments. */
  const isCut = (code: number, from: Sql, to: Sql) =>
    sql`arrayExists(moment -> moment > ${from} AND moment < ${to}, cuts_${literal(code)})`;
  const begins = (walk: Sql, from: number) => (from === 0 ? sql`${walk}.1` : done(required.indexOf(from), walk));
  const isReached = (walk: Sql, index: number) => {
    const step = required[index] ?? 1;
    const cuts = exclusions.flatMap(({ code, from, to }) => {
      const end = required.findLastIndex((other) => other <= Math.min(step, to));
      return from < step && end >= 0 && (required[end] ?? 0) > from
        ? [sql` AND NOT ${isCut(code, begins(walk, from), done(end, walk))}`]
        : [];
    });
    return sql`(${done(index, walk)} > 0 AND ${done(index, walk)} - ${walk}.1 <= ${reach}${joinSql(cuts, sql``)})`;
  };
  const depth = joinSql(
    required.map((_, index) => isReached(sql`walk`, index)),
    sql` + `,
  );
  const bitsByDepth = joinSql(
    required.map((_, index) => literal(bitsOf(required.slice(0, index + 1)))),
    sql`, `,
  );
  const best = sql`
SELECT unit, worth${key}${joinAll(exclusions, ({ code }) => sql`, cuts_${literal(code)}`)},
  arrayMax(arrayMap(walk -> (if(bitAnd(walk.2.2, [${bitsByDepth}][walk.1]) != 0, walk.1, 0), walk.2.1, walk.2),
    arrayMap(walk -> (toUInt8(${depth}), walk), walks))) AS best
FROM (
  SELECT unit, worth${key}${joinAll(exclusions, ({ code }) => sql`, cuts_${literal(code)}`)}, ${walks} AS walks
  FROM (SELECT *, ${joinSql(columns, sql`, `)} FROM (${marked}))
)`;
  const sat = (set: readonly number[]) =>
    sql`best.3.4.${literal(1 + sets.findIndex((other) => other.join() === set.join()))}`;
  const inWindow = (set: readonly number[]) => sql`(${sat(set)} > 0 AND ${sat(set)} - best.3.1 <= ${reach})`;
  // A required step: when all up to it had occurred. An optional one: its first event, if the required ones leave it one.
  const moments = numbers.map((step) => {
    const index = required.indexOf(step);
    if (index >= 0) return sql`if(best.1 > ${literal(index)}, ${done(index, sql`best.3`)}, 0)`;
    const before = required.filter((other) => other < step).length;
    const needed = sets.filter(
      (set) => set.includes(step) && set.every((other) => other === step || required.includes(other)),
    );
    const fits = joinAll(needed, (set) => {
      const last = set.findLast((other) => other !== step);
      return last === undefined
        ? sql` AND ${inWindow(set)}`
        : sql` AND (best.1 <= ${literal(required.indexOf(last))} OR ${inWindow(set)})`;
    });
    const uncut = joinAll(
      exclusions.filter(({ from, to }) => from < step && step <= to),
      ({ code, from }) => sql` AND NOT ${isCut(code, begins(sql`best.3`, from), sat([step]))}`,
    );
    return sql`if(best.1 >= ${literal(before)}${fits}${uncut}, ${sat([step])}, 0)`;
  });
  const passed = joinSql(numbers.map(passedAt), sql`, `);
  const amounts = numbers.map(
    (step) =>
      sql`(toUInt8(${literal(step)}), if(${passedAt(step)} = 0, 0, arrayFirst(carried -> carried.1 = ${sat([step])} AND bitTest(carried.3, ${literal(step - 1)}), worth).2))`,
  );
  return sql`
SELECT unit, toUInt8(arrayLastIndex(moment -> moment > 0, [${passed}])) AS reached, best.2 AS started, all_done[best.1] AS stopped,
  ${passed}, arrayFilter(one -> one.2 != 0, if(empty(worth), [], [${joinSql(amounts, sql`, `)}])) AS money${entryKeyAtSql(request)}
FROM (
  SELECT unit, worth${key}, best, ${joinSql(
    moments.map((moment, index) => sql`${moment} AS ${passedAt(index + 1)}`),
    sql`, `,
  )}, [${joinSql(
    required.map((_, index) => done(index, sql`best.3`)),
    sql`, `,
  )}] AS all_done
  FROM (${best})
  WHERE best.1 > 0
)`;
}

/** For each event when the `count`th event from there on that fits one of the steps occurs; 0 for never. */
function satisfied(set: readonly number[], count: number): Sql {
  const fits = sql`bitAnd(mask, ${literal(bitsOf(set))}) != 0`;
  if (count === 1)
    return sql`arrayReverseFill(moment -> moment > 0, arrayMap((moment, mask) -> if(${fits}, moment, 0), m, masks))`;
  return sql`arrayReverseFill((moment, mask) -> ${fits}, arrayPushBack(arrayPopFront(${satisfied(set, count - 1)}), 0), masks)`;
}

/** For each event what the array says at the first event of its moment, because all of that moment lie in the window. */
function atMoment(array: Sql): Sql {
  return sql`arrayFill((value, head) -> head, ${array}, heads)`;
}

/**
 * Sets of steps that may share events, ascending in themselves; every single step is one. A set that falls into two parts which
 * share nothing has enough events as soon as both parts have, so it needs no look of its own.
 */
function stepSets(steps: FunnelRequest['steps']): number[][] {
  return overlapGroups(steps).flatMap((group) => {
    const sets: number[][] = [];
    for (const step of group) sets.push([step], ...sets.map((set) => [...set, step]));
    return sets.filter((set) => overlapGroups(set.flatMap((step) => steps[step - 1] ?? [])).length === 1);
  });
}

function bitsOf(steps: readonly number[]): number {
  return steps.reduce((bits, step) => bits + 2 ** (step - 1), 0);
}

function isWithin(set: readonly number[], steps: readonly number[]): boolean {
  return set.every((step) => steps.includes(step));
}

/** `1_2_5`: what the columns of a set are called by. */
function named(set: readonly number[]): Sql {
  return joinSql(set.map(literal), sql`_`);
}

function joinAll<Item>(items: readonly Item[], piece: (item: Item) => Sql): Sql {
  return joinSql(items.map(piece), sql``);
}
