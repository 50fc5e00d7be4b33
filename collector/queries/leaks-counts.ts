import type { ClickHouse } from '../clickhouse/client.ts';
import { joinSql, Parameter, param, Sql, sql } from '../clickhouse/sql.ts';
import type { LeakPlace } from '../contract/leaks.ts';
import { type Filter, type Match, matchedEvent } from '../contract/match.ts';
import { hasWildcard } from '../contract/pattern.ts';
import { bucketStarts } from './buckets.ts';
import { filterSql } from './filters.ts';
import { momentMs, momentSql } from './leaks-atlas.ts';
import { matchSql } from './match.ts';
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
  const { siteId, span, timezone, places, filters } = question;
  const rows = withinSql(siteId, { fromMs: span.fromMs, toMs: span.toMs + afterwardsMs });
  const signs = distinctSigns(places);
  const starts = new Parameter('Array(Int64)', bucketStarts(span, 'day', timezone));
  const tuples = joinSql(
    places.map((place, index) => {
      const at = place.lost === 'cookieless' ? cookieless : place.at ? signs.idOf(place.at) : 0;
      const later = [0, ...place.later.map(signs.idOf)].map(String).join(', ');
      return sql`(${literal(index)}, ${literal(signs.idOf(place.from))}, ${literal(at)}, ${literal(signs.idOf(place.to))},
  ${literal(place.goal ? signs.idOf(place.goal) : 0)}, [${new Sql([later])}])`;
    }),
    sql`, `,
  );
  const segments = joinSql(
    leakDimensions.map((dimension) => sql`('${new Sql([dimension])}', ${new Sql([dimension])})`),
    sql`, `,
  );
  const values = joinSql(
    leakDimensions.map((dimension) => sql`toString(any(events.${new Sql([dimension])})) AS ${new Sql([dimension])}`),
    sql`, `,
  );
  const first = (sign: Sql) => sql`firsts.2[indexOf(firsts.1, ${sign})]`;
  const last = (sign: Sql) => sql`lasts.2[indexOf(lasts.1, ${sign})]`;
  return sql`
SELECT toFloat64(place) AS place, segment.1 AS dimension, segment.2 AS value, groupArray(toFloat64(day)) AS days,
  groupArray(toFloat64(reached)) AS reached, groupArray(toFloat64(lost)) AS lost, groupArray(toFloat64(skipped)) AS skipped,
  groupArray(toFloat64(won)) AS won
FROM (
  SELECT place, segment, day, count() AS reached, countIf(is_lost) AS lost, countIf(is_skipped) AS skipped, countIf(is_won) AS won
  FROM (
    SELECT place, roundDown(${momentMs(sql`began`)}, ${starts}) AS day, is_lost, is_lost AND passed_later AS is_skipped,
      NOT is_lost AND goal_at > began AS is_won, arrayJoin([('', ''), ${segments}]) AS segment
    FROM (
      SELECT ${joinSql(
        leakDimensions.map((dimension) => new Sql([dimension])),
        sql`, `,
      )}, candidate.1 AS place, ${first(sql`candidate.2`)} AS began,
        multiIf(candidate.3 = ${literal(cookieless)}, persistent = 0,
          candidate.3 > 0, ${first(sql`candidate.3`)} > 0 AND ${last(sql`candidate.4`)} <= ${first(sql`candidate.3`)},
          ${last(sql`candidate.4`)} <= began) AS is_lost,
        arrayExists(sign -> ${last(sql`sign`)} > began, candidate.6) AS passed_later,
        if(candidate.5 = 0, 0, ${last(sql`candidate.5`)}) AS goal_at
      FROM (
        SELECT *, arrayJoin(arrayFilter(one -> has(firsts.1, one.2), [${tuples}])) AS candidate
        FROM (
          SELECT ${values}, max(events.persistent) AS persistent,
            minMap(signs, arrayMap(sign -> moment, signs)) AS firsts, maxMap(signs, arrayMap(sign -> moment, signs)) AS lasts
          FROM (
            SELECT session_id, persistent, ${new Sql([leakDimensions.join(', ')])}, ${momentSql} AS moment, ${signsOfRow(signs.list)} AS signs
            FROM events
            WHERE ${rows} AND ${filterSql(filters, { keep: 'sessions', rows })}
          ) AS events
          WHERE notEmpty(signs)
          GROUP BY session_id
        )
      )
    )
    WHERE began > 0 AND ${momentMs(sql`began`)} < ${param.int64(span.toMs)}
  )
  GROUP BY place, segment, day
  ORDER BY day
)
GROUP BY place, segment
ORDER BY place, dimension, arraySum(reached) DESC, value
LIMIT ${literal(mostValues)} BY place, dimension`;
}

export async function leaksCounts(clickhouse: ClickHouse, question: LeaksCountsQuestion): Promise<PlaceCounts[]> {
  const starts = bucketStarts(question.span, 'day', question.timezone);
  const position = new Map(starts.map((start, index) => [start, index]));
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
  const list: { id: number; match: Match }[] = [];
  for (const place of places) {
    for (const match of [place.from, place.to, place.at, place.goal, ...place.later]) {
      if (!match || keys.has(JSON.stringify(match))) continue;
      keys.set(JSON.stringify(match), list.length + 1);
      list.push({ id: list.length + 1, match });
    }
  }
  return { list, idOf: (match: Match) => keys.get(JSON.stringify(match)) ?? 0 };
}

/** Numbers of the signs that a row is. Plain pages and plain events are looked up in one go: a condition for each would cost more. */
function signsOfRow(signs: readonly { id: number; match: Match }[]): Sql {
  const isPlain = ({ match }: { match: Match }) => !match.host && !match.props;
  const pages = signs.filter(
    (sign) =>
      isPlain(sign) && matchedEvent(sign.match) === 'pageview' && sign.match.path && !hasWildcard(sign.match.path),
  );
  const events = signs.filter((sign) => isPlain(sign) && sign.match.path === undefined);
  const others = signs.filter((sign) => !pages.includes(sign) && !events.includes(sign));
  const found: Sql[] = others.map(({ id, match }) => sql`toUInt16(if(${matchSql(match)}, ${literal(id)}, 0))`);
  if (pages.length > 0) {
    const paths = param.strings(pages.map(({ match }) => match.path ?? ''));
    found.push(sql`toUInt16(if(name = 'pageview', transform(toString(path), ${paths}, ${numbers(pages)}, 0), 0))`);
  }
  if (events.length > 0) {
    const names = param.strings(events.map(({ match }) => matchedEvent(match)));
    found.push(sql`toUInt16(transform(toString(name), ${names}, ${numbers(events)}, 0))`);
  }
  return sql`arrayFilter(sign -> sign > 0, [${joinSql(found, sql`, `)}])`;
}

function numbers(signs: readonly { id: number }[]): Sql {
  return sql`[${new Sql([signs.map(({ id }) => String(id)).join(', ')])}]`;
}

function literal(value: number): Sql {
  return new Sql([String(value)]);
}
