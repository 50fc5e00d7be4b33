import { type Match, matchedEvent } from './match.ts';
import type { EventRow } from './row.ts';

/**
 * The regular expression of a pattern: `*` is any run without `/`, `**` any run, everything else stands for itself.
 * It uses only syntax that RE2 (ClickHouse) and JavaScript read alike, so SQL and code agree.
 */
export function patternToRegex(pattern: string): string {
  const body = pattern
    .split(/(\*+)/)
    .map((part) => (part === '*' ? '[^/]*' : part.startsWith('*') ? '.*' : part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')))
    .join('');
  return `^(?:${body})$`;
}

/** Whether the pattern holds a wildcard at all; without one, equality is enough. */
export function hasWildcard(pattern: string): boolean {
  return pattern.includes('*');
}

/** A test for one match. Compile once, call for every event: the same answer as the SQL of `queries/match.ts`. */
export function compileMatch(match: Match): (row: Pick<EventRow, 'name' | 'path' | 'host' | 'props'>) => boolean {
  const event = matchedEvent(match);
  const path = match.path === undefined ? undefined : compilePattern(match.path);
  const host = match.host === undefined ? undefined : compilePattern(match.host);
  const props = Object.entries(match.props ?? {});
  return (row) =>
    row.name === event &&
    (path === undefined || path(row.path)) &&
    (host === undefined || host(row.host)) &&
    props.every(([key, value]) => Object.hasOwn(row.props, key) && row.props[key] === value);
}

function compilePattern(pattern: string): (text: string) => boolean {
  if (!hasWildcard(pattern)) return (text) => text === pattern;
  const regex = new RegExp(patternToRegex(pattern), 's');
  return (text) => regex.test(text);
}
