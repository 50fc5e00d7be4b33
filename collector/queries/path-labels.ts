import { type Parameter, param, type Sql, sql } from '../clickhouse/sql.ts';

/*
 * What a path column calls a row: a page by its path, everything else by its name.
 *
 * Every function here takes one column and constants, so ClickHouse works once for each different text of a LowCardinality
 * column and not once for each row.
 */

/** Numbers of nodes that no row has: who left (or came from nowhere), and what is too rare to be shown. */
export const noNode = 0;
export const otherNode = 1;

const uuid = '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}';
const any = '[0-9A-Za-z]*';
/** Both cases and a digit, in whatever order they come: regular expressions of ClickHouse cannot look ahead. */
const mixed = [
  ['[0-9]', '[a-z]', '[A-Z]'],
  ['[0-9]', '[A-Z]', '[a-z]'],
  ['[a-z]', '[0-9]', '[A-Z]'],
  ['[a-z]', '[A-Z]', '[0-9]'],
  ['[A-Z]', '[0-9]', '[a-z]'],
  ['[A-Z]', '[a-z]', '[0-9]'],
].map((order) => `${any}${order.join(any)}${any}`);
const hex = ['[0-9a-f]*[0-9][0-9a-f]*', '[0-9A-F]*[0-9][0-9A-F]*'];
/** Digits in two places: `k3j9x2ab` is an id, `summer2024` is not. */
const scattered = '[A-Za-z]*[0-9]+[A-Za-z]+[0-9][0-9A-Za-z]*';

/** Stands before a part that is long enough to be a hash. No path holds it: browsers write it as %01. */
const mark = '\u0001';
const longPart = `/([0-9A-Za-z]{8,})/`;
const idPart = `/(?:${mark}?[0-9]+|${uuid}|${mark}(?:${[...hex, scattered, ...mixed].join('|')}))/`;

/**
 * `path` with its id-like parts as `:id`: whole numbers, UUIDs, and runs of at least 8 letters and digits that look like a hash.
 * Slashes are doubled meanwhile, so that each part has two of its own and neighbours do not share one.
 */
export function groupedPathSql(path: Sql): Sql {
  const doubled = sql`concat(replaceAll(${path}, '/', '//'), '/')`;
  const marked = sql`replaceRegexpAll(${doubled}, ${param.string(longPart)}, ${param.string(`/${mark}\\1/`)})`;
  const replaced = sql`replaceRegexpAll(${marked}, ${param.string(idPart)}, '/:id/')`;
  const whole = sql`replaceAll(replaceAll(${replaced}, ${param.string(mark)}, ''), '//', '/')`;
  return sql`replaceRegexpOne(${whole}, '/$', '')`;
}

/** The label of a row of `events`. */
export function labelSql(request: Grouping): Sql {
  return sql`if(name = 'pageview', toString(${pageSql(request)}), toString(${eventSql()}))`;
}

/** The node of a row: a number for its label, because millions of paths of texts take four times as long to count. */
export function nodeSql(request: Grouping): Sql {
  // Not the hash of labelSql: that would be a text for each row again.
  return sql`if(name = 'pageview', ${nodeOfLabelSql(pageSql(request))}, ${nodeOfLabelSql(eventSql())})`;
}

export function nodeOfLabelSql(label: Sql | Parameter): Sql {
  return sql`greatest(cityHash64(${label}), ${param.uint32(otherNode + 1)})`;
}

/** Names that mean something else in a column. An event that is called so is told apart. */
const reserved = '^\\((?:exit|entry|other)\\)$';

interface Grouping {
  group: boolean;
}

function pageSql({ group }: Grouping): Sql {
  return group ? groupedPathSql(sql`path`) : sql`path`;
}

function eventSql(): Sql {
  return sql`replaceRegexpOne(name, ${param.string(reserved)}, 'event \\\\0')`;
}
