import type { ClickHouse } from '../clickhouse/client.ts';
import { joinSql, literal, param, type Sql, sql } from '../clickhouse/sql.ts';
import type { List } from '../contract/answers.ts';
import type { PathPeopleRequest, PathPerson } from '../contract/paths.ts';
import { AppError } from '../errors.ts';
import {
  knowingStart,
  momentMsSql,
  momentSeqSql,
  type PathsQuestion,
  pathChainsSql,
  pathsSpan,
  unitSql,
} from './path-chains.ts';
import { nodeOfLabelSql, nodeSql, noNode, otherNode } from './path-labels.ts';
import { isNextPage, nextPageChainsSql } from './path-next.ts';
import { shownNodes } from './paths.ts';
import { afterPeopleCursor, peopleCursor } from './people-cursor.ts';
import { withinSql } from './range.ts';

/*
 * Who is behind one node of the paths, or behind one link to the next column?
 *
 * One row:
 *   total   all such units: the same number as the node's or link's `count`
 *   people  one page of them, the latest first: [at_ms, unit, visitor, columns, seq, node]
 *           unit, visitor: ids, decimal text; at_ms, seq, node: the event of theirs at that node, for (exit) and (entry) the one before;
 *           columns: length of their path
 *
 * Both come from the very paths that are counted. A page is what follows a cursor in the order (at_ms, unit).
 */

export interface PathPeopleQuestion extends PathsQuestion {
  request: PathPeopleRequest;
}

type PersonRow = [atMs: string, unit: string, visitor: string, columns: number, seq: number, node: string];

interface PeopleRow {
  total: number;
  people: PersonRow[];
}

/** `shown`: nodes that the column, and the next one, show by name; needed only where (other) is asked for. */
export function pathPeopleSql(
  question: PathPeopleQuestion,
  shown: { column: readonly string[]; next: readonly string[] },
): Sql {
  const { request } = question;
  const { column, label, next, limitPeople, cursor } = request;
  const span = pathsSpan(question);
  const at = sql`path[least(${literal(column + 1)}, length(nodes))]`;
  const moment = sql`toUInt64(bitShiftRight(${at}, 64))`;
  const wanted = [
    isAt(column, label, shown.column),
    ...(next === undefined ? [] : [isAt(column + 1, next, shown.next)]),
  ];
  // groupArraySorted keeps the smallest: negated time and unit make that the latest.
  return sql`
SELECT toFloat64(count()) AS total,
  arrayMap(person -> (-person.1, bitNot(person.2), person.3, person.4, person.5, person.6),
    groupArraySortedIf(${literal(limitPeople + 1)})((-at_ms, bitNot(unit), visitor, columns, seq, node), ${afterPeopleCursor(cursor, sql`at_ms`)})) AS people
FROM (
  SELECT unit, visitor, toUInt8(length(nodes)) AS columns, ${momentMsSql(moment, span)} AS at_ms, ${momentSeqSql(moment)} AS seq,
    toUInt64(${at}) AS node
  FROM (${isNextPage(request) ? nextPageChainsSql(question) : pathChainsSql(question)})
  WHERE ${joinSql(wanted, sql` AND `)}
)`;
}

/** Throws AppError invalid_request for a column or cursor that does not exist. */
export async function pathPeople(clickhouse: ClickHouse, question: PathPeopleQuestion): Promise<List<PathPerson>> {
  const { request } = question;
  checkColumn(request);
  const needsShown = [request.label, request.next].includes(otherLabel);
  const asked = isNextPage(request) ? question : await knowingStart(clickhouse, question);
  const shown = needsShown ? await shownNodes(clickhouse, asked) : [];
  const statement = pathPeopleSql(asked, {
    column: shown[request.column] ?? [],
    next: shown[request.column + 1] ?? [],
  });
  const { rows } = await clickhouse.query<PeopleRow>(statement, { name: 'path-people' });
  const { total, people } = rows[0] ?? { total: 0, people: [] };
  const page = people.slice(0, request.limitPeople);
  const details = await detailsOf(clickhouse, question, page);
  const last = people.length > request.limitPeople ? page.at(-1) : undefined;
  return {
    items: page.map(([atMs, unit, visitor, reached]) => {
      const known = details.get(unit);
      const stoppedAt = new Date(Number(atMs)).toISOString();
      return {
        id: unit,
        visitor,
        stoppedAt,
        reached,
        lastPath: known?.page ?? '',
        source: known?.came_from ?? '',
        country: known?.place ?? '',
        device: known?.machine ?? '',
      };
    }),
    total,
    next: peopleCursor(last),
  };
}

const otherLabel = '(other)';

/** Whether a path is at a node of a column. */
function isAt(column: number, label: string, shown: readonly string[]): Sql {
  const node = sql`nodes[${literal(column + 1)}]`;
  if (label === '(exit)' || label === '(entry)') return sql`length(nodes) = ${literal(column)}`;
  if (label === otherLabel)
    return sql`(${node} != ${literal(noNode)} AND ${node} NOT IN ${param.uint64s([String(otherNode), ...shown])})`;
  return sql`${node} = ${nodeOfLabelSql(param.string(label))}`;
}

function checkColumn({ depth, column, next }: PathPeopleRequest): void {
  if (column + (next === undefined ? 0 : 1) < depth) return;
  throw new AppError('invalid_request', {
    details: [{ path: 'column', message: `These paths have ${depth} columns, counted from 0.` }],
  });
}

interface Detail {
  unit: string;
  page: string;
  came_from: string;
  place: string;
  machine: string;
}

/** What is known of the events at which a page of people were. Columns are renamed, because ClickHouse would take the aggregates for them. */
async function detailsOf(
  clickhouse: ClickHouse,
  { siteId, request }: PathPeopleQuestion,
  page: readonly PersonRow[],
): Promise<Map<string, Detail>> {
  if (page.length === 0) return new Map();
  const times = page.map(([atMs]) => Number(atMs));
  const span = { fromMs: Math.min(...times), toMs: Math.max(...times) + 1 };
  const unit = unitSql(request);
  const units = param.uint64s(page.map((row) => row[1]));
  // TRICKY: lists, because ClickHouse takes at most 1,000 parameters and a page may have as many people.
  const events = sql`arrayZip(${param.int64s(times)}, ${param.uint32s(page.map((row) => row[4]))}, ${param.uint64s(page.map((row) => row[5]))})`;
  const { rows } = await clickhouse.query<Detail>(
    sql`
SELECT ${unit} AS unit, min(path) AS page, any(source) AS came_from, any(country) AS place, any(device) AS machine
FROM events
WHERE ${withinSql(siteId, span)} AND ${unit} IN ${units}
  AND (toUnixTimestamp64Milli(ts), seq, ${nodeSql(request)}) = ${events}[indexOf(${units}, ${unit})]
GROUP BY unit`,
    { name: 'path-people-details' },
  );
  return new Map(rows.map((row) => [row.unit, row]));
}
