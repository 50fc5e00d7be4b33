import { crc32 } from 'node:zlib';
import type { EventRow } from '../contract/row.ts';

/**
 * One record is one line of JSON whose last key is the checksum of everything before it:
 *
 *     {"id":"…","site_id":1,…,"intent":0,"_crc":"5d41402a"}
 *
 * The checksum rides inside the line, and not in a frame or a file beside it, for three reasons: a segment stays readable with
 * `tail`, it ships to ClickHouse byte for byte (an unknown key is skipped there), and each record proves itself, so that a
 * flipped bit costs one record and a torn tail ends exactly at the last whole one.
 */
const marker = ',"_crc":"';
const markerBytes = Buffer.from(marker);
const end = Buffer.from('"}');
const suffixLength = marker.length + 8 + end.length;
const intent = Buffer.from('"intent":1');
const noIntent = Buffer.from('"intent":0');
const arrival = Buffer.from('"received_at":"');
/** Value of each byte that is a hexadecimal digit. */
const digits = Array.from({ length: 256 }, (_, byte) => '0123456789abcdef'.indexOf(String.fromCharCode(byte))).map(
  (value) => (value < 0 ? Number.NaN : value),
);
const newline = 0x0a;

/** The row as a line of a segment, line feed included. */
export function toRecord(row: EventRow): string {
  const body = JSON.stringify(row).slice(0, -1);
  return `${body}${marker}${crc32(body).toString(16).padStart(8, '0')}"}\n`;
}

/** The row of a line that `isSound` has accepted. */
export function toRow(line: Buffer): EventRow {
  return JSON.parse(`${line.toString('utf8', 0, line.length - suffixLength)}}`);
}

/** Whether the line, without its line feed, is what was written. */
export function isSound(line: Buffer): boolean {
  const bodyLength = line.length - suffixLength;
  return (
    bodyLength > 0 &&
    hasAt(line, bodyLength, markerBytes) &&
    hasAt(line, line.length - end.length, end) &&
    checksumAt(line, bodyLength + marker.length) === crc32(line.subarray(0, bodyLength))
  );
}

/** Whether detection reads this line from the `intents` table. Inside a JSON text the quotes would be escaped. */
export function isIntent(line: Buffer): boolean {
  const bodyLength = line.length - suffixLength;
  // The last key of every row we write.
  if (hasAt(line, bodyLength - noIntent.length, noIntent)) return false;
  return line.includes(intent);
}

/** Server time of arrival as the row writes it; empty where the line does not say. Such texts sort as time. */
export function receivedAt(line: Buffer): string {
  const start = line.indexOf(arrival);
  return start < 0 ? '' : line.toString('latin1', start + arrival.length, start + arrival.length + 23);
}

/** Byte by byte: a start does this for every record that waits, and a call into native code costs ten times as much. */
function hasAt(line: Buffer, at: number, bytes: Buffer): boolean {
  for (let index = 0; index < bytes.length; index++) if (line[at + index] !== bytes[index]) return false;
  return true;
}

/** The eight hexadecimal digits that stand here as a number; not a number where they are none. */
function checksumAt(line: Buffer, at: number): number {
  let value = 0;
  for (let index = at; index < at + 8; index++) value = value * 16 + (digits[line[index] ?? 0] ?? Number.NaN);
  return value;
}

/** Each line without its line feed. The last one has `ended: false` when its line feed is missing. */
export function* lines(bytes: Buffer): Generator<{ line: Buffer; ended: boolean }> {
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(newline, start);
    if (end < 0) {
      yield { line: bytes.subarray(start), ended: false };
      return;
    }
    yield { line: bytes.subarray(start, end), ended: true };
    start = end + 1;
  }
}
