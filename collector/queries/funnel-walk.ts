import { joinSql, type Sql, sql } from '../clickhouse/sql.ts';
import { durationMs } from '../contract/time.ts';
import { entryKeysSql, exclusionsOf, funnelEventsSql } from './funnel-events.ts';
import { literal, momentCode, momentKey, reachSql } from './funnel-moments.ts';
import { type FunnelQuestion, requiredSteps, stepsBefore } from './funnel-question.ts';

/**
 * Chains (see chainsSql) of a funnel in order, strict or not, with exclusions and optional steps.
 *
 * How: a unit's events become numbers that sort by (time, seq, code descending). `next_k` holds at each place the first place from
 * there on where step k occurs, `cut_e` the same for an exclusion. Every start then walks on by looking up: `p_k` is, for each
 * start, the place of step k, 0 where the attempt ended before. Linear in (events + starts) × steps.
 *
 * The required steps are walked first, as if the optional ones were not there; an optional step is then looked for between the
 * steps around it. A strict walk only ever looks at the very next moment (`after`), where a required step comes before an
 * optional one.
 */
export function walkSql(question: FunnelQuestion): Sql {
  const { request } = question;
  const strict = request.order === 'strict';
  const required = requiredSteps(request);
  const before = stepsBefore(request);
  const numbers = request.steps.map((_, index) => index + 1);
  const exclusions = exclusionsOf(request);
  const reach = reachSql(durationMs(request.window));

  const found = sql`
SELECT unit, arraySort(groupArray(moment)) AS m, arraySort(groupArrayIf((moment, value), value != 0 AND code <= ${literal(numbers.length)})) AS worth${entryKeysSql(request, sql`code = 1`)}
FROM (${funnelEventsSql(question)})
GROUP BY unit
HAVING countIf(code = 1) > 0`;
  const coded = sql`
SELECT *, arrayMap(moment -> ${momentCode(sql`moment`)}, m) AS codes, arrayEnumerate(m) AS places,
  arrayMap(moment -> ${momentKey(sql`moment`)}, m) AS keys
FROM (${found})`;
  const lookups = [
    ...numbers.slice(1).map((step) => sql`${placesOf(step)} AS ${name('next', step)}`),
    ...exclusions.map(({ code }) => sql`${placesOf(code)} AS ${name('cut', code)}`),
    ...(strict
      ? [
          sql`arrayReverseFill(place -> place > 0, arrayMap((key, earlier, place) -> if(key != earlier, place, 0), keys, arrayPushFront(arrayPopBack(keys), 0), places)) AS after`,
        ]
      : []),
    sql`arrayFilter((place, code) -> code = 1, places, codes) AS p_1`,
  ];
  let statement = sql`
SELECT *, ${joinSql(lookups, sql`, `)}
FROM (${coded})`;
  const add = (column: Sql) => {
    statement = sql`
SELECT *, ${column}
FROM (${statement})`;
  };

  /** Whether an exclusion lies after the step at which it begins and before the event at `place`. */
  const notCut = (step: number, place: Sql) =>
    joinSql(
      exclusions
        .filter(({ from, to }) => Math.max(from, 1) < step && step <= to)
        .map(({ code, from }) => {
          const cut = sql`${name('cut', code)}[${name('at', Math.max(from, 1))}]`;
          return sql` AND NOT (${cut} > 0 AND keys[${cut}] < keys[${place}])`;
        }),
      sql``,
    );
  const walked = (step: number) =>
    [...new Set([1, ...exclusions.map(({ from }) => Math.max(from, 1))])].filter((from) => from < step);
  const lambda = (step: number, more: [Sql, Sql][], body: Sql) => {
    const bound: [Sql, Sql][] = [
      ...walked(step).map((from): [Sql, Sql] => [name('at', from), name('p', from)]),
      ...more,
    ];
    return sql`arrayMap((${joinSql(
      bound.map(([variable]) => variable),
      sql`, `,
    )}) -> ${body}, ${joinSql(
      bound.map(([, array]) => array),
      sql`, `,
    )})`;
  };
  const inWindow = (place: Sql) => sql`m[${place}] - m[at_1] <= ${reach}`;

  if (strict) {
    // `here`: for each start, the place of the last step served so far, 0 where the attempt has ended.
    add(sql`p_1 AS here_1`);
    for (const step of numbers.slice(1)) {
      const next = name('next', step);
      add(
        sql`arrayMap(place -> if(place = 0, 0, after[place + 1]), ${name('here', step - 1)}) AS ${name('very_next', step)}`,
      );
      const served = (which: Sql) => sql`${which}[moment] > 0 AND keys[${which}[moment]] = keys[moment]`;
      const rival = required.find((other) => other > step);
      const optional = !required.includes(step);
      const yields = optional && rival !== undefined ? sql` AND NOT (${served(name('next', rival))})` : sql``;
      add(
        sql`${lambda(
          step,
          [[sql`moment`, name('very_next', step)]],
          sql`if(${served(next)} AND ${inWindow(sql`moment`)}${notCut(step, sql`moment`)}${yields}, ${next}[moment], 0)`,
        )} AS ${name('p', step)}`,
      );
      add(
        optional
          ? sql`arrayMap((served, earlier) -> if(served > 0, served, earlier), ${name('p', step)}, ${name('here', step - 1)}) AS ${name('here', step)}`
          : sql`${name('p', step)} AS ${name('here', step)}`,
      );
    }
  } else {
    for (const step of required.slice(1)) {
      const next = name('next', step);
      const previous = before[step - 1] ?? 1;
      add(
        sql`${lambda(
          step,
          [[sql`place`, sql`arrayMap(place -> ${next}[place], ${name('p', previous)})`]],
          sql`if(place > 0 AND ${inWindow(sql`place`)}${notCut(step, sql`place`)}, place, 0)`,
        )} AS ${name('p', step)}`,
      );
    }
    let here = sql`p_1`;
    for (const step of numbers.slice(1)) {
      const p = name('p', step);
      if (required.includes(step)) {
        here = p;
        continue;
      }
      const rival = required.find((other) => other > step);
      const limit: [Sql, Sql][] = rival === undefined ? [] : [[sql`rival`, name('p', rival)]];
      const early = rival === undefined ? sql`` : sql` AND (rival = 0 OR place < rival)`;
      add(
        sql`${lambda(
          step,
          [[sql`place`, sql`arrayMap(place -> ${name('next', step)}[place], ${here})`], ...limit],
          sql`if(place > 0 AND ${inWindow(sql`place`)}${early}${notCut(step, sql`place`)}, place, 0)`,
        )} AS ${p}`,
      );
      add(sql`arrayMap((served, earlier) -> if(served > 0, served, earlier), ${p}, ${here}) AS ${name('here', step)}`);
      here = name('here', step);
    }
  }

  const list = (steps: number[], piece: (step: Sql) => Sql) =>
    joinSql(
      steps.map((step) => piece(literal(step))),
      sql`, `,
    );
  const depths =
    required.length === 1
      ? sql`arrayMap(place -> 1, p_1)`
      : sql`arrayMap((${list(required, (step) => sql`at_${step}`)}) -> ${joinSql(
          required.map((step) => sql`(${name('at', step)} > 0)`),
          sql` + `,
        )}, ${list(required, (step) => sql`p_${step}`)})`;
  return sql`
SELECT unit, reached, moments[1] AS started, moments[-1] AS stopped, moments,
  arrayMap(moment -> worth.2[indexOf(worth.1, moment)], moments) AS amounts${request.breakdown ? sql`, entry_keys.2[indexOf(entry_keys.1, moments[1])] AS key` : sql``}
FROM (
  SELECT *, toUInt8(arrayLastIndex(moment -> moment > 0, all_moments)) AS reached, arraySlice(all_moments, 1, reached) AS moments
  FROM (
    SELECT *, [${list(numbers, (step) => sql`m[p_${step}[best]]`)}] AS all_moments
    FROM (
      SELECT *, toUInt32(arrayMax(arrayMap((depth, place) -> depth * 4294967296 + place, ${depths}, arrayEnumerate(p_1))) % 4294967296) AS best
      FROM (${statement})
    )
  )
)`;
}

function placesOf(code: number): Sql {
  return sql`arrayReverseFill(place -> place > 0, arrayMap((code, place) -> if(code = ${literal(code)}, place, 0), codes, places))`;
}

function name(prefix: 'next' | 'cut' | 'p' | 'at' | 'here' | 'very_next', step: number): Sql {
  return sql`${words[prefix]}_${literal(step)}`;
}

const words = {
  next: sql`next`,
  cut: sql`cut`,
  p: sql`p`,
  at: sql`at`,
  here: sql`here`,
  very_next: sql`very_next`,
};
