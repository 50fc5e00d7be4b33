import type { HistoricEvent, ImportFormat, ImportRecord } from './format.ts';
import { type Row, recordRows } from './record-rows.ts';
import { textOf, toPlatform } from './row-values.ts';

/**
 * Rows of Umami's table `website_event`, as CSV or JSON:
 * https://github.com/umami-software/umami/blob/master/db/clickhouse/schema.sql. On PostgreSQL and MySQL browser, device and place
 * are columns of `session`: join them, or leave them out.
 */
export const umami: ImportFormat = async function* (bytes, { origin }) {
  for await (const rows of recordRows(bytes, refuseSummaries)) yield rows.map((row) => toRecord(row, origin));
};

/** `event_type` of a custom event; 1 is a page view. Others (link and pixel hits, performance) are not of a page. */
const customEvent = '2';

function toRecord(record: Row, origin: string): ImportRecord {
  if ('problem' in record) return record;
  const { number, row } = record;
  const text = (key: string) => textOf(row[key]);
  const [id, session, at] = [text('event_id'), text('session_id'), text('created_at')];
  for (const [key, value] of Object.entries({ event_id: id, session_id: session, created_at: at })) {
    if (value === '') return { number, problem: `Column "${key}" is missing or empty.` };
  }
  const type = text('event_type');
  if (type !== '' && type !== '1' && type !== customEvent) return { number, skip: 'not-a-page' };
  const isCustom = type === customEvent || (type === '' && text('event_name') !== '');
  if (isCustom && text('event_name') === '') return { number, problem: 'Column "event_name" is empty.' };

  const host = text('hostname');
  const query = text('url_query').replace(/^\?/, '');
  const path = text('url_path');
  const referrer = text('referrer_domain');
  const event: HistoricEvent = {
    id,
    name: isCustom ? text('event_name') : 'pageview',
    at: toUtc(at),
    visitor: session,
    url: `${host ? `https://${host}` : origin}${path.startsWith('/') ? '' : '/'}${path}${query ? `?${query}` : ''}`,
    ...(referrer ? { ref: `https://${referrer}${text('referrer_path')}` } : {}),
    ...(text('page_title') ? { title: text('page_title') } : {}),
    ...(text('tag') ? { props: { tag: text('tag') } } : {}),
    ...toPlatform({ device: text('device'), browser: text('browser'), os: text('os'), country: text('country') }),
    language: text('language').slice(0, 2).toLowerCase(),
  };
  return { number, event };
}

/** ClickHouse and most tools print UTC without saying so. */
function toUtc(at: string): string {
  return /^\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?$/.test(at)
    ? `${at.replace(' ', 'T')}Z`
    : at.replace(/([+-]\d\d)$/, '$1:00');
}

function refuseSummaries(columns: string[]): void {
  const missing = ['event_id', 'session_id', 'created_at'].filter((column) => !columns.includes(column));
  if (missing.length === 0) return;
  throw new Error(
    `The CSV has no column ${missing.join(', ')}, so it is not Umami's table website_event. Umami's CSV download on a ` +
      "report holds only sums, from which nobody's way can be told. Import the rows: SELECT * FROM website_event.",
  );
}
