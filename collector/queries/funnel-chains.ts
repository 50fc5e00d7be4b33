import { joinSql, param, Sql, sql } from '../clickhouse/sql.ts';
import type { FunnelRequest } from '../contract/funnel.ts';
import { durationMs } from '../contract/time.ts';
import { AppError, type ErrorDetail } from '../errors.ts';
import { filterSql } from './filters.ts';
import { areDisjoint, matchSql } from './match.ts';
import { type Span, toSpan, withinSql } from './range.ts';

/** A funnel asked of one site. */
export interface FunnelQuestion {
  siteId: number;
  timezone: string;
  request: FunnelRequest;
}

/**
 * One row for each unit (visitor or session) that started the funnel, and the attempt that speaks for it: of its deepest
 * attempts the one that started last, each step at the first matching event after the step before.
 *
 * Columns: `unit`, `visitor` UInt64; `reached` UInt8, the deepest step from 1; `moments` Array(UInt64), one moment for each step
 * up to `reached` (see `momentMs`, `momentSeq`); `amounts` Array(Decimal), the value of each of these events, 0 for none (of
 * several at the very same moment the least that is not 0).
 *
 * How: a unit's step events become numbers that sort by (time, seq, step descending). Level by level, `reach_k` holds at each
 * event of step k the start of the attempt that reaches k there, and `last_k` carries it on to later events. Reading `last_(k−1)`
 * one place earlier is what makes one event serve one step only and lets ties count only where seq says so, because at one
 * moment the later steps come first. A later start can always do what an earlier one can, so one start a level is enough.
 * It is windowFunnel with the chain it found, exact on ties (windowFunnel is not), and linear in events × steps.
 */
export function chainsSql(question: FunnelQuestion): Sql {
  const { siteId, request } = question;
  const { steps } = request;
  const span = funnelSpan(question);
  const windowMs = durationMs(request.window);
  const rows = withinSql(siteId, { fromMs: span.fromMs, toMs: span.toMs + windowMs });
  const conditions = steps.map(({ match }, index) =>
    index === 0 ? sql`(${matchSql(match)} AND ts < ${param.dateTime(span.toMs)})` : matchSql(match),
  );
  const unit = request.by === 'session' ? sql`session_id` : sql`visitor_id`;
  // (d + 1) milliseconds of distance are more than d and any difference of seq and step together: see momentOf.
  const reach = literal((BigInt(windowMs) * 2n * seqRange + seqRange - 1n) * stepRange + stepRange - 1n);
  const numbers = steps.map((_, index) => literal(index + 1));
  const list = (piece: (level: Sql) => Sql) => joinSql(numbers.map(piece), sql`, `);
  const found = sql`
SELECT unit, any(visitor_id) AS visitor, arraySort(groupArray(moment)) AS all_moments,
  arraySort(groupArrayIf((moment, value), value != 0)) AS worth
FROM (
  SELECT ${unit} AS unit, visitor_id, value, ${stepsOfRow(steps, conditions)} AS step, ${momentSql(span)} AS moment
  FROM events
  WHERE ${rows} AND (${joinSql(conditions, sql` OR `)}) AND ${filterSql(request.filters, { keep: 'sessions', rows })}
)
WHERE step > 0
GROUP BY unit
HAVING countIf(step = 1) > 0`;
  const entry = sql`
SELECT unit, visitor, all_moments, worth,
  arrayMap(moment -> toUInt8(${literal(stepRange - 1n)} - moment % ${literal(stepRange)}), all_moments) AS all_steps,
  arrayMap((moment, step) -> if(step = 1, moment, 0), all_moments, all_steps) AS reach_1,
  arrayFill(start -> start > 0, reach_1) AS last_1
FROM (${found})`;
  // TRICKY: a subquery for each level, because ClickHouse writes an alias out wherever it is used: in one SELECT the statement
  // would grow with the cube of the number of steps.
  const levels = numbers.slice(1).reduce(
    (inner, level, index) => sql`
SELECT *,
  arrayMap((moment, step, start) -> if(step = ${level} AND start > 0 AND moment - start <= ${reach}, start, 0),
    all_moments, all_steps, arrayPushFront(arrayPopBack(last_${literal(index + 1)}), 0)) AS reach_${level},
  arrayFill(start -> start > 0, reach_${level}) AS last_${level}
FROM (${inner})`,
    entry,
  );
  return sql`
SELECT unit, visitor, reached, moments,
  arrayMap(moment -> worth.2[indexOf(worth.1, moment)], moments) AS amounts
FROM (
  SELECT unit, visitor, reached, worth,
    arraySlice([${list((level) => sql`all_moments[indexOf(reach_${level}, last_start)]`)}], 1, reached) AS moments
  FROM (
    SELECT *, toUInt8(arrayCount(start -> start > 0, starts)) AS reached, starts[greatest(reached, 1)] AS last_start
    FROM (SELECT *, [${list((level) => sql`last_${level}[-1]`)}] AS starts FROM (${levels}))
  )
  WHERE reached > 0
)`;
}

