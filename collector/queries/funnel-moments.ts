import { literal, type Sql, sql } from '../clickhouse/sql.ts';
import type { Span } from './range.ts';

/** seq stays below this (contract: at most 1,000,000). */
const seqRange = 1n << 20n;
/** Codes stay below this: steps (at most 20), and exclusions (at most 10) after them. */
const codeRange = 1n << 5n;
/** The moment of an event with this code, which no step and no exclusion has, is after another one only where the event itself is later. */
export const earliestCode = codeRange - 1n;

/**
 * A moment: milliseconds since the start of the range plus 1, then seq, then 31 − code, in one UInt64. Milliseconds count double
 * seqRange, so that a window can be compared without taking the number apart. More than eight years fit. A range that is at most
 * 49 days long could do with less, but sorting and grouping cost the same.
 *
 * Sorted, the codes of one moment come last first. So whatever lies behind a step's moment in the array and has a higher code is
 * truly later, which is what makes one event serve one step only and lets ties count only where seq says so.
 */
export function momentSql({ fromMs }: Span, code: Sql): Sql {
  const ms = sql`toUInt64(toUnixTimestamp64Milli(ts) - ${literal(fromMs)} + 1)`;
  return sql`toUInt64((${ms} * ${literal(2n * seqRange)} + least(seq, ${literal(seqRange - 1n)})) * ${literal(codeRange)} + ${literal(codeRange - 1n)} - ${code})`;
}

/** The code of a moment: a step from 1, an exclusion, or 0. */
export function momentCode(moment: Sql): Sql {
  return sql`toUInt8(${literal(codeRange - 1n)} - ${moment} % ${literal(codeRange)})`;
}

/** A moment without its code: equal for simultaneous events. */
export function momentKey(moment: Sql): Sql {
  return sql`intDiv(${moment}, ${literal(codeRange)})`;
}

/** Milliseconds since 1970 of a moment, Int64. */
export function momentMs(moment: Sql, { fromMs }: Span): Sql {
  return sql`(toInt64(intDiv(${moment}, ${literal(2n * seqRange * codeRange)})) + ${literal(fromMs - 1)})`;
}

/** seq of a moment. */
export function momentSeq(moment: Sql): Sql {
  return sql`toUInt32(intDiv(${moment}, ${literal(codeRange)}) % ${literal(2n * seqRange)})`;
}

/** The first moment that is not before an instant. */
export function momentAt({ fromMs }: Span, ms: number): Sql {
  return literal(BigInt(ms - fromMs + 1) * 2n * seqRange * codeRange);
}

/** Distance of two moments that are at most a window apart: (d + 1) milliseconds are more than d and any seq and code together. */
export function reachSql(windowMs: number): Sql {
  return literal((BigInt(windowMs) * 2n * seqRange + seqRange - 1n) * codeRange + codeRange - 1n);
}
