import type { ClickHouse } from '../clickhouse/client.ts';
import { literal, param, type Sql, sql } from '../clickhouse/sql.ts';
import type { List } from '../contract/answers.ts';
import type { FunnelPeopleRequest, FunnelPerson } from '../contract/funnel.ts';
import { chainsSql } from './funnel-chains.ts';
import { passedAt } from './funnel-events.ts';
import { momentMs, momentSeq } from './funnel-moments.ts';
import { checkStep, droppedSql, type FunnelQuestion, funnelSpan, unitSql } from './funnel-question.ts';
import { afterPeopleCursor, peopleCursor } from './people-cursor.ts';
import { withinSql } from './range.ts';

/*
 * Who are the units behind one number of a funnel: those who dropped after a step, or those who reached it?
 *
 * One row:
 *   total   all such units: the same number as the funnel's `dropped` or `count`
 *   people  one page of them, the latest stop first: [stopped_ms, unit, reached, stopped_seq]
 *           unit: id, decimal text; reached: the last step passed, from 1; stopped_ms: when that step was reached
 *
 * Number and list come from one read of the very chains the funnel counts, so they cannot differ. At the last step nobody can
 * drop. A page is what follows a cursor in the order (stopped_ms, unit), which later events of other units do not disturb.
 */

export interface FunnelPeopleQuestion extends FunnelQuestion {
  request: FunnelPeopleRequest;
}

type PersonRow = [stoppedMs: string, unit: string, reached: number, stoppedSeq: number];

interface PeopleRow {
  total: number;
  people: PersonRow[];
}

export function funnelPeopleSql(question: FunnelPeopleQuestion): Sql {
  const { step, outcome, limit, cursor, breakdown: _, ...request } = question.request;
  const span = funnelSpan(question);
  const wanted = outcome === 'reached' ? sql`${passedAt(step)} != 0` : droppedSql({ request, step });
  // groupArraySorted keeps the smallest: negated time and unit make that the latest.
  return sql`
SELECT toFloat64(count()) AS total,
  arrayMap(person -> (-person.1, bitNot(person.2), person.3, person.4),
    groupArraySortedIf(${literal(limit + 1)})((-stopped_ms, bitNot(unit), reached, stopped_seq), ${afterPeopleCursor(cursor, sql`stopped_ms`)})) AS people
FROM (
  SELECT unit, reached, ${momentMs(sql`stopped`, span)} AS stopped_ms, ${momentSeq(sql`stopped`)} AS stopped_seq
  FROM (${chainsSql({ ...question, request })})
  WHERE ${wanted}
)`;
}

export async function funnelPeople(
  clickhouse: ClickHouse,
  question: FunnelPeopleQuestion,
): Promise<List<FunnelPerson>> {
  const { request } = question;
  checkStep(request);
  const { rows } = await clickhouse.query<PeopleRow>(funnelPeopleSql(question), { name: 'funnel-people' });
  const { total, people } = rows[0] ?? { total: 0, people: [] };
  const page = people.slice(0, request.limit);
  const details = await detailsOf(clickhouse, question, page);
  const last = people.length > request.limit ? page.at(-1) : undefined;
  return {
    items: page.map(([stoppedMs, unit, reached]) => {
      const detail = details.get(unit);
      return {
        id: unit,
        visitor: detail?.visitor ?? '',
        stoppedAt: new Date(Number(stoppedMs)).toISOString(),
        reached,
        lastPath: detail?.path ?? '',
        source: detail?.source ?? '',
        country: detail?.country ?? '',
        device: detail?.device ?? '',
      };
    }),
    total,
    next: peopleCursor(last),
  };
}

interface Detail {
  unit: string;
  visitor: string;
  path: string;
  source: string;
  country: string;
  device: string;
}

/** What is known of the events at which a page of people stopped. These columns are not in the projection that chains read. */
async function detailsOf(
  clickhouse: ClickHouse,
  question: FunnelPeopleQuestion,
  page: readonly PersonRow[],
): Promise<Map<string, Detail>> {
  if (page.length === 0) return new Map();
  const times = page.map(([stoppedMs]) => Number(stoppedMs));
  const span = { fromMs: Math.min(...times), toMs: Math.max(...times) + 1 };
  const unit = unitSql(question);
  const units = param.uint64s(page.map((row) => row[1]));
  // TRICKY: lists, because ClickHouse takes at most 1,000 parameters and a page may have as many people.
  const stops = sql`arrayZip(${param.int64s(times)}, ${param.uint32s(page.map((row) => row[3]))})`;
  const { rows } = await clickhouse.query<Detail>(
    sql`
SELECT ${unit} AS unit, argMin(visitor_id, page_id) AS visitor, argMin(path, page_id) AS path, argMin(source, page_id) AS source, argMin(country, page_id) AS country,
  argMin(device, page_id) AS device
FROM events
WHERE ${withinSql(question.siteId, span)} AND ${unit} IN ${units}
  AND (toUnixTimestamp64Milli(ts), seq) = ${stops}[indexOf(${units}, ${unit})]
GROUP BY unit`,
    { name: 'funnel-people-details' },
  );
  return new Map(rows.map((row) => [row.unit, row]));
}
