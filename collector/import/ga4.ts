import { hash64 } from '../hash.ts';
import type { HistoricEvent, ImportFormat, ImportRecord } from './format.ts';
import { type Row, recordRows } from './record-rows.ts';
import { textOf, toPlatform } from './row-values.ts';

/**
 * Rows of a GA4 property's BigQuery export (tables `events_YYYYMMDD`), as JSON lines:
 * https://support.google.com/analytics/answer/7029846
 */
export const ga4: ImportFormat = async function* (bytes, { origin }) {
  for await (const rows of recordRows(bytes, refuseCsv)) yield rows.map((row) => toRecord(row, origin));
};

/** Events of the same meaning. The rest keep their names. */
const names: Record<string, string> = {
  page_view: 'pageview',
  user_engagement: 'engagement',
  click: 'outbound_click',
};
/** Said by a field of their own, or of no meaning outside Google Analytics. */
const ownParams = new Set([
  'page_location',
  'page_referrer',
  'page_title',
  'ga_session_id',
  'ga_session_number',
  'engagement_time_msec',
  'session_engaged',
  'engaged_session_event',
  'batch_page_id',
  'batch_ordering_id',
  'batch_event_index',
  'percent_scrolled',
  'value',
  'currency',
]);
/** Made by Google Analytics beside a page view: they are no actions. */
const derived = new Set(['session_start', 'first_visit']);

function toRecord(record: Row, origin: string): ImportRecord {
  if ('problem' in record) return record;
  const { number, row } = record;
  const [name, micros, visitor] = [textOf(row.event_name), textOf(row.event_timestamp), textOf(row.user_pseudo_id)];
  if (name === '') return { number, problem: 'Field "event_name" is missing.' };
  if (!/^\d{15,17}$/.test(micros))
    return { number, problem: 'Field "event_timestamp" is not microseconds since 1970.' };
  if (derived.has(name)) return { number, skip: 'not-a-page' };
  const params = paramsOf(row.event_params);
  const location = textOf(params.page_location);
  const device = objectOf(row.device);
  const title = textOf(params.page_title);
  const ref = textOf(params.page_referrer);
  const event: HistoricEvent = {
    // No id in the export: these fields together name an event (same page of the docs, "batch" fields).
    id: `ga4-${hash64(visitor, micros, name, textOf(row.batch_page_id), textOf(row.batch_ordering_id), textOf(row.batch_event_index), textOf(row.event_bundle_sequence_id), JSON.stringify(params))}`,
    name: names[name] ?? name,
    at: Math.round(Number(micros) / 1_000),
    // Without consent Google exports no id: such an event stands alone.
    ...(visitor ? { visitor: visitor.slice(0, 64) } : {}),
    ...(location ? { url: location.startsWith('/') ? origin + location : location.slice(0, 2_048) } : {}),
    ...(ref ? { ref: ref.slice(0, 2_048) } : {}),
    ...(title ? { title: title.slice(0, 512) } : {}),
    props: propsOf(name, params, row),
    ...toPlatform({
      device: textOf(device.category),
      browser: textOf(objectOf(device.web_info).browser) || textOf(device.browser),
      os: textOf(device.operating_system),
      country: countryCode(textOf(objectOf(row.geo).country)),
    }),
    language: textOf(device.language).slice(0, 2).toLowerCase(),
  };
  return { number, event };
}

function paramsOf(value: unknown): Record<string, unknown> {
  const params: Record<string, unknown> = {};
  for (const entry of Array.isArray(value) ? value : []) {
    const { key, value: typed } = objectOf(entry);
    const { string_value, int_value, float_value, double_value } = objectOf(typed);
    params[textOf(key)] = string_value ?? int_value ?? float_value ?? double_value;
  }
  return params;
}

function propsOf(
  name: string,
  params: Record<string, unknown>,
  row: Record<string, unknown>,
): Record<string, string | number> {
  const props: Record<string, string | number> = {};
  for (const [key, value] of Object.entries(params)) {
    const text = textOf(value);
    if (!ownParams.has(key) && text !== '' && Object.keys(props).length < 28)
      props[key.slice(0, 64)] = text.slice(0, 512);
  }
  if (name === 'user_engagement') props.engaged_ms = Number(textOf(params.engagement_time_msec)) || 0;
  if (name === 'scroll') props.scroll = Number(textOf(params.percent_scrolled)) || 0;
  const { purchase_revenue, transaction_id } = objectOf(row.ecommerce);
  const value = textOf(params.value) || textOf(purchase_revenue);
  if (value !== '') Object.assign(props, { value: Number(value), currency: textOf(params.currency) });
  if (textOf(transaction_id) !== '' && props.transaction_id === undefined)
    props.transaction_id = textOf(transaction_id);
  return props;
}

/** Google names countries in English. */
function countryCode(name: string): string {
  if (name === '') return '';
  if (countries.size === 0) {
    const inEnglish = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
    for (let first = 65; first <= 90; first++) {
      for (let second = 65; second <= 90; second++) {
        const code = String.fromCharCode(first, second);
        const known = inEnglish.of(code);
        // Former countries come with their old codes; the first one in the alphabet is not always the present one.
        if (known && !retired.has(code)) countries.set(known, code);
      }
    }
  }
  return countries.get(name) ?? alsoCalled[name] ?? '';
}
const countries = new Map<string, string>();
const retired = new Set(['BU', 'CS', 'DD', 'DY', 'FX', 'HV', 'NH', 'RH', 'SU', 'TP', 'UK', 'VD', 'YD', 'YU', 'ZR']);
const alsoCalled: Record<string, string> = {
  Türkiye: 'TR',
  Turkey: 'TR',
  Czechia: 'CZ',
  'Hong Kong': 'HK',
  Macao: 'MO',
};

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function refuseCsv(): void {
  throw new Error(
    'The events of GA4 are nested, so CSV cannot hold them. Export the BigQuery tables events_YYYYMMDD as newline-delimited JSON. ' +
      "What the reports of GA4 download are sums, from which nobody's way can be told.",
  );
}
