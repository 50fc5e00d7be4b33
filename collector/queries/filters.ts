import { joinSql, param, type Sql, sql } from '../clickhouse/sql.ts';
import type { Filter } from '../contract/match.ts';
import { type DimensionEntry, dimensionEntry } from './dimensions.ts';

/**
 * The condition of a question's filters; `1` where there are none. `rows` is the condition of the rows the question is about.
 *
 * `keep: 'events'` keeps the events that every filter is true of. `keep: 'sessions'` keeps whole sessions: a filter on a path,
 * an event or a property then means "sessions in which such an event occurred" (and `is_not`, "sessions in which it did not"),
 * because a funnel of the visitors who saw /pricing is not a funnel of views of /pricing.
 */
export function filterSql(
  filters: readonly Filter[] | undefined,
  { keep, rows }: { keep: 'events' | 'sessions'; rows: Sql },
): Sql {
  if (!filters || filters.length === 0) return sql`1`;
  return joinSql(
    filters.map((filter) => {
      const entry = dimensionEntry(filter.dimension);
      if (entry.scope === 'session') return sessionsByWhole(filter, entry, rows);
      if (entry.scope === 'event' && keep === 'sessions') return sessionsWith(filter, entry, rows);
      return compare(filter, entry.value);
    }),
    sql` AND `,
  );
}

/**
 * The same filters on rows of `sessions`. What a visit brings (country, source …) and its first and last page are columns there; a
 * filter on a path, an event or a property means "sessions in which such an event occurred" among `rows` of `events`.
 */
export function sessionFilterSql(filters: readonly Filter[] | undefined, rows: Sql): Sql {
  if (!filters || filters.length === 0) return sql`1`;
  return joinSql(
    filters.map((filter) => {
      const entry = dimensionEntry(filter.dimension);
      return entry.scope === 'event'
        ? sessionsWith(filter, entry, rows)
        : compare(filter, entry.ofSession ?? entry.value);
    }),
    sql` AND `,
  );
}

/** Whether a filter tells the events of one session apart, so that the session's own row cannot answer it. */
export function areAboutEvents(filters: readonly Filter[] | undefined): boolean {
  return filters?.some((filter) => dimensionEntry(filter.dimension).scope === 'event') ?? false;
}

function sessionsByWhole(filter: Filter, entry: DimensionEntry, rows: Sql): Sql {
  return sql`session_id IN (SELECT session_id FROM events WHERE ${rows} AND name = 'pageview' GROUP BY session_id HAVING ${compare(filter, entry.value)})`;
}

function sessionsWith(filter: Filter, entry: DimensionEntry, rows: Sql): Sql {
  const occurred = compare(
    { ...filter, op: filter.op === 'is' || filter.op === 'is_not' ? 'is' : 'contains' },
    entry.value,
  );
  const sessions = sql`(SELECT session_id FROM events WHERE ${rows} AND ${occurred})`;
  return isNegative(filter) ? sql`session_id NOT IN ${sessions}` : sql`session_id IN ${sessions}`;
}

/** `contains` does not care about upper and lower case: people search that way. */
function compare({ op, value }: Filter, column: Sql): Sql {
  switch (op) {
    case 'is':
      return sql`${column} IN ${param.strings(value)}`;
    case 'is_not':
      return sql`${column} NOT IN ${param.strings(value)}`;
    case 'contains':
      return sql`multiSearchAnyCaseInsensitiveUTF8(toString(${column}), ${param.strings(value)})`;
    case 'not_contains':
      return sql`NOT multiSearchAnyCaseInsensitiveUTF8(toString(${column}), ${param.strings(value)})`;
    default:
      return op satisfies never;
  }
}

function isNegative({ op }: Filter): boolean {
  return op === 'is_not' || op === 'not_contains';
}
