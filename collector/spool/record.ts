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
const suffixLength = marker.length + 8 + '"}'.length;
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
  if (bodyLength < 1 || line.compare(markerBytes, 0, marker.length, bodyLength, bodyLength + marker.length) !== 0)
    return false;
  const stated = line.toString('latin1', bodyLength + marker.length, line.length - 2);
  return Number.parseInt(stated, 16) === crc32(line.subarray(0, bodyLength)) && line.at(-1) === 0x7d;
}

/** Whether detection reads this line from the `intents` table. Inside a JSON text the quotes would be escaped. */
export function isIntent(line: Buffer): boolean {
  return line.includes('"intent":1');
}

/** Server time of arrival as the row writes it; empty where the line does not say. Such texts sort as time. */
export function receivedAt(line: Buffer): string {
  const start = line.indexOf('"received_at":"');
  return start < 0 ? '' : line.toString('latin1', start + 15, start + 15 + 23);
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
