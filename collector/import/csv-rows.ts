import { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';

/** One row of a table, by column. `number` is the line it ends on: a quoted cell may hold line breaks. */
export interface CsvRow {
  number: number;
  cells: Record<string, string>;
}
export type CsvRecord = CsvRow | { number: number; problem: string };

const rowsAtOnce = 1_000;

/** Header and rows of a CSV text. Throws one sentence where it has no header or cannot be read on. */
export async function* csvRows(
  bytes: AsyncIterable<Buffer>,
  {
    onHeader = () => {},
    delimiter = ',',
  }: {
    onHeader?: ((columns: string[]) => void) | undefined;
    /** What parts the cells. */
    delimiter?: string;
  } = {},
): AsyncGenerator<CsvRecord[]> {
  const parser = parse({
    bom: true,
    delimiter,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: 1024 * 1024,
  });
  const source = Readable.from(bytes);
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  let columns: string[] | undefined;
  let records: CsvRecord[] = [];
  try {
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      if (!columns) {
        columns = record.map((name) => name.trim());
        onHeader(columns);
        continue;
      }
      const number = info.lines;
      if (record.length !== columns.length) {
        records.push({ number, problem: `It has ${record.length} columns, and the header has ${columns.length}.` });
      } else {
        const cells: Record<string, string> = {};
        for (const [index, name] of columns.entries()) cells[name] = record[index] ?? '';
        records.push({ number, cells });
      }
      if (records.length < rowsAtOnce) continue;
      yield records;
      records = [];
    }
  } catch (error) {
    if (error instanceof CsvError) throw new Error(`The CSV cannot be read: ${error.message}`, { cause: error });
    throw error;
  }
  if (!columns) throw new Error('The file is empty: a CSV starts with a line of column names.');
  yield records;
}
