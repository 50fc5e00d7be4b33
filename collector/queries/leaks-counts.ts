import type { ClickHouse } from '../clickhouse/client.ts';
import { joinSql, literal, Parameter, param, Sql, sql } from '../clickhouse/sql.ts';
import type { LeakPlace } from '../contract/leaks.ts';
import { type Filter, type Match, matchedEvent } from '../contract/match.ts';
import { hasWildcard } from '../contract/pattern.ts';
import { bucketStarts } from './buckets.ts';
import { filterSql } from './filters.ts';
import { matchSql } from './match.ts';
import { visitorsOwnSql } from './own-events.ts';
import { type Span, withinSql } from './range.ts';

/*
 * How many sessions reached each place, and how many went no further: day by day, of everybody and of each segment?
 *
 * One row for each place, dimension and value (dimension '' is everybody), with one entry for each day that has any:
 *   days     start of the day in the site's zone, milliseconds since 1970: the day of the first `from` of the session
 *   reached  sessions with `from`
 *   lost     of these, sessions with no `to` after their first `from`; of a place with `at`: sessions with `at` and no `to` after it
 *   skipped  lost sessions that nevertheless show a `later` step: the event is missing rather than the person
 *   won      sessions that went on and reached the goal
 */

/** Where people can be lost: between two kinds of events of one session. */
export interface Place {
  kind: LeakPlace;
  where: string;
  from: Match;
  to: Match;
  /** Lost only where this happened and `to` did not follow: a field at which a form was left. */
  at?: Match;
  /** Steps behind `to` on the way to the goal. */
  later: Match[];
  goal?: Match;
  /** Mean worth of one conversion at that goal; null where none is known. */
  value: number | null;
  /** `missing-to`: as above. `cookieless`: lost are the sessions without a persistent id. */
  lost: 'missing-to' | 'cookieless';
}

/** Counts of one place and segment, one entry for each day of the question. */
export interface PlaceSeries {
  /** '' for everybody. */
  dimension: string;
  value: string;
  reached: number[];
  lost: number[];
  skipped: number[];
  won: number[];
}

export interface PlaceCounts {
  place: Place;
  series: PlaceSeries[];
}

export interface LeaksCountsQuestion {
  siteId: number;
  timezone: string;
  span: Span;
  places: readonly Place[];
  filters: readonly Filter[] | undefined;
  /** Counts one session in this many, and only these. */
  sample: number;
}

/** How somebody came and what they use: what stays the same during a session. */
export const leakDimensions = ['device', 'browser', 'os', 'country', 'channel', 'source'] as const;
/** Values of one dimension at one place, the most frequent: rarer ones are too few to judge. */
const mostValues = 8;
/** Sessions of the last day may go on after the end of the range. */
const afterwardsMs = 2 * 3_600_000;

interface CountsRow {
  place: number;
  dimension: string;
  value: string;
  days: number[];
  reached: number[];
  lost: number[];
  skipped: number[];
  won: number[];
}

