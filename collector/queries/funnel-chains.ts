import type { Sql } from '../clickhouse/sql.ts';
import { anyOrderSql } from './funnel-any.ts';
import { orderedSql } from './funnel-ordered.ts';
import type { FunnelQuestion } from './funnel-question.ts';
import { strictSql } from './funnel-strict.ts';

/**
 * One row for each unit (visitor, session or lead) that started the funnel, and the attempt that speaks for it: of its deepest
 * attempts the one that started last, each step at the first matching event after the step before.
 *
 * Columns: `unit` UInt64; `reached` UInt8, the last step the attempt passed, from 1; `started`, `stopped` UInt64, the moments of
 * its first and last event (see funnel-moments.ts); `s_1`, `s_2` … one for each step, its moment, 0 where it was not reached or
 * passed over; `money` Array(Tuple(UInt8, Decimal)), of those of these events that carry a value the step and the value (of
 * several at the very same moment the least); with a breakdown `key` String, its value at the first event.
 *
 * In any order, `s_k` says when all steps up to this one had occurred, and `money` speaks of the first event of each.
 */
export function chainsSql(question: FunnelQuestion): Sql {
  const { order } = question.request;
  if (order === 'any') return anyOrderSql(question);
  return order === 'ordered' ? orderedSql(question) : strictSql(question);
}
