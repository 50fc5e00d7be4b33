import type { ClickHouse } from '../clickhouse/client.ts';
import { literal, param, type Sql, sql } from '../clickhouse/sql.ts';
import type { Match } from '../contract/match.ts';
import type { PathsRequest } from '../contract/paths.ts';
import { filterSql } from './filters.ts';
import { matchSql } from './match.ts';
import { notEngagement, visitorsOwnSql } from './own-events.ts';
import { nodeSql } from './path-labels.ts';
import { quartersSql, type Span, toSpan, withinSql } from './range.ts';

/** Paths asked of one site. */
export interface PathsQuestion {
  siteId: number;
  timezone: string;
  request: PathsRequest;
  /** Whether few come to the start (or end) at all, see `knowingStart`. */
  startIsRare?: boolean;
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
  const element = elementSql(span, nodeSql(request));
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

/** A row's moment and node in one UInt128 that sorts by the moment. */
export function elementSql(span: Span, node: Sql): Sql {
  return sql`bitOr(bitShiftLeft(toUInt128(${momentSql(span)}), 64), ${node})`;
}

/**
 * Leaves out those who never come to the start, where that pays: on 20 million events a page that hardly anybody sees answers in half the
 * time with it, and the page that most see in half the time without it. Asked of visitors, because the projection by step knows no session.
 */
export function neededSql({ siteId, request, startIsRare }: PathsQuestion, span: Span): Sql {
  const anchor = request.start ?? request.end;
  if (!anchor || !startIsRare) return sql`1`;
  return sql`visitor_id IN (SELECT visitor_id FROM events WHERE ${startRowsSql({ siteId, anchor, span })})`;
}

/**
 * The events at which paths start, as the projection by step has them.
 *
 * TRICKY: the match is said twice, because ClickHouse leaves `name != 'engagement'` out where it stands beside one other name,
 * and then does not know that the projection has these rows.
 */
function startRowsSql({ siteId, anchor, span }: { siteId: number; anchor: Match; span: Span }): Sql {
  return sql`${withinSql(siteId, span)} AND ${notEngagement} AND (${matchSql(anchor)} OR ${matchSql(anchor)})`;
}

/** Fewer starts than one for so many page views are rare. */
const viewsPerStart = 25;

/** The question with what has to be known of its start before it is asked. */
export async function knowingStart<Question extends PathsQuestion>(
  clickhouse: Pick<ClickHouse, 'query'>,
  question: Question,
): Promise<Question> {
  const { siteId, request } = question;
  const anchor = request.start ?? request.end;
  if (!anchor || question.startIsRare !== undefined) return question;
  const span = pathsSpan(question);
  const { rows } = await clickhouse.query<{ starts: number; views: number }>(
    sql`
SELECT (SELECT toFloat64(count()) FROM events WHERE ${startRowsSql({ siteId, anchor, span })}) AS starts,
  (SELECT toFloat64(count()) FROM events WHERE ${quartersSql(siteId, span)} AND name = 'pageview') AS views`,
    { name: 'path-start' },
  );
  const { starts = 0, views = 0 } = rows[0] ?? {};
  return { ...question, startIsRare: starts * viewsPerStart < views };
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
