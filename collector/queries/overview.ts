import type { ClickHouse } from '../clickhouse/client.ts';
import { joinSql, Parameter, Sql, sql } from '../clickhouse/sql.ts';
import { type Metric, metrics } from '../contract/names.ts';
import type { OverviewAnswer, OverviewRequest, Totals } from '../contract/overview.ts';
import { bucketStarts, defaultInterval } from './buckets.ts';
import { areAboutEvents, filterSql, sessionFilterSql } from './filters.ts';
import { metricCatalogue, sessionsSql } from './metrics.ts';
import { visitorsOwnSql } from './own-events.ts';
import { comparedSpan, isWholeQuarters, quarterMs, quartersSql, type Span, toSpan, withinSql } from './range.ts';

/*
 * How much happened on a site, in all and over time?
 *
 * One row for each interval in which anything happened, and one for the whole range:
 *   at       start of the interval, milliseconds since 1970; 0 for the whole range
 *   others   the metrics of metrics.ts
 *
 * Visitors are different visitors, so the whole is not the sum of its intervals; they are there in every interval that one of
 * their sessions touches. Sessions belong to the interval in which they begin, and count as a whole; page views and events belong
 * to the one in which they happen. Filters on a path, an event or a property keep the events they are true of, and the visitors
 * who caused them; the session metrics then look at whole sessions that hold such an event.
 */

export interface OverviewQuestion {
  siteId: number;
  timezone: string;
  request: OverviewRequest;
}

interface PartQuestion {
  siteId: number;
  span: Span;
  starts: readonly number[];
  filters: OverviewRequest['filters'];
}

type OverviewRow = { at: number } & Partial<Totals>;

/** What is counted over events. */
export function overviewEventsSql({ siteId, span, starts, filters }: PartQuestion): Sql {
  const rows = withinSql(siteId, span);
  if (!filters?.length && isWholeQuarters(span) && starts.every((start) => start % quarterMs === 0)) {
    return sql`
SELECT toFloat64(bucket) AS at, toFloat64(sumIf(rows, name = 'pageview')) AS pageviews, toFloat64(sum(rows)) AS events
FROM (
  SELECT roundDown(toInt64(toUnixTimestamp(quarter)) * 1000, ${bordersOf(starts)}) AS bucket, name, rows
  FROM (
    SELECT toStartOfFifteenMinutes(ts) AS quarter, name, count() AS rows FROM events
    WHERE ${quartersSql(siteId, span)} AND name != 'engagement' AND ${visitorsOwnSql}
    GROUP BY quarter, name
  )
)
GROUP BY GROUPING SETS ((bucket), ())`;
  }
  return sql`
SELECT toFloat64(bucket) AS at, ${metricsOver(areAboutEvents(filters) ? ['visitors', 'pageviews', 'events'] : ['pageviews', 'events'])}
FROM (
  SELECT roundDown(toUnixTimestamp64Milli(ts), ${bordersOf(starts)}) AS bucket, visitor_id, name FROM events
  WHERE ${rows} AND name != 'engagement' AND ${visitorsOwnSql} AND ${filterSql(filters, { keep: 'events', rows })}
)
GROUP BY GROUPING SETS ((bucket), ())`;
}

/** What is counted over sessions. */
export function overviewSessionsSql({ siteId, span, starts, filters }: PartQuestion): Sql {
  const borders = bordersOf(starts);
  const kept = sessionFilterSql(filters, withinSql(siteId, span));
  const own = metrics.filter((metric) => metricCatalogue[metric].over === 'sessions');
  // ROLLUP makes the whole out of its intervals: who was seen in each is looked up a second time, not read a second time.
  return sql`
SELECT toFloat64(bucket) AS at, ${metricsOver(areAboutEvents(filters) ? own : ['visitors', ...own])}
FROM (
  SELECT visitor_id, started, ended, pageviews, events, engaged_ms, first = bucket AND within AS begins,
    arrayJoin(if(first = last, [first], arrayFilter(start -> start >= first AND start <= last, ${borders}))) AS bucket
  FROM (
    SELECT *, begins AS within, roundDown(toUnixTimestamp64Milli(started), ${borders}) AS first,
      roundDown(toUnixTimestamp64Milli(ended), ${borders}) AS last
    FROM (${sessionsSql({ siteId, span, kept })})
  )
)
GROUP BY bucket WITH ROLLUP`;
}

/** Throws AppError invalid_request for a bad range or an interval that is too fine for it. */
export async function overview(
  clickhouse: ClickHouse,
  { siteId, timezone, request }: OverviewQuestion,
): Promise<OverviewAnswer> {
  const span = toSpan(request, timezone);
  const interval = request.interval ?? defaultInterval(span);
  const part = (of: Span) =>
    overviewPart(clickhouse, {
      siteId,
      span: of,
      starts: bucketStarts(of, interval, timezone),
      filters: request.filters,
    });
  const before = request.compare ? comparedSpan(request, timezone, request.compare) : undefined;
  const [now, then] = await Promise.all([part(span), before ? part(before) : undefined]);
  return {
    interval,
    totals: now.totals,
    series: now.series,
    ...(before && then
      ? {
          comparison: {
            from: new Date(before.fromMs).toISOString(),
            to: new Date(before.toMs).toISOString(),
            totals: then.totals,
            series: then.series,
          },
        }
      : {}),
    elapsedMs: Math.max(now.elapsedMs, then?.elapsedMs ?? 0),
    rowsRead: now.rowsRead + (then?.rowsRead ?? 0),
  };
}

async function overviewPart(clickhouse: ClickHouse, question: PartQuestion) {
  const [events, sessions] = await Promise.all([
    clickhouse.query<OverviewRow>(overviewEventsSql(question), { name: 'overview-events' }),
    clickhouse.query<OverviewRow>(overviewSessionsSql(question), { name: 'overview-sessions' }),
  ]);
  const at = new Map<number, Partial<Totals>>();
  for (const { at: start, ...values } of [...events.rows, ...sessions.rows]) {
    at.set(start, { ...at.get(start), ...values });
  }
  return {
    totals: withZeros(at.get(0)),
    series: question.starts.map((start) => ({ at: new Date(start).toISOString(), ...withZeros(at.get(start)) })),
    elapsedMs: Math.max(events.elapsedMs, sessions.elapsedMs),
    rowsRead: events.rowsRead + sessions.rowsRead,
  };
}

function metricsOver(chosen: readonly Metric[]): Sql {
  return joinSql(
    chosen.map((metric) => sql`${metricCatalogue[metric].value} AS ${new Sql([metric])}`),
    sql`, `,
  );
}

/** The borders come from one place, buckets.ts, so that SQL and the zero-filled series cannot disagree about a change of clocks. */
function bordersOf(starts: readonly number[]): Parameter {
  return new Parameter('Array(Int64)', [...starts]);
}

function withZeros(values: Partial<Totals> | undefined): Totals {
  const whole = Object.fromEntries(metrics.map((metric) => [metric, values?.[metric] ?? 0]));
  return whole as Record<Metric, number>;
}
