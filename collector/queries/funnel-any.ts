import { joinSql, type Sql, sql } from '../clickhouse/sql.ts';
import type { FunnelRequest } from '../contract/funnel.ts';
import { durationMs } from '../contract/time.ts';
import { entryKeySql, entryKeysSql, exclusionsOf, sourceSql } from './funnel-events.ts';
import { literal, momentAt, momentSql, reachSql } from './funnel-moments.ts';
import { overlapGroups } from './funnel-overlap.ts';
import { countedSql, type FunnelQuestion, funnelRows, funnelSpan, requiredSteps, unitSql } from './funnel-question.ts';
import { matchSql } from './match.ts';

/**
 * Chains (see chainsSql) of a funnel in any order: step k is reached when all of 1…k occurred inside one window.
 *
 * How: `sat_S` holds for a set S of steps, at each event that may open a window, the place at which as many events that fit a
 * step of S have occurred as S has steps. By Hall's theorem 1…k have an event each, all different, as soon as that is so of
 * every S within 1…k; only sets of steps that may share events need a look, so where none do these are the single steps.
 * `p_k` is the place at which 1…k have all occurred.
 */
export function anyOrderSql(question: FunnelQuestion): Sql {
  const { request } = question;
  const span = funnelSpan(question);
  const required = requiredSteps(request);
  const numbers = request.steps.map((_, index) => index + 1);
  const sets = stepSets(request.steps);
  const exclusions = exclusionsOf(request);
  const reach = reachSql(durationMs(request.window));
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
SELECT *, marks.1 AS m, marks.2 AS masks, arrayEnumerate(marks) AS places,
  arrayMap((moment, earlier, place) -> if(moment != earlier, place, 0), marks.1, arrayPushFront(arrayPopBack(marks.1), 0), arrayEnumerate(marks)) AS changes
FROM (${found})`;
  const lookups = [
    // First place of the moment, and first place of this moment or, between moments, of the next.
    sql`arrayFill(place -> place > 0, changes) AS firsts`,
    sql`arrayReverseFill(place -> place > 0, changes) AS after`,
    sql`arrayFilter((place, mask) -> bitAnd(mask, ${allRequired}) != 0 AND m[place] < ${momentAt(span, span.toMs)}, places, masks) AS opens`,
    ...exclusions.map(
      ({ code }) =>
        sql`arrayReverseFill(place -> place > 0, arrayMap((mask, place) -> if(bitAnd(mask, ${literal(1 << (code - 1))}) != 0, place, 0), masks, places)) AS cut_${literal(code)}`,
    ),
    ...sets.flatMap((set) => [
      sql`arrayFilter((place, mask) -> bitAnd(mask, ${literal(bitsOf(set))}) != 0, places, masks) AS fits_${named(set)}`,
      sql`arrayCumSum(arrayMap(mask -> bitAnd(mask, ${literal(bitsOf(set))}) != 0, masks)) AS seen_${named(set)}`,
    ]),
  ];
  let statement = sql`
SELECT *, ${joinSql(lookups, sql`, `)}
FROM (${marked})`;
  const add = (...columns: Sql[]) => {
    statement = sql`
SELECT *, ${joinSql(columns, sql`, `)}
FROM (${statement})`;
  };
  // The first event of the opening moment counts too, so what was seen before is what was seen before that moment.
  add(
    ...sets.map(
      (set) =>
        sql`arrayMap(open -> fits_${named(set)}[seen_${named(set)}[firsts[open] - 1] + ${literal(set.length)}], opens) AS sat_${named(set)}`,
    ),
    sql`opens AS p_0`,
  );
  /** Whether an exclusion lies strictly between the moments of two places. */
  const isCut = (code: number, from: Sql, to: Sql) => {
    const cut = sql`cut_${literal(code)}[after[${from} + 1]]`;
    return sql`(${cut} > 0 AND m[${cut}] < m[${to}])`;
  };
  required.forEach((step, index) => {
    const previous = literal(required[index - 1] ?? 0);
    const needed = sets.filter(
      (set) => set.at(-1) !== undefined && isWithin(set, required.slice(0, index + 1)) && set.includes(step),
    );
    const cuts = exclusions.filter(({ from, to }) => from < step && step <= to);
    const bases = [...new Set(cuts.map(({ from }) => from))];
    add(
      sql`arrayMap((open, earlier${joinAll(needed, (set) => sql`, s_${named(set)}`)}) -> if(earlier > 0${joinAll(needed, (set) => sql` AND s_${named(set)} > 0`)}, greatest(earlier${joinAll(needed, (set) => sql`, s_${named(set)}`)}), 0), opens, p_${previous}${joinAll(needed, (set) => sql`, sat_${named(set)}`)}) AS done_${literal(step)}`,
    );
    add(
      sql`arrayMap((open, done${joinAll(bases, (from) => sql`, at_${literal(from)}`)}) -> if(done > 0 AND m[done] - m[open] <= ${reach}${joinAll(cuts, ({ code, from }) => sql` AND NOT ${isCut(code, sql`at_${literal(from)}`, sql`done`)}`)}, done, 0), opens, done_${literal(step)}${joinAll(bases, (from) => sql`, p_${literal(from)}`)}) AS p_${literal(step)}`,
    );
  });
  const depth = joinSql(
    required.map((step) => sql`(at_${literal(step)} > 0)`),
    sql` + `,
  );
  const bitsByDepth = joinSql(
    required.map((_, index) => literal(bitsOf(required.slice(0, index + 1)))),
    sql`, `,
  );
  const depths = sql`arrayMap((open, depth) -> if(depth > 0 AND bitAnd(masks[open], [${bitsByDepth}][depth]) != 0, depth, 0), opens,
    arrayMap((${joinSql(
      required.map((step) => sql`at_${literal(step)}`),
      sql`, `,
    )}) -> ${depth}, ${joinSql(
      required.map((step) => sql`p_${literal(step)}`),
      sql`, `,
    )}))`;
  // The moment of each step in the best attempt. A required step: when all up to it had occurred. An optional one: its first event.
  const moments = numbers.map((step) => {
    if (required.includes(step)) return sql`m[p_${literal(step)}[best]]`;
    const previous = required.findLast((other) => other < step) ?? 1;
    const place = sql`sat_${literal(step)}[best]`;
    const needed = sets.filter(
      (set) => set.includes(step) && set.every((other) => other === step || required.includes(other)),
    );
    const cuts = exclusions.filter(({ from, to }) => from < step && step <= to);
    const fits = joinAll(needed, (set) => {
      const others = set.filter((other) => other !== step);
      const satisfied = sql`(sat_${named(set)}[best] > 0 AND m[sat_${named(set)}[best]] - m[opens[best]] <= ${reach})`;
      const last = others.at(-1);
      return last === undefined ? sql` AND ${satisfied}` : sql` AND (p_${literal(last)}[best] = 0 OR ${satisfied})`;
    });
    const uncut = joinAll(cuts, ({ code, from }) => sql` AND NOT ${isCut(code, sql`p_${literal(from)}[best]`, place)}`);
    return sql`if(p_${literal(previous)}[best] > 0${fits}${uncut}, m[${place}], 0)`;
  });
  const firstMoments = joinSql(
    numbers.map((step) => sql`m[sat_${literal(step)}[best]]`),
    sql`, `,
  );
  return sql`
SELECT unit, reached, started, stopped, arraySlice(all_moments, 1, reached) AS moments,
  arrayMap((moment, first, step) -> if(moment = 0, 0, arrayFirst(carried -> carried.1 = first AND bitTest(carried.3, step - 1), worth).2),
    moments, arraySlice([${firstMoments}], 1, reached), arrayEnumerate(moments)) AS amounts${request.breakdown ? sql`, entry_keys.2[indexOf(entry_keys.1, started)] AS key` : sql``}
FROM (
  SELECT *, toUInt8(arrayLastIndex(moment -> moment > 0, all_moments)) AS reached, m[opens[best]] AS started,
    m[greatest(${joinSql([...required.map((step) => sql`p_${literal(step)}[best]`), sql`0`], sql`, `)})] AS stopped
  FROM (
    SELECT *, [${joinSql(moments, sql`, `)}] AS all_moments
    FROM (
      SELECT *, arrayMax(arrayMap((depth, place) -> depth * 4294967296 + place, depths, arrayEnumerate(opens))) AS score,
        toUInt32(score % 4294967296) AS best
      FROM (SELECT *, ${depths} AS depths FROM (${statement}))
    )
    WHERE score >= 4294967296
  )
)`;
}

/** Sets of steps that may share events, ascending in themselves; every single step is one. */
function stepSets(steps: FunnelRequest['steps']): number[][] {
  return overlapGroups(steps).flatMap((group) => {
    const sets: number[][] = [];
    for (const step of group) sets.push([step], ...sets.map((set) => [...set, step]));
    return sets;
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
