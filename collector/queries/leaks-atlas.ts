import type { ClickHouse } from '../clickhouse/client.ts';
import { joinSql, literal, type Sql, sql } from '../clickhouse/sql.ts';
import type { Filter, Match } from '../contract/match.ts';
import { filterSql } from './filters.ts';
import { matchSql } from './match.ts';
import { visitorsOwnSql } from './own-events.ts';
import { type Span, withinSql } from './range.ts';

/*
 * What do sessions pass on their way to each goal?
 *
 * One row for each sign (a page, an event, a form's event, a field at which a form was left) and each goal that was reached
 * after it; goal 0 stands for "any session", and the sign without a name for "the session itself".
 *   sessions  sessions in which the goal came after the first such sign
 *   seconds   median time from the first sign to the last such goal
 *   page      path on which the sign mostly lies; host: likewise
 *   worth     sum of the values of these goals, paid: how many of them carry one (meaningful for the sign without a name)
 */

export interface AtlasQuestion {
  siteId: number;
  span: Span;
  goals: readonly Match[];
  filters: readonly Filter[] | undefined;
  /** Looks at one session in this many. */
  sample: number;
}

/** Something a session can pass. */
export interface AtlasSign {
  /** Event name. */
  name: string;
  /** The path of a page view, the form of a form event, else ''. */
  detail: string;
  /** The last field of a `form_abandon`, else ''. */
  field: string;
  sessions: number;
  page: string;
  host: string;
  /** By position in the question's goals. */
  before: { goal: number; sessions: number; seconds: number }[];
}

export interface Atlas {
  sessions: number;
  /** By position in the question's goals; `value` is the mean of those that carry one, else null. */
  goals: { sessions: number; value: number | null }[];
  /** Most frequent first. */
  signs: AtlasSign[];
}

interface AtlasRow {
  name: string;
  detail: string;
  field: string;
  goal: number;
  sessions: number;
  seconds: number;
  page: string;
  host: string;
  worth: number;
  paid: number;
}

/** Signs that fewer sessions show cannot be judged anyway. */
const leastSessions = 20;
/** Signs for each goal: more places than these nobody reads, and every one more makes the others harder to prove. */
const mostSigns = 150;

export function atlasSql({ siteId, span, goals, filters, sample }: AtlasQuestion): Sql {
  const rows = withinSql(siteId, span);
  const hits = joinSql(
    goals.map((goal, index) => sql`if(${matchSql(goal)}, ${literal(index + 1)}, 0)`),
    sql`, `,
  );
  return sql`
SELECT sign.1 AS name, sign.2 AS detail, sign.3 AS field, hit.1 AS goal, toFloat64(count()) AS sessions,
  toFloat64(quantileExact(0.5)(intDiv(hit.2 - sign.4, ${literal(seqRange)}) / 1000)) AS seconds,
  topK(1)(sign.5)[1] AS page, topK(1)(sign.6)[1] AS host, sum(hit.3) AS worth, toFloat64(sum(hit.4)) AS paid
FROM (
  SELECT arrayJoin(arrayConcat([('', '', '', toUInt64(0), '', '')], passed)) AS sign,
    arrayJoin(arrayConcat([(toUInt8(0), toUInt64(-1), 0., toUInt64(0))], 
      arrayMap((goal, moment) -> (goal, moment, worth.2[indexOf(worth.1, goal)], paid.2[indexOf(paid.1, goal)]), last.1, last.2))) AS hit
  FROM (
    SELECT groupArray((sign_name, detail, field, first, page, at_host)) AS passed, maxMap(ends.1, ends.2) AS last,
      sumMap(worths.1, worths.2) AS worth, sumMap(payments.1, payments.2) AS paid
    FROM (
      SELECT session_id, sign_name, detail, field, min(moment) AS first, any(sign_path) AS page, any(sign_host) AS at_host,
        maxMap(hits, arrayMap(hit -> moment, hits)) AS ends,
        sumMap(hits, arrayMap(hit -> toFloat64(value), hits)) AS worths,
        sumMap(hits, arrayMap(hit -> toUInt64(value > 0), hits)) AS payments
      FROM (
        SELECT session_id, value, toString(name) AS sign_name, toString(path) AS sign_path, toString(host) AS sign_host,
          multiIf(name = 'pageview', toString(path), name IN ('form_start', 'form_submit', 'form_abandon'), props['form'], '') AS detail,
          if(name = 'form_abandon', props['field'], '') AS field,
          ${momentSql} AS moment,
          arrayFilter(hit -> hit > 0, [toUInt8(0)${goals.length > 0 ? sql`, ${hits}` : sql``}]) AS hits
        FROM events
        WHERE ${rows} AND name NOT IN ('engagement', 'form_field') AND ${visitorsOwnSql} AND session_id != 0 AND session_id % ${literal(sample)} = 0
          AND ${filterSql(filters, { keep: 'sessions', rows })}
      )
      GROUP BY session_id, sign_name, detail, field
    )
    GROUP BY session_id
  )
)
WHERE hit.2 > sign.4
GROUP BY name, detail, field, goal
HAVING sessions >= ${literal(leastSessions)} OR name = ''
ORDER BY name != '', sessions DESC, name, detail, field
LIMIT ${literal(mostSigns + 1)} BY goal`;
}

/** Events in a span: what decides whether a part of the sessions has to do. */
export async function leaksSize(clickhouse: ClickHouse, { siteId, span }: Pick<AtlasQuestion, 'siteId' | 'span'>) {
  const statement = sql`SELECT toFloat64(count()) AS events FROM events WHERE ${withinSql(siteId, span)}`;
  const { rows } = await clickhouse.query<{ events: number }>(statement, { name: 'leaks-size' });
  return rows[0]?.events ?? 0;
}

export async function leaksAtlas(clickhouse: ClickHouse, question: AtlasQuestion): Promise<Atlas> {
  const { rows } = await clickhouse.query<AtlasRow>(atlasSql(question), { name: 'leaks-atlas' });
  return toAtlas(rows, question);
}

function toAtlas(rows: readonly AtlasRow[], { goals, sample }: AtlasQuestion): Atlas {
  const keyOf = ({ name, detail, field }: AtlasRow) => JSON.stringify([name, detail, field]);
  const whole = rows.filter(({ name }) => name === '');
  const signs = rows.filter(({ name, goal }) => name !== '' && goal === 0);
  const before = new Map<string, AtlasRow[]>();
  for (const row of rows) if (row.goal > 0) before.set(keyOf(row), [...(before.get(keyOf(row)) ?? []), row]);
  return {
    sessions: (whole.find(({ goal }) => goal === 0)?.sessions ?? 0) * sample,
    goals: goals.map((_, index) => {
      const row = whole.find(({ goal }) => goal === index + 1);
      return { sessions: (row?.sessions ?? 0) * sample, value: row && row.paid > 0 ? row.worth / row.paid : null };
    }),
    signs: signs.map((row) => ({
      name: row.name,
      detail: row.detail,
      field: row.field,
      sessions: row.sessions * sample,
      page: row.page,
      host: row.host,
      before: (before.get(keyOf(row)) ?? [])
        .map(({ goal, sessions, seconds }) => ({ goal: goal - 1, sessions: sessions * sample, seconds }))
        .sort((one, other) => one.goal - other.goal),
    })),
  };
}

/** seq stays below this (contract: at most 1,000,000). */
const seqRange = 1 << 20;

/** Sorts by (time, seq). */
const momentSql = sql`(toUInt64(toUnixTimestamp64Milli(ts)) * ${literal(seqRange)} + least(seq, ${literal(seqRange - 1)}))`;
