import { hash64 } from '../hash.ts';
import { type CsvRecord, csvRows } from './csv-rows.ts';
import type { HistoricEvent, ImportFormat, ImportRecord } from './format.ts';

/** Fields a column can hold, besides `prop:KEY`. `value` and `currency` are money. */
export const csvFields = [
  'id',
  'at',
  'name',
  'url',
  'visitor',
  'lead',
  'ref',
  'title',
  'channel',
  'ip',
  'userAgent',
  'value',
  'currency',
  'country',
  'device',
  'browser',
  'os',
  'language',
] as const;

/** A table of events. Without `--map`, columns that are named like fields are those fields, and `prop:KEY` a property. */
export const csv: ImportFormat = async function* (bytes, { origin, map }) {
  let columns = new Map<string, string>();
  for await (const records of csvRows(bytes, {
    onHeader: (header) => {
      columns = map ? checkedMap(map, header) : namedLikeFields(header);
    },
  })) {
    yield records.map((record) => toRecord(record, columns, origin));
  }
};

/** Column of each field from `field=column,…`. Throws one sentence about what is wrong. */
export function parseMap(text: string): Map<string, string> {
  const map = new Map<string, string>();
  for (const part of text.split(',')) {
    const split = part.indexOf('=');
    const [field, column] = [part.slice(0, split).trim(), part.slice(split + 1).trim()];
    if (split < 1 || column === '') throw new Error(`"${part}" in --map is not field=column, such as at=Date.`);
    if (!isField(field)) throw new Error(`--map knows no field "${field}". Fields: ${csvFields.join(', ')}, prop:KEY.`);
    map.set(field, column);
  }
  return map;
}

function isField(name: string): boolean {
  return (csvFields as readonly string[]).includes(name) || /^prop:.+/.test(name);
}

function checkedMap(map: ReadonlyMap<string, string>, header: readonly string[]): Map<string, string> {
  const missing = [...map.values()].find((column) => !header.includes(column));
  if (missing !== undefined) throw new Error(`The CSV has no column "${missing}". Its columns: ${header.join(', ')}.`);
  return new Map(map);
}

function namedLikeFields(header: readonly string[]): Map<string, string> {
  const named = header.filter(isField);
  if (named.length === 0) {
    const example = 'at=Date,name=Event,url=Page';
    throw new Error(
      `No column is named like a field of an event. Say which is which: --map ${example}. Columns: ${header.join(', ')}.`,
    );
  }
  return new Map(named.map((column) => [column, column]));
}

function toRecord(record: CsvRecord, columns: ReadonlyMap<string, string>, origin: string): ImportRecord {
  if ('problem' in record) return record;
  const { number, cells } = record;
  const event: HistoricEvent = { id: `csv-${hash64(JSON.stringify(cells), String(number))}`, name: 'pageview' };
  const props: Record<string, string> = {};
  for (const [field, column] of columns) {
    const cell = (cells[column] ?? '').trim();
    if (cell === '') continue;
    const refused = (expected: string): ImportRecord => ({
      number,
      problem: `Column "${column}": "${cell.slice(0, 60)}" is not ${expected}.`,
    });
    if (field.startsWith('prop:')) props[field.slice('prop:'.length)] = cell;
    else if (field === 'at') {
      const at = toTime(cell);
      if (at === undefined) return refused('a time such as 2026-09-01T12:00:00Z');
      event.at = at;
    } else if (field === 'value') {
      if (!Number.isFinite(Number(cell))) return refused('a number such as 79.50');
      props.value = cell;
    } else if (field === 'currency') props.currency = cell;
    else if (field === 'url' && cell.startsWith('/')) event.url = origin + cell;
    else if (field === 'url' && !URL.canParse(cell)) return refused('an address such as https://example.com/pricing');
    else Object.assign(event, { [field]: cell });
  }
  if (columns.has('name') && !cells[columns.get('name') ?? '']?.trim()) {
    return { number, problem: `Column "${columns.get('name')}" is empty: every event needs a name.` };
  }
  return { number, event: Object.keys(props).length > 0 ? { ...event, props } : event };
}

/** ISO 8601, seconds or milliseconds since 1970. */
function toTime(cell: string): string | number | undefined {
  if (/^\d{9,10}(\.\d+)?$/.test(cell)) return Math.round(Number(cell) * 1_000);
  if (/^\d{12,13}$/.test(cell)) return Number(cell);
  return /^\d{4}-\d\d-\d\d/.test(cell) && !Number.isNaN(Date.parse(cell)) ? cell : undefined;
}
