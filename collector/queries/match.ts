import { joinSql, param, type Sql, sql } from '../clickhouse/sql.ts';
import { type Match, matchedEvent } from '../contract/match.ts';
import { hasWildcard, patternToRegex } from '../contract/pattern.ts';

/** Rows of `events` (or `intents`) that a match means: the same answer as `compileMatch` of the contract gives for one row. */
export function matchSql(match: Match): Sql {
  const conditions = [sql`name = ${param.string(matchedEvent(match))}`];
  if (match.path !== undefined) conditions.push(patternSql(sql`path`, match.path));
  if (match.host !== undefined) conditions.push(patternSql(sql`host`, match.host));
  for (const [key, value] of Object.entries(match.props ?? {})) {
    const name = param.string(key);
    conditions.push(sql`(mapContains(props, ${name}) AND props[${name}] = ${param.string(value)})`);
  }
  return sql`(${joinSql(conditions, sql` AND `)})`;
}

/** Whether no event can match both: other names, or two different paths without wildcards. May say no when it is not sure. */
export function areDisjoint(one: Match, other: Match): boolean {
  if (matchedEvent(one) !== matchedEvent(other)) return true;
  return areDifferentTexts(one.path, other.path) || areDifferentTexts(one.host, other.host);
}

/** A match in words, for a step without a name: `/pricing`, `booking_start`, `signup on /pricing`. */
export function matchInWords(match: Match): string {
  const props = Object.entries(match.props ?? {}).map(([key, value]) => `${key}=${value}`);
  const place = match.path ?? '';
  const what = match.event === undefined || match.event === 'pageview' ? place || 'pageview' : match.event;
  const where = what !== place && place !== '' ? ` on ${place}` : '';
  return `${what}${where}${props.length > 0 ? ` (${props.join(', ')})` : ''}${match.host ? ` at ${match.host}` : ''}`;
}

function patternSql(column: Sql, pattern: string): Sql {
  return hasWildcard(pattern)
    ? sql`match(${column}, ${param.string(patternToRegex(pattern))})`
    : sql`${column} = ${param.string(pattern)}`;
}

function areDifferentTexts(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other && !hasWildcard(one) && !hasWildcard(other);
}
