import type { ClickHouse } from '../clickhouse/client.ts';
import { joinSql, Parameter, Sql, sql } from '../clickhouse/sql.ts';
import { type Metric, metrics } from '../contract/names.ts';
import type { OverviewAnswer, OverviewRequest, Totals } from '../contract/overview.ts';
import { bucketStarts, defaultInterval } from './buckets.ts';
import { filterSql } from './filters.ts';
import { metricCatalogue, sessionsSql } from './metrics.ts';
import { comparedSpan, type Span, toSpan, withinSql } from './range.ts';

/*
 * How much happened on a site, in all and over time?
 *
 * One row for each interval in which anything happened, and one for the whole range:
 *   at       start of the interval, milliseconds since 1970; 0 for the whole range
 *   others   the metrics of metrics.ts
 *
 * Visitors are different visitors, so the whole is not the sum of its intervals. Sessions belong to the interval in which they
 * begin; page views and events to the one in which they happen. Filters on a path, an event or a property keep the events they
 * are true of; the session metrics then look at whole sessions that hold such an event.
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

/** The metrics that are counted over events. */
export function overviewEventsSql({ siteId, span, starts, filters }: PartQuestion): Sql {
  const rows = withinSql(siteId, span);
  return sql`
SELECT toFloat64(bucket) AS at, ${metricsOver('events')}
FROM (
  SELECT ${bucketOf(starts)} AS bucket, visitor_id, name FROM events
  WHERE ${rows} AND name != 'engagement' AND ${filterSql(filters, { keep: 'events', rows })}
)
GROUP BY GROUPING SETS ((bucket), ())`;
}

/** The metrics that are counted over sessions. */
export function overviewSessionsSql({ siteId, span, starts, filters }: PartQuestion): Sql {
  const rows = withinSql(siteId, span);
  return sql`
SELECT toFloat64(bucket) AS at, ${metricsOver('sessions')}
FROM (
  SELECT *, started AS ts, ${bucketOf(starts)} AS bucket
  FROM (${sessionsSql(sql`${rows} AND ${filterSql(filters, { keep: 'sessions', rows })}`)})
)
GROUP BY GROUPING SETS ((bucket), ())`;
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

function metricsOver(over: 'events' | 'sessions'): Sql {
  return joinSql(
    metrics
      .filter((metric) => metricCatalogue[metric].over === over)
      .map((metric) => sql`${metricCatalogue[metric].value} AS ${new Sql([metric])}`),
    sql`, `,
  );
}

/** The borders come from one place, buckets.ts, so that SQL and the zero-filled series cannot disagree about a change of clocks. */
function bucketOf(starts: readonly number[]): Sql {
  return sql`roundDown(toUnixTimestamp64Milli(ts), ${new Parameter('Array(Int64)', [...starts])})`;
}

function withZeros(values: Partial<Totals> | undefined): Totals {
  const whole = Object.fromEntries(metrics.map((metric) => [metric, values?.[metric] ?? 0]));
  return whole as Record<Metric, number>;
}
