import type { ClickHouse } from '../clickhouse/client.ts';
import { joinSql, type Sql, sql } from '../clickhouse/sql.ts';
import type { Match } from '../contract/match.ts';
import { matchSql } from './match.ts';
import { type Span, withinSql } from './range.ts';

/*
 * How often did each of these happen?
 *
 * One row:
 *   counts   events in the span, one number for each match, in its order; one event may count for several
 */

export interface MatchCountsQuestion {
  siteId: number;
  span: Span;
  matches: readonly Match[];
}

export function matchCountsSql({ siteId, span, matches }: MatchCountsQuestion): Sql {
  const counts = matches.map((match) => sql`toFloat64(countIf(${matchSql(match)}))`);
  return sql`SELECT [${joinSql(counts, sql`, `)}] AS counts FROM events WHERE ${withinSql(siteId, span)}`;
}

export async function matchCounts(clickhouse: ClickHouse, question: MatchCountsQuestion): Promise<number[]> {
  if (question.matches.length === 0) return [];
  const { rows } = await clickhouse.query<{ counts: number[] }>(matchCountsSql(question), { name: 'match-counts' });
  return rows[0]?.counts ?? question.matches.map(() => 0);
}
