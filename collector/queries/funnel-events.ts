import { joinSql, literal, param, type Sql, sql } from '../clickhouse/sql.ts';
import type { FunnelRequest } from '../contract/funnel.ts';
import { type Match, matchedEvent } from '../contract/match.ts';
import { dimensionEntry } from './dimensions.ts';
import { momentSql } from './funnel-moments.ts';
import { areAllDisjoint } from './funnel-overlap.ts';
import { countedSql, type FunnelQuestion, funnelRows, funnelSpan, unitSql } from './funnel-question.ts';
import { matchSql } from './match.ts';
import { notEngagement, visitorsOwnSql } from './own-events.ts';

/** An exclusion by its code: it ends an attempt after step `from` (0: from the first event) and up to step `to`. */
export interface FunnelExclusion {
  match: Match;
  code: number;
  from: number;
  to: number;
}

/** Codes of exclusions come after those of the 20 possible steps, so they sort first in their moment. */
const firstExclusion = 21;

export function exclusionsOf({ exclude = [], steps }: FunnelRequest): FunnelExclusion[] {
  return exclude.map(({ match, between: [from, to] = [0, steps.length] }, index) => ({
    match,
    code: firstExclusion + index,
    from,
    to,
  }));
}

/**
 * The events a funnel in order is about: `unit`, `moment`, `code`, `value`, and `key` where there is a breakdown. A row for each
 * code an event fits; where the order is strict also rows of code 0 for every other event that is not `engagement`.
 */
export function funnelEventsSql(question: FunnelQuestion): Sql {
  const { request } = question;
  const span = funnelSpan(question);
  const codes = [
    ...request.steps.map(({ match }, index) => ({
      code: index + 1,
      condition: index === 0 ? sql`(${matchSql(match)} AND ts < ${param.dateTime(span.toMs)})` : matchSql(match),
    })),
    ...exclusionsOf(request).map(({ match, code }) => ({ code, condition: matchSql(match) })),
  ];
  const flags = codes.map(({ code, condition }) => sql`if(${condition}, ${literal(code)}, 0)`);
  const strict = request.order === 'strict';
  const simple = areAllDisjoint(request.steps) && !request.exclude?.length;
  const choices = joinSql(
    codes.map(({ code, condition }) => sql`${condition}, ${literal(code)}`),
    sql`, `,
  );
  const fitting = sql`arrayFilter(code -> code > 0, [${joinSql(flags, sql`, `)}])`;
  // arrayJoin of an empty list is no row at all, and of [0] the row of an event that only lies between.
  const all = strict ? sql`if(empty(fitting), [0], fitting)` : sql`fitting`;
  const code = simple
    ? sql`toUInt8(multiIf(${choices}, 0)) AS code`
    : sql`${fitting} AS fitting, toUInt8(arrayJoin(${all})) AS code`;
  const fits = joinSql(
    codes.map(({ condition }) => condition),
    sql` OR `,
  );
  const within = strict ? sql`(${visitorsOwnSql} OR ${fits})` : sql`(${fits})`;
  const wanted = asksForEngagement(request) ? within : sql`${notEngagement} AND ${within}`;
  return sql`
SELECT unit, value, code, ${momentSql(span, sql`code`)} AS moment${request.breakdown ? sql`, key` : sql``}
FROM (
  SELECT ${unitSql(question)} AS unit, value, ts, seq, ${code}${entryKeySql(request)}
  FROM ${sourceSql(question)}
  WHERE ${funnelRows(question)} AND ${wanted} AND ${countedSql(question)}
)`;
}

/** Whether a step or an exclusion is `engagement` itself. */
export function asksForEngagement({ steps, exclude = [] }: Pick<FunnelRequest, 'steps' | 'exclude'>): boolean {
  return [...steps, ...exclude].some(({ match }) => matchedEvent(match) === 'engagement');
}

/** The table, with what the breakdown needs to know of the whole session. */
export function sourceSql(question: FunnelQuestion): Sql {
  const { breakdown } = question.request;
  if (!breakdown || dimensionEntry(breakdown).scope !== 'session') return sql`events`;
  return sql`events
  LEFT ANY JOIN (
    SELECT session_id, toString(${dimensionEntry(breakdown).value}) AS session_key FROM events
    WHERE ${funnelRows(question)} AND name = 'pageview' GROUP BY session_id
  ) AS whole USING (session_id)`;
}

/** `, … AS key`: the breakdown's value of one row; nothing without a breakdown. */
export function entryKeySql({ breakdown }: FunnelRequest): Sql {
  if (!breakdown) return sql``;
  const entry = dimensionEntry(breakdown);
  return entry.scope === 'session' ? sql`, session_key AS key` : sql`, toString(${entry.value}) AS key`;
}

/** `, … AS entry_keys`: moments and keys of the events at which an attempt may start, the least key of one moment first. */
export function entryKeysSql({ breakdown }: FunnelRequest, mayStart: Sql): Sql {
  return breakdown ? sql`, arraySort(groupArrayIf((moment, key), ${mayStart})) AS entry_keys` : sql``;
}

/** `, … AS key`: the breakdown's value at the event where the attempt that speaks for a unit starts. */
export function entryKeyAtSql({ breakdown }: FunnelRequest): Sql {
  return breakdown ? sql`, entry_keys.2[indexOf(entry_keys.1, started)] AS key` : sql``;
}

/** Column of the moment at which an attempt passed a step, 0 where it did not. */
export function passedAt(step: number): Sql {
  return sql`s_${literal(step)}`;
}

/** The two columns of carriedSql, handed on through a statement. */
export const carriedColumns = sql`carried_at, carried`;

/** Moments and values of the events that carry a value: two arrays of numbers, which group several times faster than pairs. */
export function carriedSql(condition: Sql): Sql {
  return sql`groupArrayIf(moment, ${condition}) AS carried_at, groupArrayIf(value, ${condition}) AS carried`;
}

/** `money`: of these the ones that the attempt went through, as (step, value); of several at the very same moment the least. */
export function moneySql(steps: readonly number[]): Sql {
  const moments = joinSql(steps.map(passedAt), sql`, `);
  // Hardly any unit pays, and only for those the second half is worked out.
  return sql`if(empty(carried_at), CAST([], 'Array(Tuple(UInt8, Decimal(18, 4)))'), arrayMap(one -> (toUInt8(indexOf([${moments}], one.1)), one.2),
    arrayFilter((one, nth) -> nth = 1 AND has([${moments}], one.1), arraySort(arrayZip(carried_at, carried)) AS worth, arrayEnumerateUniq(worth.1)))) AS money`;
}
