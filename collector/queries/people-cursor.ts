import { param, type Sql, sql } from '../clickhouse/sql.ts';
import { AppError } from '../errors.ts';

/** Where a page of people ends: the last one's moment (milliseconds since 1970) and id. */
export function peopleCursor(last: readonly [ms: string, unit: string, ...unknown[]] | undefined): string | null {
  return last ? `${last[0]}.${last[1]}` : null;
}

/** Rows that come after a cursor in the order (`ms` descending, `unit` descending). Throws invalid_request for what is no cursor. */
export function afterPeopleCursor(cursor: string | undefined, ms: Sql): Sql {
  if (cursor === undefined) return sql`1`;
  const [, at, unit] = /^(\d{1,15})\.(\d{1,20})$/.exec(cursor) ?? [];
  if (at === undefined || unit === undefined || BigInt(unit) >= 1n << 64n) {
    throw new AppError('invalid_request', {
      details: [{ path: 'cursor', message: 'This is not a cursor of this list. Use the `next` of the page before.' }],
    });
  }
  return sql`(${ms}, unit) < (${param.int64(Number(at))}, ${param.uint64(unit)})`;
}
