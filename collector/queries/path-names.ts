import type { ClickHouse, QueryAnswer } from '../clickhouse/client.ts';
import { joinSql, param, type Sql, sql } from '../clickhouse/sql.ts';
import { type PathsQuestion, pathRowsSql, pathsSpan } from './path-chains.ts';
import { labelSql, nodeOfLabelSql } from './path-labels.ts';
import type { Span } from './range.ts';

export interface NodeLabel {
  node: string;
  text: string;
  page: 0 | 1;
}

/** Labels of nodes, of those that have a row in one of the spans. A label is the same whatever is filtered. */
export function pathLabelsSql(question: PathsQuestion, nodes: readonly string[], spans: readonly Span[]): Sql {
  const { filters: _, ...request } = question.request;
  const rows = joinSql(
    spans.map((span) => sql`(${pathRowsSql({ ...question, request }, span)})`),
    sql` OR `,
  );
  return sql`
SELECT node, any(label) AS text, max(name = 'pageview') AS page
FROM (
  SELECT name, ${labelSql(question.request)} AS label, ${nodeOfLabelSql(sql`label`)} AS node
  FROM (SELECT name, path FROM events WHERE ${rows} GROUP BY name, path)
)
WHERE node IN ${param.uint64s(nodes)}
GROUP BY node`;
}

const dayMs = 24 * 60 * 60_000;

/**
 * What is shown is what is frequent, so it nearly always has a row on the first or the last day: that is asked first. The whole range, of
 * which the texts take as long to read as a third of the paths themselves, is asked only for what is missing.
 */
export async function nameNodes(
  clickhouse: ClickHouse,
  question: PathsQuestion,
  nodes: readonly string[],
): Promise<Pick<QueryAnswer<NodeLabel>, 'rows' | 'elapsedMs' | 'rowsRead'>> {
  const span = pathsSpan(question);
  const ask = (some: readonly string[], spans: Span[]) =>
    clickhouse.query<NodeLabel>(pathLabelsSql(question, some, spans), { name: 'path-labels' });
  if (span.toMs - span.fromMs <= 2 * dayMs) return ask(nodes, [span]);
  const { fromMs, toMs } = span;
  const soon = await ask(nodes, [
    { fromMs, toMs: fromMs + dayMs },
    { fromMs: toMs - dayMs, toMs },
  ]);
  const known = new Set(soon.rows.map(({ node }) => node));
  const missing = nodes.filter((node) => !known.has(node));
  if (missing.length === 0) return soon;
  const late = await ask(missing, [span]);
  return {
    rows: [...soon.rows, ...late.rows],
    elapsedMs: soon.elapsedMs + late.elapsedMs,
    rowsRead: soon.rowsRead + late.rowsRead,
  };
}
