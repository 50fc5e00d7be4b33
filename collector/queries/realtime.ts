import type { ClickHouse } from '../clickhouse/client.ts';
import { param, type Sql, sql } from '../clickhouse/sql.ts';
import type { RealtimeAnswer } from '../contract/overview.ts';
import { visitorsOwnSql } from './own-events.ts';
import { withinSql } from './range.ts';

/*
 * Who is on the site now?
 *
 * One row:
 *   visitors   different visitors with any sign of life (`engagement` included) in the last 5 minutes
 *   minutes    [start of the minute in ms, page views] of the last 30 minutes that have any; this minute is the last
 *   pages      [path, visitors] of the last 5 minutes, the ten with most visitors
 */

export interface RealtimeQuestion {
  siteId: number;
  nowMs: number;
}

const minuteMs = 60_000;
const presentMinutes = 5;
const shownMinutes = 30;
const shownPages = 10;

interface RealtimeRow {
  visitors: number;
  minutes: [number, number][];
  pages: [string, number][];
}

export function realtimeSql({ siteId, nowMs }: RealtimeQuestion): Sql {
  const present = sql`ts > ${param.dateTime(nowMs - presentMinutes * minuteMs)}`;
  return sql`
WITH lately AS (
  SELECT ts, visitor_id, name, path FROM events
  WHERE ${withinSql(siteId, { fromMs: firstMinute(nowMs), toMs: nowMs + minuteMs })} AND ${visitorsOwnSql}
)
SELECT
  (SELECT toUInt32(uniqExactIf(visitor_id, ${present})) FROM lately) AS visitors,
  (SELECT groupArray((minute, views)) FROM (
    SELECT toFloat64(intDiv(toUnixTimestamp64Milli(ts), 60000) * 60000) AS minute, toUInt32(count()) AS views
    FROM lately WHERE name = 'pageview' GROUP BY minute
  )) AS minutes,
  (SELECT groupArray((page, people)) FROM (
    SELECT toString(path) AS page, toUInt32(uniqExact(visitor_id)) AS people
    FROM lately WHERE name = 'pageview' AND ${present} GROUP BY page ORDER BY people DESC, page LIMIT ${param.uint32(shownPages)}
  )) AS pages`;
}

export async function realtime(clickhouse: ClickHouse, question: RealtimeQuestion): Promise<RealtimeAnswer> {
  const { rows } = await clickhouse.query<RealtimeRow>(realtimeSql(question), { name: 'realtime' });
  const row = rows[0];
  const views = new Map(row?.minutes);
  const first = firstMinute(question.nowMs);
  return {
    visitors: row?.visitors ?? 0,
    minutes: Array.from({ length: shownMinutes }, (_, index) => {
      const start = first + index * minuteMs;
      return { at: new Date(start).toISOString(), pageviews: views.get(start) ?? 0 };
    }),
    pages: (row?.pages ?? []).map(([path, visitors]) => ({ path, visitors })),
  };
}

function firstMinute(nowMs: number): number {
  return (Math.floor(nowMs / minuteMs) - shownMinutes + 1) * minuteMs;
}
