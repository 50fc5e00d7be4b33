import type { ClickHouse } from '../clickhouse/client.ts';
import { joinSql, literal, param, type Sql, sql } from '../clickhouse/sql.ts';
import type { RuleEvents } from '../contract/rule.ts';
import { matchSql } from './match.ts';
import { type Span, withinSql } from './range.ts';

/*
 * Which events of a time would a rule have looked at?
 *
 * One row for each event that matches the intent or a completion, in the order in which they happened, by (time, seq):
 *   visitor       who, decimal UInt64
 *   at seq        when, milliseconds since 1970
 *   page          page_id, decimal UInt64: with seq the identity of the event
 *   intent        1: it matches the intent
 *   completion    1: it matches one of the completions; an event may be both
 *   key           value of the rule's key property, '' where it has none
 *   name path     what and where
 *   value         money it carries, currency: of what
 *   persistent    1: the visitor has consented
 */

export interface RuleEventsQuestion {
  siteId: number;
  span: Span;
  rule: RuleEvents;
  /** Looks at one visitor in this many. */
  sample: number;
  /** Only these, decimal UInt64; absent: everybody. */
  visitorIds?: readonly string[];
  /** The newest are given where there are more. */
  limit: number;
}

export interface RuleEvent {
  visitor: string;
  at: number;
  seq: number;
  page: string;
  intent: 0 | 1;
  completion: 0 | 1;
  key: string;
  name: string;
  path: string;
  value: number;
  currency: string;
  persistent: 0 | 1;
}

export function ruleEventsSql(question: RuleEventsQuestion): Sql {
  const { siteId, span, rule, sample, visitorIds, limit } = question;
  const key = rule.key === undefined ? sql`''` : sql`props[${param.string(rule.key.slice('prop:'.length))}]`;
  return sql`
SELECT toString(visitor_id) AS visitor, toFloat64(toUnixTimestamp64Milli(ts)) AS at, seq, toString(page_id) AS page,
  toUInt8(${matchSql(rule.intent)}) AS intent, toUInt8(${completionSql(rule)}) AS completion, ${key} AS key,
  toString(name) AS name, toString(path) AS path, toFloat64(value) AS value, toString(currency) AS currency, persistent
FROM events
WHERE ${withinSql(siteId, span)} AND (${matchSql(rule.intent)} OR ${completionSql(rule)})
  AND ${visitorIds ? sql`visitor_id IN ${param.uint64s(visitorIds)}` : sampledSql(sample)}
ORDER BY ts DESC, seq DESC, page_id DESC
LIMIT ${param.uint32(limit)}`;
}

/** How many events a rule is about, and how many people have its intent: what decides whether a part of them has to do. */
export function ruleSizeSql({ siteId, span, rule }: Pick<RuleEventsQuestion, 'siteId' | 'span' | 'rule'>): Sql {
  return sql`
SELECT toFloat64(count()) AS events
FROM events
WHERE ${withinSql(siteId, span)} AND (${matchSql(rule.intent)} OR ${completionSql(rule)})`;
}

export async function ruleSize(
  clickhouse: ClickHouse,
  question: Pick<RuleEventsQuestion, 'siteId' | 'span' | 'rule'>,
): Promise<{ events: number; rowsRead: number }> {
  const { rows, rowsRead } = await clickhouse.query<{ events: number }>(ruleSizeSql(question), { name: 'rule-size' });
  return { events: rows[0]?.events ?? 0, rowsRead };
}

export async function ruleEvents(
  clickhouse: ClickHouse,
  question: RuleEventsQuestion,
): Promise<{ events: RuleEvent[]; rowsRead: number }> {
  const { rows, rowsRead } = await clickhouse.query<RuleEvent>(ruleEventsSql(question), { name: 'rule-events' });
  return { events: rows.reverse(), rowsRead };
}

function completionSql({ complete }: RuleEvents): Sql {
  return sql`(${joinSql(complete.map(matchSql), sql` OR `)})`;
}

function sampledSql(sample: number): Sql {
  if (sample === 1) return sql`1`;
  return sql`cityHash64(visitor_id) % ${literal(Math.trunc(sample))} = 0`;
}
