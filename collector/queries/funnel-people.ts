import type { ClickHouse } from '../clickhouse/client.ts';
import { joinSql, param, type Sql, sql } from '../clickhouse/sql.ts';
import type { List } from '../contract/answers.ts';
import type { FunnelPeopleRequest, FunnelPerson } from '../contract/funnel.ts';
import { AppError } from '../errors.ts';
import { chainsSql, checkStep, type FunnelQuestion, funnelSpan, momentMs, momentSeq } from './funnel-chains.ts';
import { withinSql } from './range.ts';

/*
 * Who are the units behind one number of a funnel: those who dropped after a step, or those who reached it?
 *
 * One row for each unit, newest first:
 *   unit, visitor  ids, decimal text
 *   reached        deepest step, from 1
 *   stopped_ms     when that step was reached, milliseconds; stopped_seq its seq
 *   total          all such units, the same number as the funnel's `dropped` or `count`
 *
 * The rows come from the very chains the funnel counts, so list and number cannot differ. At the last step nobody can drop.
 * A page is the rows after a cursor in the order (stopped_ms, unit), which no later event of other units disturbs.
 */

export interface FunnelPeopleQuestion extends FunnelQuestion {
  request: FunnelPeopleRequest;
}

interface PersonRow {
  unit: string;
  visitor: string;
  reached: number;
  stopped_ms: string;
  stopped_seq: number;
  total: number;
}

export function funnelPeopleSql(question: FunnelPeopleQuestion): Sql {
  const { step, steps, outcome, limit, cursor } = question.request;
  const span = funnelSpan(question);
  const wanted =
    outcome === 'reached'
      ? sql`reached >= ${param.uint32(step)}`
      : step === steps.length
        ? sql`0`
        : sql`reached = ${param.uint32(step)}`;
  const after = cursor === undefined ? sql`1` : afterCursor(cursor);
  return sql`
SELECT unit, visitor, reached, stopped_ms, stopped_seq, total
FROM (
  SELECT unit, visitor, reached, ${momentMs(sql`moments[-1]`, span)} AS stopped_ms, ${momentSeq(sql`moments[-1]`)} AS stopped_seq,
    toFloat64(count() OVER ()) AS total
  FROM (${chainsSql(question)})
  WHERE ${wanted}
)
WHERE ${after}
ORDER BY stopped_ms DESC, unit DESC
LIMIT ${param.uint32(limit + 1)}`;
}

export async function funnelPeople(
  clickhouse: ClickHouse,
  question: FunnelPeopleQuestion,
): Promise<List<FunnelPerson>> {
  const { request } = question;
  checkStep(request);
  const { rows } = await clickhouse.query<PersonRow>(funnelPeopleSql(question), { name: 'funnel-people' });
  const page = rows.slice(0, request.limit);
  const last = page.at(-1);
  if (!last)
    return { items: [], total: request.cursor === undefined ? 0 : await totalOf(clickhouse, question), next: null };
  const details = await detailsOf(clickhouse, question, page);
  return {
    items: page.map((row) => {
      const detail = details.get(row.unit);
      return {
        id: row.unit,
        visitor: row.visitor,
        stoppedAt: new Date(Number(row.stopped_ms)).toISOString(),
        reached: row.reached,
        lastPath: detail?.path ?? '',
        source: detail?.source ?? '',
        country: detail?.country ?? '',
        device: detail?.device ?? '',
      };
    }),
    total: last.total,
    next: rows.length > request.limit ? `${last.stopped_ms}.${last.unit}` : null,
  };
}

/** A page after the end has no row that carries the total. */
async function totalOf(clickhouse: ClickHouse, question: FunnelPeopleQuestion): Promise<number> {
  const { cursor: _, ...request } = question.request;
  const { rows } = await clickhouse.query<PersonRow>(
    funnelPeopleSql({ ...question, request: { ...request, limit: 1 } }),
    {
      name: 'funnel-people',
    },
  );
  return rows[0]?.total ?? 0;
}

interface Detail {
  unit: string;
  path: string;
  source: string;
  country: string;
  device: string;
}

/** What is known of the events at which a page of people stopped. These columns are not in the projection that chains read. */
async function detailsOf(
  clickhouse: ClickHouse,
  { siteId, request }: FunnelPeopleQuestion,
  page: readonly PersonRow[],
): Promise<Map<string, Detail>> {
  const times = page.map((row) => Number(row.stopped_ms));
  const span = { fromMs: Math.min(...times), toMs: Math.max(...times) + 1 };
  const unit = request.by === 'session' ? sql`session_id` : sql`visitor_id`;
  const stops = page.map(
    (row) =>
      sql`(${param.uint64(row.unit)}, ${param.dateTime(Number(row.stopped_ms))}, ${param.uint32(row.stopped_seq)})`,
  );
  const { rows } = await clickhouse.query<Detail>(
    sql`
SELECT ${unit} AS unit, argMin(path, page_id) AS path, argMin(source, page_id) AS source, argMin(country, page_id) AS country,
  argMin(device, page_id) AS device
FROM events
WHERE ${withinSql(siteId, span)} AND ${unit} IN ${param.uint64s(page.map((row) => row.unit))}
  AND (${unit}, ts, seq) IN (${joinSql(stops, sql`, `)})
GROUP BY unit`,
    { name: 'funnel-people-details' },
  );
  return new Map(rows.map((row) => [row.unit, row]));
}

function afterCursor(cursor: string): Sql {
  const [, ms, unit] = /^(\d{1,15})\.(\d{1,20})$/.exec(cursor) ?? [];
  if (ms === undefined || unit === undefined || BigInt(unit) >= 1n << 64n) {
    throw new AppError('invalid_request', {
      details: [{ path: 'cursor', message: 'This is not a cursor of this list. Use the `next` of the page before.' }],
    });
  }
  return sql`(stopped_ms, unit) < (${param.int64(Number(ms))}, ${param.uint64(unit)})`;
}
