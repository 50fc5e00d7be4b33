import type { ClickHouse } from '../clickhouse/client.ts';
import { param, type Sql, sql } from '../clickhouse/sql.ts';
import { type EventRow, fromTimestamp } from '../contract/row.ts';
import type { ServerEvent } from '../contract/wire.ts';
import { type Span, withinSql } from './range.ts';

/**
 * Every event of a site in a span, page by page, in the shape that `import` takes: a day after the other, in it a visitor after
 * the other, in order of time. What the event store does not keep is not in it: the event's own id (the exported id stands for the
 * same event every time), the page address's query, the IP address and the user agent. Source, medium and campaign come back as
 * UTM parameters of the address, because that is where `import` reads them.
 */
export interface ExportedEvent extends ServerEvent {
  id: string;
  at: string;
  visitor: string;
  /** For people and spreadsheets; `import` derives these itself and skips them. */
  session: string;
  country: string;
  device: string;
  browser: string;
  os: string;
}

type Row = Pick<
  EventRow,
  | 'visitor_id'
  | 'session_id'
  | 'page_id'
  | 'seq'
  | 'ts'
  | 'name'
  | 'path'
  | 'host'
  | 'title'
  | 'country'
  | 'device'
  | 'browser'
  | 'os'
  | 'referrer'
  | 'channel'
  | 'source'
  | 'medium'
  | 'campaign'
  | 'term'
  | 'content'
  | 'engaged_ms'
  | 'scroll'
  | 'props'
  | 'currency'
> & { value: string | number };

/** Rows of one page. Far below the row limit of a question, and a few megabytes of memory. */
const pageRows = 5_000;

/** The next rows after `last`; the first ones where it is absent. The order is that of the table, so each page is a short read. */
export function exportEventsSql(request: { siteId: number; span: Span; last?: Row | undefined; limit: number }): Sql {
  const { siteId, span, last, limit } = request;
  return sql`SELECT visitor_id, session_id, page_id, seq, ts, name, path, host, title, country, device, browser, os, referrer,
  channel, source, medium, campaign, term, content, engaged_ms, scroll, props, value, currency
FROM events
WHERE ${withinSql(siteId, span)}${last ? afterSql(last) : sql``}
ORDER BY toDate(ts), visitor_id, ts, page_id, seq, name
LIMIT ${param.uint32(limit)}`;
}

/** (page_id, seq) is unique in a site, so no row is given twice or left out. */
function afterSql(last: Row): Sql {
  const ts = param.dateTime(fromTimestamp(last.ts));
  return sql` AND toDate(ts) >= toDate(${ts})
  AND (toDate(ts), visitor_id, ts, page_id, seq, name) > (toDate(${ts}), ${param.uint64(last.visitor_id)}, ${ts}, ${param.uint64(last.page_id)}, ${param.uint32(last.seq)}, ${param.string(last.name)})`;
}

export async function* exportEvents(
  clickhouse: Pick<ClickHouse, 'query'>,
  request: { siteId: number; span: Span; limit?: number; signal?: AbortSignal },
): AsyncGenerator<ExportedEvent> {
  const { siteId, span, limit = pageRows, signal } = request;
  let last: Row | undefined;
  do {
    const { rows } = await clickhouse.query<Row>(exportEventsSql({ siteId, span, last, limit }), {
      name: 'export events',
      ...(signal ? { signal } : {}),
    });
    for (const row of rows) yield toExported(row);
    last = rows.length === limit ? rows.at(-1) : undefined;
  } while (last);
}

function toExported(row: Row): ExportedEvent {
  const props: Record<string, string | number> = { ...row.props };
  if (Number(row.value) !== 0) Object.assign(props, { value: Number(row.value), currency: row.currency });
  if (row.name === 'engagement') Object.assign(props, { engaged_ms: row.engaged_ms, scroll: row.scroll });
  const url = toUrl(row);
  return {
    id: `${row.page_id}.${row.seq}`,
    seq: row.seq,
    name: row.name,
    at: new Date(fromTimestamp(row.ts)).toISOString(),
    visitor: row.visitor_id,
    ...(url ? { url } : {}),
    ...(row.referrer ? { ref: `https://${row.referrer}` } : {}),
    ...(row.title ? { title: row.title } : {}),
    ...(Object.keys(props).length > 0 ? { props } : {}),
    channel: row.channel,
    session: row.session_id,
    country: row.country,
    device: row.device,
    browser: row.browser,
    os: row.os,
  };
}

/** The scheme is not stored; nothing that is counted depends on it. */
function toUrl(row: Row): string {
  const utm = new URLSearchParams();
  for (const key of ['source', 'medium', 'campaign', 'term', 'content'] as const) {
    if (row[key]) utm.set(`utm_${key}`, row[key]);
  }
  const [path = '', route] = row.path.split('#');
  const query = utm.size > 0 ? `?${utm}` : '';
  const address = `${path}${query}${route === undefined ? '' : `#${route}`}`;
  return row.host ? `https://${row.host}${address}` : address;
}
