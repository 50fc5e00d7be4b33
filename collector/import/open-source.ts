import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { PassThrough, pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** A file to import, unpacked where it is gzipped, whatever its name says. */
export interface ImportSource {
  bytes: AsyncIterable<Buffer>;
  /** How much of it has been read, 0–1; 0 where nobody knows how much there is. */
  share: () => number;
}

/** The lines of a piece live until all of them are read: of pieces of 1 MiB three times as much outlived two collections. */
const pieceBytes = 256 * 1024;

/** `-` is standard input. Throws one sentence where there is no such file, or it is an archive. */
export async function openSource(file: string, stdin: NodeJS.ReadableStream): Promise<ImportSource> {
  if (file === '-') return { bytes: unpacked(stdin as Readable), share: () => 0 };
  const found = await stat(file).catch(() => null);
  if (!found?.isFile()) throw new Error(`There is no file ${file}.`);
  const stream = createReadStream(file, { highWaterMark: pieceBytes });
  return {
    bytes: unpacked(stream),
    share: () => (found.size === 0 ? 1 : stream.bytesRead / found.size),
  };
}

async function* unpacked(raw: Readable): AsyncGenerator<Buffer> {
  const pieces = raw[Symbol.asyncIterator]() as AsyncIterator<Buffer | string>;
  const first = await pieces.next();
  if (first.done) return;
  const head = toBuffer(first.value);
  if (head.subarray(0, 4).equals(zipMagic)) {
    throw new Error('This is a zip archive. Unpack it and import the file with the events that is inside.');
  }
  const whole = (async function* () {
    yield head;
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield toBuffer(next.value);
  })();
  if (!head.subarray(0, 2).equals(gzipMagic)) {
    yield* whole;
    return;
  }
  const gunzip = createGunzip({ chunkSize: pieceBytes });
  // The iteration below sees the error too.
  const text = pipeline(whole, gunzip, new PassThrough(), () => undefined) as PassThrough;
  try {
    yield* text as AsyncIterable<Buffer>;
  } catch (cause) {
    throw new Error('The file is gzipped, and damaged or cut off.', { cause });
  }
}

/** RFC 1952, section 2.3.1. */
const gzipMagic = Buffer.from([0x1f, 0x8b]);
/** https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, section 4.3.7. */
const zipMagic = Buffer.from('PK\x03\x04', 'latin1');

function toBuffer(piece: Buffer | string): Buffer {
  return typeof piece === 'string' ? Buffer.from(piece) : piece;
}
