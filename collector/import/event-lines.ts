import type { ImportFormat } from './format.ts';
import { linesOf } from './lines-of.ts';

/** One JSON event a line, as `export` prints them and the events route takes them. */
export const eventLines: ImportFormat = async function* (bytes) {
  for await (const { first, lines } of linesOf(bytes)) {
    const records = [];
    for (let index = 0; index < lines.length; index++) {
      const text = lines[index] ?? '';
      if (text !== '' && text.trim() !== '') records.push({ number: first + index, text });
    }
    yield records;
  }
};
