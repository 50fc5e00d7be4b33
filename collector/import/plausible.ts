import { hash64 } from '../hash.ts';
import { countOccurrences } from './count-occurrences.ts';
import type { HistoricEvent, ImportFormat, ImportRecord } from './format.ts';
import { type Row, recordRows } from './record-rows.ts';
import { textOf, toPlatform } from './row-values.ts';

/**
 * Rows of Plausible's table `events_v2`, which a self-hosted Plausible can print as CSV or JSON:
 * https://github.com/plausible/analytics/blob/master/priv/ingest_repo/structure.sql. The zip that Plausible's own export makes holds
 * sums for each day and page (https://github.com/plausible/analytics/blob/master/lib/plausible/exports.ex): no visitor, no order
 * and no time of day, so events made from it would be invented. It is refused.
 */
export const plausible: ImportFormat = async function* (bytes, { origin }) {
  const occurrences = countOccurrences();
  for await (const rows of recordRows(bytes, refuseSums)) yield rows.map((row) => toRecord(row, origin, occurrences));
};

function toRecord(record: Row, origin: string, occurrences: (text: string) => number): ImportRecord {
  if ('problem' in record) return record;
  const { number, row } = record;
  const text = (key: string) => textOf(row[key]);
  const [name, at, visitor] = [text('name'), text('timestamp'), text('user_id')];
  for (const [key, value] of Object.entries({ name, timestamp: at, user_id: visitor })) {
    if (value === '') return { number, problem: `Column "${key}" is missing or empty.` };
  }
  const host = text('hostname');
  const path = text('pathname');
  const tags = new URLSearchParams();
  for (const tag of ['source', 'medium', 'campaign', 'content', 'term']) {
    if (text(`utm_${tag}`)) tags.set(`utm_${tag}`, text(`utm_${tag}`));
  }
  const props = propsOf(row, name);
  const event: HistoricEvent = {
    id: idOf(row, occurrences),
    name: customNames[name] ?? name,
    at: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(at) ? `${at.replace(' ', 'T')}Z` : at,
    // A prefix, because Plausible's numbers must not be taken for ids that Telltale gave out.
    visitor: `plausible-${visitor}`,
    url: `${host ? `https://${host}` : origin}${path.startsWith('/') ? '' : '/'}${path}${tags.size > 0 ? `?${tags}` : ''}`,
    ...(text('referrer') ? { ref: withScheme(text('referrer')) } : {}),
    ...(Object.keys(props).length > 0 ? { props } : {}),
    ...toPlatform({
      device: text('screen_size'),
      browser: text('browser'),
      os: text('operating_system'),
      country: text('country_code').replaceAll('\0', ''),
    }),
  };
  return { number, event };
}

/** What Plausible calls by another name. https://plausible.io/docs/custom-event-goals */
const customNames: Record<string, string> = {
  'Outbound Link: Click': 'outbound_click',
  'File Download': 'file_download',
  '404': 'not_found',
};

function propsOf(row: Record<string, unknown>, name: string): Record<string, string | number> {
  const props: Record<string, string | number> = {};
  const [keys, values] = [listOf(row['meta.key']), listOf(row['meta.value'])];
  for (const [index, key] of keys.entries()) if (key !== '') props[key] = values[index] ?? '';
  const amount = Number(textOf(row.revenue_source_amount) || Number.NaN);
  if (Number.isFinite(amount)) Object.assign(props, { value: amount, currency: textOf(row.revenue_source_currency) });
  if (name === 'engagement') {
    const scroll = Number(textOf(row.scroll_depth));
    Object.assign(props, {
      engaged_ms: Number(textOf(row.engagement_time)) || 0,
      // 255 stands for "not measured".
      scroll: scroll <= 100 ? scroll : 0,
    });
  }
  return props;
}

/** JSON has a list; CSV has ClickHouse's `['a','b']`. */
function listOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(textOf);
  const text = textOf(value);
  return [...text.matchAll(/'((?:[^'\\]|\\.)*)'/g)].map((found) => (found[1] ?? '').replace(/\\(.)/g, '$1'));
}

/** The table has no id of an event: the same row is the same event, and equal rows are told apart by counting them. */
function idOf(row: Record<string, unknown>, occurrences: (text: string) => number): string {
  const text = JSON.stringify(row);
  return `plausible-${hash64(text, String(occurrences(text)))}`;
}

function withScheme(referrer: string): string {
  return /^[a-z-]+:\/\//i.test(referrer) ? referrer : `https://${referrer}`;
}

function refuseSums(columns: string[]): void {
  if (columns.includes('timestamp') && columns.includes('user_id')) return;
  if (!columns.includes('date')) {
    throw new Error(
      `The CSV has no columns timestamp and user_id, so it is not Plausible's table events_v2. Columns: ${columns.join(', ')}.`,
    );
  }
  throw new Error(
    "Plausible's export holds sums for each day: no visitor, no order and no time, so funnels made from it would be invented. " +
      'What works: from your own Plausible, the rows themselves: SELECT * FROM events_v2 WHERE site_id = … FORMAT JSONEachRow; ' +
      'or the log of your web server with --format access-log.',
  );
}
