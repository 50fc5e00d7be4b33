import type { ClickHouse, QueryAnswer } from '../clickhouse/client.ts';
import { literal, param, type Sql, sql } from '../clickhouse/sql.ts';
import type { PathNode, PathsAnswer } from '../contract/paths.ts';
import { knowingStart, type PathsQuestion, pathChainsSql } from './path-chains.ts';
import { noNode, otherNode } from './path-labels.ts';
import { type NodeLabel, nameNodes } from './path-names.ts';
import { isNextPage, nextPageCountsSql } from './path-next.ts';

/*
 * Where do people go from a page or an event, how do they come to one, or what do they do from where they come in?
 *
 * One row for each link between a node of one column and a node of the next:
 *   column           of the node it starts from, from 0
 *   source, target   nodes: hashes of their labels; 0 is (exit), or (entry) going backward; 1 is (other)
 *   count            units (sessions or visitors)
 *
 * Each unit has one path, so every column adds up: links out of a node are its count, links into it as well. Nodes that are not
 * among the most frequent of their column are summed up as (other); who is there goes on from there.
 * What exactly counts: docs/paths.md and path-chains.ts.
 */

interface Link {
  column: number;
  source: string;
  target: string;
  count: number;
}

/**
 * Links are counted once over all paths and then, column by column, renamed to what is shown: ClickHouse would evaluate a second look at
 * the paths from the start. What flows into a column is what is in it, so each row knows both columns' most frequent nodes.
 */
export function pathsSql(question: PathsQuestion): Sql {
  const { limit } = question.request;
  const top = (counts: Sql) =>
    sql`arraySlice(arrayReverseSort(pair -> (pair.2, pair.1), arrayFilter(pair -> pair.1 > ${literal(otherNode)}, arrayZip(${counts}.1, ${counts}.2))), 1, ${param.uint32(limit)}).1`;
  const shown = (one: Sql, list: Sql) =>
    sql`if(${one} <= ${literal(otherNode)} OR has(${list}, ${one}), ${one}, ${literal(otherNode)})`;
  return sql`
SELECT column, ${shown(sql`link.1`, sql`shown_from`)} AS source, ${shown(sql`link.2`, sql`shown_to`)} AS target,
  toFloat64(sum(link.3)) AS count
FROM (
  SELECT column, groupArray((source, target, links)) AS all_links, sumMap([source], [links]) AS sources, sumMap([target], [links]) AS targets,
    ${top(sql`sources`)} AS shown_from, ${top(sql`targets`)} AS shown_to
  FROM (
    SELECT column, source, target, count() AS links
    FROM (
      SELECT arrayJoin(range(toUInt8(least(length(nodes), ${literal(question.request.depth - 1)})))) AS column,
        nodes[column + 1] AS source, nodes[column + 2] AS target
      FROM (${pathChainsSql(question)})
    )
    GROUP BY column, source, target
  )
  GROUP BY column
)
ARRAY JOIN all_links AS link
GROUP BY column, source, target
ORDER BY column, count DESC, source, target`;
}

/** Throws AppError invalid_request for a bad range. */
export async function paths(clickhouse: ClickHouse, question: PathsQuestion): Promise<PathsAnswer> {
  const { request } = question;
  const { links, labels, elapsedMs, rowsRead } = await (isNextPage(request)
    ? countNextPages(clickhouse, question)
    : countLinks(clickhouse, question));
  const toNode = nodeNames(request, labels);
  return {
    direction: request.end ? 'backward' : 'forward',
    columns: toColumns(request, links, toNode),
    links: links.map(({ column, source, target, count }) => ({
      column,
      from: toNode(source).label,
      to: toNode(target).label,
      count,
    })),
    elapsedMs,
    rowsRead,
  };
}

/** Nodes that each column shows by name. */
export async function shownNodes(clickhouse: ClickHouse, question: PathsQuestion): Promise<string[][]> {
  const { links } = isNextPage(question.request)
    ? await countNextPages(clickhouse, question)
    : { links: (await askLinks(clickhouse, question)).rows };
  return Array.from({ length: question.request.depth }, (_, index) => {
    const nodes = links.flatMap(({ column, source, target }) =>
      column === index ? [source] : column === index - 1 ? [target] : [],
    );
    return [...new Set(nodes)].filter(isLabelled);
  });
}