export function leaksCountsSql(question: LeaksCountsQuestion): Sql {
  const { siteId, span, timezone, places, filters, sample } = question;
  const rows = withinSql(siteId, { fromMs: span.fromMs, toMs: span.toMs + afterwardsMs });
  const signs = distinctSigns(places);
  const starts = new Parameter('Array(Int64)', bucketStarts(span, 'day', timezone));
  const asked = joinSql(
    places.map((place, index) => {
      const at = place.lost === 'cookieless' ? cookieless : place.at ? signs.idOf(place.at) : 0;
      const goal = place.goal ? signs.idOf(place.goal) : 0;
      const later = listSql([0, ...place.later.map(signs.idOf)].map(literal));
      const numbers = [signs.idOf(place.from), index, at, signs.idOf(place.to), goal].map(
        (number) => sql`toUInt16(${literal(number)})`,
      );
      return sql`(${joinSql(numbers, sql`, `)}, ${later})`;
    }),
    sql`, `,
  );
  const names = leakDimensions.map((dimension) => new Sql([dimension]));
  const dimensions = joinSql(names, sql`, `);
  const values = joinSql(
    names.map((name) => sql`any(events.${name}) AS ${name}`),
    sql`, `,
  );
  const sets = joinSql(
    names.map((name) => sql`(place, day, ${name})`),
    sql`, `,
  );
  const inSet = (what: (name: Sql) => Sql) =>
    sql`multiIf(${joinSql(
      names.map((name) => sql`grouping(${name}) = 0, ${what(name)}`),
      sql`, `,
    )}, '')`;
  const first = (sign: Sql) => sql`intDiv(arrayFirst(one -> one % ${signRange} = ${sign}, moments), ${signRange})`;
  const last = (sign: Sql) => sql`intDiv(arrayLast(one -> one % ${signRange} = ${sign}, moments), ${signRange})`;
  return sql`
SELECT toFloat64(place) AS place, dimension, value, groupArray(toFloat64(day)) AS days,
  groupArray(toFloat64(reached)) AS reached, groupArray(toFloat64(lost)) AS lost, groupArray(toFloat64(skipped)) AS skipped,
  groupArray(toFloat64(won)) AS won
FROM (
  SELECT place, day, ${inSet((name) => sql`'${name}'`)} AS dimension, ${inSet((name) => sql`toString(${name})`)} AS value,
    count() AS reached, countIf(is_lost) AS lost, countIf(is_lost AND is_further) AS skipped, countIf(NOT is_lost AND is_won) AS won
  FROM (
    SELECT ${dimensions}, place, roundDown(toInt64(intDiv(began, ${seqRange})) + ${literal(span.fromMs - 1)}, ${starts}) AS day,
      multiIf(at_sign = ${literal(cookieless)}, persistent = 0, at_sign > 0, at > 0 AND ended <= at, ended <= began) AS is_lost,
      further > began AS is_further, won_at > began AS is_won
    FROM (
      SELECT ${dimensions}, persistent, place, at_sign, ${first(sql`sign`)} AS began, ${last(sql`to_sign`)} AS ended,
        ${first(sql`at_sign`)} AS at, if(goal_sign = 0, 0, ${last(sql`goal_sign`)}) AS won_at,
        intDiv(arrayLast(one -> has(later, one % ${signRange}), moments), ${signRange}) AS further
      FROM (
        SELECT *, toUInt16(arrayJoin(arrayDistinct(arrayMap(one -> one % ${signRange}, moments)))) AS sign
        FROM (
          SELECT ${values}, max(events.persistent) AS persistent,
            arraySort(groupArrayArray(arrayMap(sign -> moment * ${signRange} + sign, signs))) AS moments
          FROM (
            SELECT session_id, persistent, ${dimensions}, ${signsOfRow(signs.list)} AS signs,
              toUInt64(toUnixTimestamp64Milli(ts) - ${literal(span.fromMs)} + 1) * ${seqRange} + least(seq, ${seqRange} - 1) AS moment
            FROM events
            WHERE ${rows} AND ${visitorsOwnSql} AND session_id != 0 AND session_id % ${literal(sample)} = 0 AND ${filterSql(filters, { keep: 'sessions', rows })}
          ) AS events
          WHERE notEmpty(signs)
          GROUP BY session_id
        )
      ) AS visits
      INNER JOIN (
        SELECT asked.1 AS sign, asked.2 AS place, asked.3 AS at_sign, asked.4 AS to_sign, asked.5 AS goal_sign, asked.6 AS later
        FROM (SELECT arrayJoin([${asked}]) AS asked)
      ) AS places USING (sign)
    )
    WHERE intDiv(began, ${seqRange}) <= ${literal(span.toMs - span.fromMs)}
  )
  GROUP BY GROUPING SETS ((place, day), ${sets})
  ORDER BY day
)
GROUP BY place, dimension, value
ORDER BY place, dimension, arraySum(reached) DESC, value
LIMIT ${literal(mostValues)} BY place, dimension`;
}

