import { limits } from '../contract/limits.ts';
import type { EventRow } from '../contract/row.ts';

const pieceBytes = 1024 * 1024;
/** A row is no longer than `limits.eventBytes` (step "row size"); what an export tells of browser and place comes on top. */
const maxLineBytes = limits.eventBytes + 8 * 1024;
/** Texts of other than plain ASCII are written from memory: titles repeat, and encoding one takes longer than finding it. */
const rememberedTexts = 10_000;

/** Rows as lines of JSON, in pieces for an insert. */
export interface LineWriter {
  write(row: EventRow): void;
  /** What was written since the last time. */
  take(): Buffer[];
}

/**
 * Writes the columns of `events` that are not empty: what is left out gets the column's default, which is the same empty value. Half
 * as many bytes, and put down byte by byte because this is the hot path of an import: joining texts and encoding them afterwards
 * takes several times as long, most of it for collecting the joined ones.
 */
export function createLineWriter(): LineWriter {
  let pieces: Buffer[] = [];
  let piece = new Uint8Array(pieceBytes);
  let end = 0;
  let encoded = new Map<string, Buffer>();

  /** Text that must be escaped, or is not ASCII. Returns where it ends. */
  function encode(text: string, at: number): number {
    let bytes = encoded.get(text);
    if (!bytes) {
      if (encoded.size >= rememberedTexts) encoded = new Map();
      bytes = Buffer.from(JSON.stringify(text));
      encoded.set(text, bytes);
    }
    piece.set(bytes, at);
    return at + bytes.length;
  }

  function quoted(text: string, at: number): number {
    const place = quotedAscii(piece, text, at);
    return place < 0 ? encode(text, at) : place;
  }

  function column(name: string, text: string, at: number): number {
    return text === '' ? at : quoted(text, ascii(piece, name, at));
  }

  function amount(name: string, value: number, at: number): number {
    return value === 0 ? at : ascii(piece, String(value), ascii(piece, name, at));
  }

  function finishPiece(): void {
    if (end > 0) pieces.push(Buffer.from(piece.buffer, 0, end));
    piece = new Uint8Array(pieceBytes);
    end = 0;
  }

  return {
    write(row) {
      if (end + maxLineBytes > pieceBytes) finishPiece();
      let at = ascii(piece, '{"site_id":', end);
      at = ascii(piece, String(row.site_id), at);
      at = ascii(piece, ',"ts":"', at);
      at = ascii(piece, row.ts, at);
      at = ascii(piece, '","visitor_id":"', at);
      at = ascii(piece, row.visitor_id, at);
      at = ascii(piece, '","session_id":"', at);
      at = ascii(piece, row.session_id, at);
      at = ascii(piece, '","page_id":"', at);
      at = ascii(piece, row.page_id, at);
      at = ascii(piece, '","device":"', at);
      at = ascii(piece, row.device, at);
      at = ascii(piece, '","channel":"', at);
      at = ascii(piece, row.channel, at);
      at = quoted(row.name, ascii(piece, '","name":', at));
      at = column(',"path":', row.path, at);
      at = column(',"prev_path":', row.prev_path, at);
      at = column(',"host":', row.host, at);
      at = column(',"title":', row.title, at);
      at = column(',"country":', row.country, at);
      at = column(',"region":', row.region, at);
      at = column(',"city":', row.city, at);
      at = column(',"browser":', row.browser, at);
      at = column(',"browser_version":', row.browser_version, at);
      at = column(',"os":', row.os, at);
      at = column(',"os_version":', row.os_version, at);
      at = column(',"language":', row.language, at);
      at = column(',"referrer":', row.referrer, at);
      at = column(',"source":', row.source, at);
      at = column(',"medium":', row.medium, at);
      at = column(',"campaign":', row.campaign, at);
      at = column(',"term":', row.term, at);
      at = column(',"content":', row.content, at);
      at = column(',"currency":', row.currency, at);
      at = amount(',"seq":', row.seq, at);
      at = amount(',"page_number":', row.page_number, at);
      at = amount(',"engaged_ms":', row.engaged_ms, at);
      at = amount(',"scroll":', row.scroll, at);
      at = amount(',"value":', row.value, at);
      at = amount(',"persistent":', row.persistent, at);
      at = amount(',"clock_replaced":', row.clock_replaced, at);
      let separator = ',"props":{';
      for (const key in row.props) {
        at = quoted(key, ascii(piece, separator, at));
        at = quoted(row.props[key] ?? '', ascii(piece, ':', at));
        separator = ',';
      }
      end = ascii(piece, separator === ',' ? '}}\n' : '}\n', at);
      // Bytes behind the end of a piece would be lost without a word.
      if (end > pieceBytes) throw new Error('A row is longer than a row can be.');
    },

    take() {
      finishPiece();
      const taken = pieces;
      pieces = [];
      return taken;
    },
  };
}

/** Puts down a text that is known to be plain. Returns where it ends. */
function ascii(piece: Uint8Array, text: string, at: number): number {
  const { length } = text;
  for (let index = 0; index < length; index++) piece[at + index] = text.charCodeAt(index);
  return at + length;
}

/** Puts down a JSON string. Returns where it ends, or -1 where the text must be escaped or is not ASCII. */
function quotedAscii(piece: Uint8Array, text: string, at: number): number {
  const { length } = text;
  const start = at + 1;
  piece[at] = quote;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code > 0x7e || code === quote || code === backslash) return -1;
    piece[start + index] = code;
  }
  piece[start + length] = quote;
  return start + length + 1;
}

const quote = 0x22;
const backslash = 0x5c;