interface CountedLinks {
  links: Link[];
  labels: NodeLabel[];
  elapsedMs: number;
  rowsRead: number;
}

async function askLinks(clickhouse: ClickHouse, question: PathsQuestion): Promise<QueryAnswer<Link>> {
  return clickhouse.query<Link>(pathsSql(await knowingStart(clickhouse, question)), { name: 'paths' });
}

async function countLinks(clickhouse: ClickHouse, question: PathsQuestion): Promise<CountedLinks> {
  const counted = await askLinks(clickhouse, question);
  const links = counted.rows;
  const nodes = [...new Set(links.flatMap(({ source, target }) => [source, target]))].filter(isLabelled);
  const named = await nameNodes(clickhouse, question, nodes);
  return {
    links,
    labels: named.rows,
    elapsedMs: counted.elapsedMs + named.elapsedMs,
    rowsRead: counted.rowsRead + named.rowsRead,
  };
}

async function countNextPages(clickhouse: ClickHouse, question: PathsQuestion): Promise<CountedLinks> {
  const { limit, start } = question.request;
  const { rows, elapsedMs, rowsRead } = await clickhouse.query<{
    source: string;
    label: string;
    node: string;
    count: number;
  }>(nextPageCountsSql(question), { name: 'next-page' });
  const shown = new Set(
    rows
      .map(({ node }) => node)
      .filter(isLabelled)
      .slice(0, limit),
  );
  const links = new Map<string, Link>();
  for (const { source, node, count } of rows) {
    const target = shown.has(node) || !isLabelled(node) ? node : String(otherNode);
    links.set(target, { column: 0, source, target, count: (links.get(target)?.count ?? 0) + count });
  }
  return {
    links: [...links.values()].toSorted((a, b) => b.count - a.count || (BigInt(a.target) < BigInt(b.target) ? -1 : 1)),
    labels: [
      { node: rows[0]?.source ?? '', text: start?.path ?? '', page: 1 },
      ...rows.filter(({ node }) => shown.has(node)).map(({ label, node }) => ({ node, text: label, page: 1 as const })),
    ],
    elapsedMs,
    rowsRead,
  };
}

type NodeName = Pick<PathNode, 'label' | 'kind'>;

function nodeNames({ end }: PathsQuestion['request'], labels: NodeLabel[]): (node: string) => NodeName {
  const none: NodeName = end ? { label: '(entry)', kind: 'entry' } : { label: '(exit)', kind: 'exit' };
  const names = new Map<string, NodeName>(
    labels.map(({ node, text, page }) => [node, { label: text, kind: page ? 'page' : 'event' }]),
  );
  names.set(String(noNode), none);
  names.set(String(otherNode), { label: '(other)', kind: 'other' });
  // Every node was read from the rows that are named here; one that was erased in between has no label any more.
  return (node) => names.get(node) ?? { label: '(other)', kind: 'other' };
}

/** Named nodes by count, then (other), then who went no further. */
const places: Record<PathNode['kind'], number> = { page: 0, event: 0, other: 1, exit: 2, entry: 2 };

function toColumns(
  { depth }: PathsQuestion['request'],
  links: Link[],
  toNode: (node: string) => NodeName,
): PathsAnswer['columns'] {
  return Array.from({ length: depth }, (_, index) => {
    const counts = new Map<string, number>();
    const add = (node: string, count: number) => counts.set(node, (counts.get(node) ?? 0) + count);
    for (const { column, source, target, count } of links) {
      if (index === 0 && column === 0) add(source, count);
      if (column === index - 1) add(target, count);
    }
    const nodes = [...counts].map(([node, count]): PathNode => ({ ...toNode(node), count }));
    nodes.sort((a, b) => places[a.kind] - places[b.kind] || b.count - a.count || (a.label < b.label ? -1 : 1));
    return { nodes, total: nodes.reduce((sum, { count }) => sum + count, 0) };
  });
}

function isLabelled(node: string): boolean {
  return node !== String(noNode) && node !== String(otherNode);
}
