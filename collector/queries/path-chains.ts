import { literal, param, type Sql, sql } from '../clickhouse/sql.ts';
import type { PathsRequest } from '../contract/paths.ts';
import { filterSql } from './filters.ts';
import { matchSql } from './match.ts';
import { notEngagement, visitorsOwnSql } from './own-events.ts';
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
  const names = request.events ? sql`name != 'form_field' AND ${visitorsOwnSql}` : sql`name = 'pageview'`;
  // A touch is in no session, but a node of the visitor's path.
  const units = request.by === 'session' ? sql`session_id != 0` : sql`1`;
  return sql`${rows} AND ${notEngagement} AND ${names} AND ${units} AND ${filterSql(request.filters, { keep: 'sessions', rows })}`;
}

/**
 * One row for each unit (session or visitor) that has a path.
 *
 * Columns: `unit`, `visitor` UInt64; `path` Array(UInt128), at most `depth` long, no two neighbours with the same node; `nodes` Array(UInt64), the
 * same without the times. The first element is the start (the end, going backward): the unit's first event that matches it, or its first event
 * of all. A path that is shorter than `depth` stopped there.
 *
 * An element is moment and node in one number, because arrays of numbers are sorted several times faster than arrays of tuples. It sorts by
 * time, then seq; of what remains equal either may come first, but always the same.
 */
export function pathChainsSql(question: PathsQuestion): Sql {
  const { request } = question;
  const span = pathsSpan(question);
  const anchor = request.start ?? request.end;
  const unit = unitSql(request);
  const element = sql`bitOr(bitShiftLeft(toUInt128(${momentSql(span)}), 64), ${nodeSql(request)})`;
  const part = !anchor
    ? sql`happened`
    : request.start
      ? sql`arrayFilter(element -> element >= anchor, happened)`
      : sql`arrayReverse(arrayFilter(element -> element <= anchor, happened))`;
  return sql`
SELECT unit, visitor,
  arraySlice(arrayFilter((element, node, before) -> node != before, part, part_nodes, arrayPushFront(arrayPopBack(part_nodes), 0)), 1, ${literal(request.depth)}) AS path,
  arrayMap(element -> toUInt64(element), path) AS nodes
FROM (
  SELECT unit, visitor, ${part} AS part, arrayMap(element -> toUInt64(element), part) AS part_nodes
  FROM (
    SELECT ${unit} AS unit, any(visitor_id) AS visitor, arraySort(groupArray(${element})) AS happened${
      anchor ? sql`, minIf(${element}, ${matchSql(anchor)}) AS anchor` : sql``
    }
    FROM events
    WHERE ${pathRowsSql(question, span)} AND ${neededSql(question, span)}
    GROUP BY unit
    ${anchor ? sql`HAVING countIf(${matchSql(anchor)}) > 0` : sql``}
  )
)`;
}

/** Leaves out the units that never come to the start, which are most. */
function neededSql({ siteId, request }: PathsQuestion, span: Span): Sql {
  const anchor = request.start ?? request.end;
  if (!anchor) return sql`1`;
  const unit = unitSql(request);
  return sql`${unit} IN (SELECT ${unit} FROM events WHERE ${withinSql(siteId, span)} AND ${matchSql(anchor)})`;
}

export function unitSql({ by }: Pick<PathsRequest, 'by'>): Sql {
  return by === 'session' ? sql`session_id` : sql`visitor_id`;
}

/** seq stays below this (contract: at most 1,000,000). */
const seqRange = 2 ** 20;

/** Milliseconds since the start of the range, then seq, in one UInt64. */
export function momentSql({ fromMs }: Span): Sql {
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
