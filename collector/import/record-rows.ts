import { csvRows } from './csv-rows.ts';
import { linesOf } from './lines-of.ts';

/** Rows of a database as any of the usual tools print them. */
export type Row = { number: number; row: Record<string, unknown> } | { number: number; problem: string };

/** CSV with a header, JSON lines, or one JSON array, told apart by the first character. */
export async function* recordRows(
  bytes: AsyncIterable<Buffer>,
  onHeader?: (columns: string[]) => void,
): AsyncGenerator<Row[]> {
  const pieces = bytes[Symbol.asyncIterator]();
  const first = await pieces.next();
  if (first.done) throw new Error('The file is empty.');
  const start = first.value
    .toString('utf8', 0, 256)
    .replace(/^\uFEFF/, '')
    .trimStart();
  const whole = (async function* () {
    yield first.value;
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value;
  })();
  if (start.startsWith('[')) yield await arrayRows(whole);
  else if (start.startsWith('{')) yield* jsonRows(whole);
  else {
    for await (const records of csvRows(whole, { onHeader })) {
      yield records.map((record) => ('cells' in record ? { number: record.number, row: record.cells } : record));
    }
  }
}

async function* jsonRows(bytes: AsyncIterable<Buffer>): AsyncGenerator<Row[]> {
  for await (const { first, lines } of linesOf(bytes)) {
    const rows: Row[] = [];
    for (const [index, line] of lines.entries()) if (line.trim() !== '') rows.push(toRow(line, first + index));
    yield rows;
  }
}

function toRow(line: string, number: number): Row {
  try {
    const row: unknown = JSON.parse(line);
    if (isObject(row)) return { number, row };
    return { number, problem: 'It is not a JSON object.' };
  } catch {
    return { number, problem: 'It is not JSON.' };
  }
}

/** `number` is the place in the array. */
async function arrayRows(bytes: AsyncIterable<Buffer>): Promise<Row[]> {
  const pieces: Buffer[] = [];
  for await (const piece of bytes) pieces.push(piece);
  const text = Buffer.concat(pieces)
    .toString()
    .replace(/^\uFEFF/, '');
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch (cause) {
    throw new Error('The file starts like a JSON array and is none. Export it again, best as one JSON object a line.', {
      cause,
    });
  }
  return (values as unknown[]).map((value, index) =>
    isObject(value) ? { number: index + 1, row: value } : { number: index + 1, problem: 'It is not a JSON object.' },
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
