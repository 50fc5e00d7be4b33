import { param, type Sql, sql } from '../clickhouse/sql.ts';
import { matchedEvent } from '../contract/match.ts';
import type { PathsRequest } from '../contract/paths.ts';
import { hasWildcard } from '../contract/pattern.ts';
import { momentSql, type PathsQuestion, pathRowsSql, pathsSpan } from './path-chains.ts';
import { groupedPathSql, nodeOfLabelSql } from './path-labels.ts';

/** Whether only the next page after one page is asked for, which the page views themselves know half of. */
export function isNextPage({ start, depth, by, events, group }: PathsRequest): boolean {
  if (depth !== 2 || by !== 'session' || events || !start?.path || hasWildcard(start.path)) return false;
  if (matchedEvent(start) !== 'pageview' || start.host !== undefined || start.props !== undefined) return false;
  // With an id in it the page shares its label with others, and the first page of another label may follow any of them.
  return !group || !/\d/.test(start.path);
}

/**
 * One row for each session that saw the start: `unit`, `visitor`; `anchor`, the moment of its first view; `next_at`, `next_path`, the first
 * other page after it, 0 and '' where there is none.
 *
 * Reads only views of the page and of what came right after it: every page view remembers the page before it in its session. Ids
 * in paths are put together after counting, because that takes longer than everything else where it is done for each row.
 */
export function nextPagesSql(question: PathsQuestion): Sql {
  const span = pathsSpan(question);
  const page = param.string(question.request.start?.path ?? '');
  return sql`
SELECT unit, visitor, anchor, next.1 AS next_at, toLowCardinality(toString(next.2)) AS next_path
FROM (
  SELECT unit, visitor, anchor, arrayFilter(one -> one.1 > anchor, others) AS later, if(empty(later), (toUInt64(0), ''), arrayMin(later)) AS next
  FROM (
    SELECT session_id AS unit, any(visitor_id) AS visitor, minIf(${momentSql(span)}, path = ${page}) AS anchor,
      groupArrayIf((toUInt64(${momentSql(span)}), toString(path)), path != ${page}) AS others
    FROM events
    WHERE ${pathRowsSql(question, span)} AND (path = ${page} OR prev_path = ${page})
    GROUP BY unit
    HAVING countIf(path = ${page}) > 0
  )
)`;
}

/** The next pages: node of the start, `label` of the page, its `node`, and how many sessions went there; node 0 is who went nowhere. */
export function nextPageCountsSql(question: PathsQuestion): Sql {
  return sql`
SELECT ${startNodeSql(question)} AS source, if(next_path = '', '', ${labelSql(question)}) AS label, if(next_path = '', 0, ${nodeOfLabelSql(sql`label`)}) AS node, toFloat64(sum(sessions)) AS count
FROM (SELECT next_path, count() AS sessions FROM (${nextPagesSql(question)}) GROUP BY next_path)
GROUP BY label, node
ORDER BY count DESC, node DESC`;
}

/** The same as paths of two columns, see pathChainsSql. */
export function nextPageChainsSql(question: PathsQuestion): Sql {
  return sql`
SELECT unit, visitor, arrayFilter(element -> element > 0, [
    bitOr(bitShiftLeft(toUInt128(anchor), 64), ${startNodeSql(question)}),
    if(next_at = 0, 0, bitOr(bitShiftLeft(toUInt128(next_at), 64), ${nodeOfLabelSql(labelSql(question))}))]) AS path,
  arrayMap(element -> toUInt64(element), path) AS nodes
FROM (${nextPagesSql(question)})`;
}

/** The node of the start. */
function startNodeSql({ request }: PathsQuestion): Sql {
  return nodeOfLabelSql(param.string(request.start?.path ?? ''));
}

function labelSql({ request }: PathsQuestion): Sql {
  return request.group ? groupedPathSql(sql`next_path`) : sql`next_path`;
}
