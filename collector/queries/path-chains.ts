import { param, Sql, sql } from '../clickhouse/sql.ts';
import type { PathsRequest } from '../contract/paths.ts';
import { filterSql } from './filters.ts';
import { matchSql } from './match.ts';
import { nodeSql } from './path-labels.ts';
import { type Span, toSpan, withinSql } from './range.ts';

/** Paths asked of one site. */
export interface PathsQuestion {
  siteId: number;
  timezone: string;
  request: PathsRequest;
}

/** Throws invalid_request for a bad range. */
export function pathsSpan({ request, timezone }: PathsQuestion): Span {
  return toSpan(request, timezone);
}

/** What paths are made of: page views, own events and the tracker's, but neither of those that only accompany a page. */
export function pathRowsSql({ siteId, request }: PathsQuestion, span: Span): Sql {
  const rows = withinSql(siteId, span);
  return sql`${rows} AND name NOT IN ('engagement', 'form_field') AND ${filterSql(request.filters, { keep: 'sessions', rows })}`;
}

/**
 * One row for each unit (session or visitor) that has a path.
 *
 * Columns: `unit`, `visitor` UInt64; `path` Array(Tuple(moment UInt64, page_id UInt64, node UInt64, anchor UInt8)), at most `depth` long, no two
 * neighbours with the same node. The first element is the start (the end, going backward): the unit's first event that matches it, or its
 * first event of all. A path that is shorter than `depth` stopped there.
 */
export function pathChainsSql(question: PathsQuestion): Sql {
  const { request } = question;
  const span = pathsSpan(question);
  const anchor = request.start ?? request.end;
  const rows = pathRowsSql(question, span);
  const unit = unitSql(request);
  // Most units never come to the start: they are left out before their events are collected.
  const withAnchor = anchor
    ? sql` AND ${unit} IN (SELECT ${unit} FROM events WHERE ${withinSql(question.siteId, span)} AND ${matchSql(anchor)})`
    : sql``;
  const elements = sql`arraySort(groupArray((moment, page_id, node, anchor)))`;
  const place = sql`arrayFirstIndex(flag -> flag = 1, happened.4)`;
  const part = !anchor
    ? sql`happened`
    : request.start
      ? sql`arraySlice(happened, ${place})`
      : sql`arrayReverse(arraySlice(happened, 1, ${place}))`;
  return sql`
SELECT unit, visitor,
  arraySlice(arrayFilter((element, before) -> element.3 != before, part, arrayPushFront(arrayPopBack(part.3), 0)), 1, ${depthSql(request)}) AS path
FROM (
  SELECT unit, visitor, ${part} AS part
  FROM (
    SELECT unit, any(visitor_id) AS visitor, ${elements} AS happened
    FROM (
      SELECT ${unit} AS unit, visitor_id, ${momentSql(span)} AS moment, page_id, ${nodeSql(request)} AS node,
        ${anchor ? matchSql(anchor) : sql`0`} AS anchor
      FROM events
      WHERE ${rows}${withAnchor}
    )
    GROUP BY unit
    ${anchor ? sql`HAVING max(anchor) = 1` : sql``}
  )
)`;
}

export function unitSql({ by }: Pick<PathsRequest, 'by'>): Sql {
  return by === 'session' ? sql`session_id` : sql`visitor_id`;
}

/** seq stays below this (contract: at most 1,000,000). */
const seqRange = 2 ** 20;

/** Milliseconds since the start of the range, then seq, in one UInt64. */
function momentSql({ fromMs }: Span): Sql {
  return sql`toUInt64(toUnixTimestamp64Milli(ts) - ${param.int64(fromMs)}) * ${param.uint32(seqRange)} + least(seq, ${param.uint32(seqRange - 1)})`;
}

/** Milliseconds since 1970 of a moment, Int64. */
export function momentMsSql(moment: Sql, { fromMs }: Span): Sql {
  return sql`(toInt64(intDiv(${moment}, ${param.uint32(seqRange)})) + ${param.int64(fromMs)})`;
}

/** seq of a moment. */
export function momentSeqSql(moment: Sql): Sql {
  return sql`toUInt32(${moment} % ${param.uint32(seqRange)})`;
}

/** A number of ours as text of the statement, where ClickHouse wants a constant. */
function depthSql({ depth }: PathsRequest): Sql {
  return new Sql([String(depth)]);
}
