import { isAscii } from 'node:buffer';

/** Whoever sends a line without end would otherwise fill the memory. */
const maxLineBytes = 16 * 1024 * 1024;
const lineFeed = 0x0a;

/** The lines of a text in UTF-8, many at a time, without their ends; `first` is the number of the first of them. */
export async function* linesOf(bytes: AsyncIterable<Buffer>): AsyncGenerator<{ first: number; lines: string[] }> {
  let rest: Buffer = Buffer.alloc(0);
  let first = 1;
  for await (const piece of bytes) {
    const whole = rest.length > 0 ? Buffer.concat([rest, piece]) : piece;
    const end = whole.lastIndexOf(lineFeed);
    rest = end < 0 ? whole : whole.subarray(end + 1);
    if (rest.length > maxLineBytes)
      throw new Error(`Line ${first} or a later one is longer than 16 MiB: this is no text of lines.`);
    if (end < 0) continue;
    const lines = split(whole.subarray(0, end), first);
    yield { first, lines };
    first += lines.length;
  }
  if (rest.length > 0) yield { first, lines: split(rest, first) };
}

function split(bytes: Buffer, first: number): string[] {
  // Nearly every file is ASCII, which is copied instead of decoded.
  let text = bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8');
  // Windows editors put a byte order mark in front of the first line.
  if (first === 1 && text.startsWith('\uFEFF')) text = text.slice(1);
  return text.includes('\r') ? text.split(/\r?\n/).map((line) => line.replace(/\r$/, '')) : text.split('\n');
}