export async function leaksCounts(clickhouse: ClickHouse, question: LeaksCountsQuestion): Promise<PlaceCounts[]> {
  const starts = bucketStarts(question.span, 'day', question.timezone);
  const position = new Map(starts.map((start, index) => [start, index]));
  if (question.places.length === 0) return [];
  const { rows } = await clickhouse.query<CountsRow>(leaksCountsSql(question), { name: 'leaks-counts' });
  const spread = (row: CountsRow, counts: number[]) => {
    const days = starts.map(() => 0);
    row.days.forEach((day, index) => {
      const at = position.get(day);
      if (at !== undefined) days[at] = counts[index] ?? 0;
    });
    return days;
  };
  return question.places.map((place, index) => ({
    place,
    series: rows
      .filter((row) => row.place === index)
      .map((row) => ({
        dimension: row.dimension,
        value: row.value,
        reached: spread(row, row.reached),
        lost: spread(row, row.lost),
        skipped: spread(row, row.skipped),
        won: spread(row, row.won),
      })),
  }));
}

/** Stands in the place of a sign and means: lost are the sessions without a persistent id. */
const cookieless = 65_535;

/** Every kind of event that the places speak of, numbered from 1. */
function distinctSigns(places: readonly Place[]) {
  const keys = new Map<string, number>();
  const list: NumberedSign[] = [];
  for (const place of places) {
    for (const match of [place.from, place.to, place.at, place.goal, ...place.later]) {
      if (!match || keys.has(JSON.stringify(match))) continue;
      keys.set(JSON.stringify(match), list.length + 1);
      list.push({ id: list.length + 1, match });
    }
  }
  return { list, idOf: (match: Match) => keys.get(JSON.stringify(match)) ?? 0 };
}

/** Numbers of the signs that a row is. Plain pages, events and forms are looked up in one go: a condition for each would cost more. */
function signsOfRow(signs: readonly NumberedSign[]): Sql {
  const kinds = { page: [] as NumberedSign[], event: [] as NumberedSign[], form: [] as NumberedSign[] };
  const found: Sql[] = [];
  for (const sign of signs) {
    const kind = kindOf(sign.match);
    if (kind) kinds[kind].push(sign);
    else found.push(sql`toUInt16(if(${matchSql(sign.match)}, ${literal(sign.id)}, 0))`);
  }
  const { page, event, form } = kinds;
  if (page.length > 0)
    found.push(sql`if(name = 'pageview', ${numberOf(sql`path`, page, ({ path }) => path ?? '')}, 0)`);
  if (event.length > 0) found.push(numberOf(sql`name`, event, matchedEvent));
  if (form.length > 0) {
    const key = sql`concat(name, '\n', props['form'], '\n', if(name = 'form_abandon', props['field'], ''))`;
    const number = numberOf(key, form, ({ event: name, props }) => `${name}\n${props?.form}\n${props?.field ?? ''}`);
    found.push(sql`if(name IN ('form_start', 'form_submit', 'form_abandon'), ${number}, 0)`);
  }
  return sql`arrayFilter(sign -> sign > 0, [${joinSql(found, sql`, `)}])`;
}

function kindOf({ event, path, host, props }: Match): 'page' | 'event' | 'form' | null {
  if (host !== undefined) return null;
  if (props !== undefined) {
    const wanted = event === 'form_abandon' ? 'field,form' : 'form';
    const isForm = event !== undefined && ['form_start', 'form_submit', 'form_abandon'].includes(event);
    return isForm && path === undefined && Object.keys(props).sort().join() === wanted ? 'form' : null;
  }
  if (path === undefined) return 'event';
  return matchedEvent({ event, path }) === 'pageview' && !hasWildcard(path) ? 'page' : null;
}

function numberOf(column: Sql, signs: readonly NumberedSign[], textOf: (match: Match) => string): Sql {
  const texts = param.strings(signs.map(({ match }) => textOf(match)));
  return sql`toUInt16(transform(toString(${column}), ${texts}, ${listSql(signs.map(({ id }) => literal(id)))}, 0))`;
}

interface NumberedSign {
  id: number;
  match: Match;
}

/**
 * seq stays below the first (contract: at most 1,000,000), the number of a sign below the second. Milliseconds since the start of the
 * range, seq and sign in one UInt64: 198 days fit.
 */
const seqRange = literal(1 << 20);
const signRange = literal(1 << 10);

/** An array that the statement holds: TRICKY: ClickHouse needs a type for an empty one. */
function listSql(items: readonly Sql[]): Sql {
  return items.length > 0 ? sql`[${joinSql(items, sql`, `)}]` : sql`emptyArrayUInt16()`;
}