/** The range of a funnel. Throws invalid_request for what funnels cannot do yet, naming the option. */
export function funnelSpan({ request, timezone }: FunnelQuestion): Span {
  const details: ErrorDetail[] = [];
  if (request.order !== 'ordered') details.push({ path: 'order', message: 'Only "ordered" can be counted so far.' });
  if (request.by === 'lead')
    details.push({ path: 'by', message: 'Only "visitor" and "session" can be counted so far.' });
  if (request.exclude?.length)
    details.push({ path: 'exclude', message: 'Exclusions cannot be counted so far. Leave them out.' });
  if (request.breakdown)
    details.push({ path: 'breakdown', message: 'Breakdowns cannot be counted so far. Leave it out.' });
  if (request.trend) details.push({ path: 'trend', message: 'Trends cannot be counted so far. Leave it out.' });
  request.steps.forEach((step, index) => {
    if (step.optional)
      details.push({ path: `steps.${index}.optional`, message: 'Optional steps cannot be counted so far.' });
  });
  if (details.length > 0) throw new AppError('invalid_request', { details });
  return toSpan(request, timezone);
}

/** Throws invalid_request where a funnel has no such step. */
export function checkStep(request: { steps: unknown[]; step: number }): void {
  if (request.step <= request.steps.length) return;
  throw new AppError('invalid_request', {
    details: [{ path: 'step', message: `This funnel has ${request.steps.length} steps.` }],
  });
}

/** seq stays below this (contract: at most 1,000,000). */
const seqRange = 1n << 20n;
/** Steps stay below this (contract: at most 20). */
const stepRange = 1n << 5n;

/**
 * A moment: milliseconds since the start of the range plus 1, then seq, then 31 − step, in one UInt64. Milliseconds count double
 * seqRange, so that a window can be compared without taking the number apart. 890 days fit.
 */
function momentSql({ fromMs }: Span): Sql {
  const ms = sql`toUInt64(toUnixTimestamp64Milli(ts) - ${literal(fromMs)} + 1)`;
  return sql`(${ms} * ${literal(2n * seqRange)} + least(seq, ${literal(seqRange - 1n)})) * ${literal(stepRange)} + ${literal(stepRange - 1n)} - step`;
}

/** Milliseconds since 1970 of a moment, Int64. */
export function momentMs(moment: Sql, { fromMs }: Span): Sql {
  return sql`(toInt64(intDiv(${moment}, ${literal(2n * seqRange * stepRange)})) + ${literal(fromMs - 1)})`;
}

/** seq of a moment. */
export function momentSeq(moment: Sql): Sql {
  return sql`toUInt32(intDiv(${moment}, ${literal(stepRange)}) % ${literal(2n * seqRange)})`;
}

/** Number of the step that a row matches, 0 for none. A row that matches several becomes several rows. */
function stepsOfRow(steps: FunnelRequest['steps'], conditions: Sql[]): Sql {
  const disjoint = steps.every((step, index) =>
    steps.slice(index + 1).every((other) => areDisjoint(step.match, other.match)),
  );
  const choices = conditions.map((condition, index) => sql`${condition}, ${literal(index + 1)}`);
  if (disjoint) return sql`toUInt8(multiIf(${joinSql(choices, sql`, `)}, 0))`;
  const flags = choices.map((choice) => sql`if(${choice}, 0)`);
  return sql`toUInt8(arrayJoin(arrayFilter(number -> number > 0, [${joinSql(flags, sql`, `)}])))`;
}

/** A number of ours as text of the statement: part of a name, or a constant. */
function literal(value: number | bigint): Sql {
  return new Sql([String(value)]);
}
