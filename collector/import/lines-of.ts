import { StringDecoder } from 'node:string_decoder';

/** Whoever sends a line without end would otherwise fill the memory. */
const maxLineLength = 16 * 1024 * 1024;

/** The lines of a text in UTF-8, many at a time, without their ends; `first` is the number of the first of them. */
export async function* linesOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<{ first: number; lines: string[] }> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let first = 1;
  for await (const piece of bytes) {
    let text = rest + decoder.write(piece);
    // Windows editors put a byte order mark in front of the first line.
    if (first === 1 && text.startsWith('\uFEFF')) text = text.slice(1);
    const lines = text.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > maxLineLength)
      throw new Error(`Line ${first + lines.length} is longer than 16 MiB: this is no text of lines.`);
    if (lines.length === 0) continue;
    for (const [index, line] of lines.entries()) if (line.endsWith('\r')) lines[index] = line.slice(0, -1);
    yield { first, lines };
    first += lines.length;
  }
  rest += decoder.end();
  if (rest !== '') yield { first, lines: [rest] };
}
