import type { EventRow } from '../contract/row.ts';
import { halvesOf } from './uint64.ts';

/** Rows of `events` on their way into one insert. */
export interface RowBlock {
  /** `ts` is the time in the row, ms. At most as many rows as it was made for. */
  add(row: EventRow, ts: number): void;
  /** The rows since the last time, as a block of ClickHouse's format Native. */
  take(): Buffer[];
}

/**
 * Collects rows by column. Native takes half of what lines of JSON take on either side: each different text goes over once, with
 * the numbers of the rows it stands in, and nobody has to parse anything. Columns that are empty in all rows are left out.
 * https://clickhouse.com/docs/interfaces/formats/Native, and SerializationLowCardinality.cpp for texts.
 */
export function createRowBlock(maxRows: number): RowBlock {
  const text = (name: keyof EventRow) => new TextColumn(name, maxRows);
  const [name, device, channel] = [text('name'), text('device'), text('channel')];
  const [path, prevPath, host, title] = [text('path'), text('prev_path'), text('host'), text('title')];
  const [country, region, city] = [text('country'), text('region'), text('city')];
  const [browser, browserVersion, os] = [text('browser'), text('browser_version'), text('os')];
  const [osVersion, language, referrer] = [text('os_version'), text('language'), text('referrer')];
  const [source, medium, campaign] = [text('source'), text('medium'), text('campaign')];
  const [term, content, currency] = [text('term'), text('content'), text('currency')];
  const siteId = new Uint32Array(maxRows);
  const seq = new Uint32Array(maxRows);
  const pageNumber = new Uint16Array(maxRows);
  const engagedMs = new Uint32Array(maxRows);
  const scroll = new Uint8Array(maxRows);
  const persistent = new Uint8Array(maxRows);
  const clockReplaced = new Uint8Array(maxRows);
  const time = new Wide(maxRows);
  const visitorId = new Wide(maxRows);
  const sessionId = new Wide(maxRows);
  const pageId = new Wide(maxRows);
  const value = new Wide(maxRows);
  const propsEnd = new Wide(maxRows);
  let propKeys = new TextColumn('props', 2 * maxRows);
  let propValues = new TextColumn('props', 2 * maxRows);
  let props = 0;
  let rows = 0;

  const texts = [
    name,
    device,
    channel,
    path,
    prevPath,
    host,
    title,
    country,
    region,
    city,
    browser,
    browserVersion,
    os,
  ];
  texts.push(osVersion, language, referrer, source, medium, campaign, term, content, currency);

  function addProps(written: EventRow['props']): void {
    for (const key in written) {
      if (props === propKeys.places.length) {
        propKeys = propKeys.grown();
        propValues = propValues.grown();
      }
      propKeys.put(props, key);
      propValues.put(props, written[key] ?? '');
      props += 1;
    }
  }

  return {
    add(row, ts) {
      const at = rows;
      if (at === maxRows) throw new Error(`A block was made for ${maxRows} rows.`);
      rows += 1;
      siteId[at] = row.site_id;
      time.putNumber(at, ts);
      visitorId.putDecimal(at, row.visitor_id);
      sessionId.putDecimal(at, row.session_id);
      pageId.putDecimal(at, row.page_id);
      seq[at] = row.seq;
      name.put(at, row.name);
      path.put(at, row.path);
      prevPath.put(at, row.prev_path);
      pageNumber[at] = row.page_number;
      host.put(at, row.host);
      title.put(at, row.title);
      country.put(at, row.country);
      region.put(at, row.region);
      city.put(at, row.city);
      device.put(at, row.device);
      browser.put(at, row.browser);
      browserVersion.put(at, row.browser_version);
      os.put(at, row.os);
      osVersion.put(at, row.os_version);
      language.put(at, row.language);
      referrer.put(at, row.referrer);
      channel.put(at, row.channel);
      source.put(at, row.source);
      medium.put(at, row.medium);
      campaign.put(at, row.campaign);
      term.put(at, row.term);
      content.put(at, row.content);
      engagedMs[at] = row.engaged_ms;
      scroll[at] = row.scroll;
      value.putMoney(at, row.value);
      currency.put(at, row.currency);
      persistent[at] = row.persistent;
      clockReplaced[at] = row.clock_replaced;
      addProps(row.props);
      propsEnd.putNumber(at, props);
    },

    take() {
      if (rows === 0) return [];
      const columns: Buffer[][] = [
        column('site_id', 'UInt32', bytesOf(siteId, rows)),
        column('ts', "DateTime64(3, 'UTC')", time.bytes(rows)),
        column('visitor_id', 'UInt64', visitorId.bytes(rows)),
        column('session_id', 'UInt64', sessionId.bytes(rows)),
        column('page_id', 'UInt64', pageId.bytes(rows)),
        column('seq', 'UInt32', bytesOf(seq, rows)),
        column('page_number', 'UInt16', bytesOf(pageNumber, rows)),
        column('engaged_ms', 'UInt32', bytesOf(engagedMs, rows)),
        column('scroll', 'UInt8', bytesOf(scroll, rows)),
        column('value', 'Decimal(18, 4)', value.bytes(rows)),
        column('persistent', 'UInt8', bytesOf(persistent, rows)),
        column('clock_replaced', 'UInt8', bytesOf(clockReplaced, rows)),
      ];
      for (const one of texts) {
        if (!one.isEmpty())
          columns.push(column(one.name, 'LowCardinality(String)', lowCardinality, ...one.bytes(rows)));
        one.clear();
      }
      if (props > 0) {
        const type = 'Map(LowCardinality(String), LowCardinality(String))';
        const [keys, values] = [propKeys.bytes(props), propValues.bytes(props)];
        columns.push(column('props', type, lowCardinality, lowCardinality, propsEnd.bytes(rows), ...keys, ...values));
      }
      propKeys.clear();
      propValues.clear();
      const block = [Buffer.concat([varint(columns.length), varint(rows)]), ...columns.flat()];
      rows = 0;
      props = 0;
      return block;
    },
  };
}

function column(name: string, type: string, ...data: Buffer[]): Buffer[] {
  return [Buffer.concat([varint(name.length), Buffer.from(name), varint(type.length), Buffer.from(type)]), ...data];
}

/** The version of the layout of texts, before each such column. */
const lowCardinality = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);

/** 64-bit numbers, little-endian, as pairs of halves: BigUint64Array would make an object of each number. */
class Wide {
  readonly #halves: Uint32Array;

  constructor(maxRows: number) {
    this.#halves = new Uint32Array(2 * maxRows);
  }

  /** A whole number up to 2^53, also below zero. */
  putNumber(at: number, number: number): void {
    const high = Math.floor(number / 2 ** 32);
    this.#halves[2 * at] = number - high * 2 ** 32;
    this.#halves[2 * at + 1] = high;
  }

  putDecimal(at: number, decimal: string): void {
    const { high, low } = halvesOf(decimal);
    this.#halves[2 * at] = low;
    this.#halves[2 * at + 1] = high;
  }

  /** Four decimals. */
  putMoney(at: number, amount: number): void {
    const whole = Math.round(amount * 10_000);
    if (Number.isSafeInteger(whole)) {
      this.putNumber(at, whole);
      return;
    }
    const exact = BigInt(amount.toFixed(4).replace('.', ''));
    this.#halves[2 * at] = Number(exact & 0xffff_ffffn);
    this.#halves[2 * at + 1] = Number((exact >> 32n) & 0xffff_ffffn);
  }

  bytes(rows: number): Buffer {
    return bytesOf(this.#halves, 2 * rows);
  }
}

/** Texts: each different one once, and for each row which one it is. */
class TextColumn {
  readonly name: string;
  readonly places: Uint32Array;
  #keys = new Map<string, number>();
  /** Rows that follow one another often hold the same. */
  #latest = '';
  #latestPlace = 0;

  constructor(name: string, maxRows: number) {
    this.name = name;
    this.places = new Uint32Array(maxRows);
    this.clear();
  }

  put(at: number, text: string): void {
    if (text !== this.#latest) {
      this.#latestPlace = this.#placeOf(text);
      this.#latest = text;
    }
    this.places[at] = this.#latestPlace;
  }

  #placeOf(text: string): number {
    const known = this.#keys.get(text);
    if (known !== undefined) return known;
    const place = this.#keys.size;
    this.#keys.set(text, place);
    return place;
  }

  isEmpty(): boolean {
    return this.#keys.size === 1;
  }

  clear(): void {
    this.#keys = new Map([['', 0]]);
    this.#latest = '';
    this.#latestPlace = 0;
  }

  /** The same with room for twice as many. */
  grown(): TextColumn {
    const larger = new TextColumn(this.name, 2 * this.places.length);
    larger.places.set(this.places);
    larger.#keys = this.#keys;
    larger.#latest = this.#latest;
    larger.#latestPlace = this.#latestPlace;
    return larger;
  }

  bytes(rows: number): Buffer[] {
    const keys: Buffer[] = [];
    for (const key of this.#keys.keys()) {
      const bytes = Buffer.from(key);
      keys.push(varint(bytes.length), bytes);
    }
    const [width, places] = narrow(this.places.subarray(0, rows), this.#keys.size);
    const head = new Uint32Array([width | hasKeys, 0, this.#keys.size, 0]);
    return [bytesOf(head, 4), Buffer.concat(keys), bytesOf(new Uint32Array([rows, 0]), 2), bytesOf(places, rows)];
  }
}

/** "The keys of this block follow", beside the width of the places. */
const hasKeys = 1 << 9;

/** Places in the smallest whole numbers that hold them: 0 one byte, 1 two, 2 four. */
function narrow(places: Uint32Array, keys: number): [number, Uint8Array | Uint16Array | Uint32Array] {
  if (keys <= 2 ** 8) return [0, new Uint8Array(places)];
  if (keys <= 2 ** 16) return [1, new Uint16Array(places)];
  return [2, places];
}

// TRICKY: a copy, because the rows of the next insert are collected while this one is sent, and little-endian like the machine:
// ClickHouse runs on no other.
function bytesOf(numbers: Uint8Array | Uint16Array | Uint32Array, count: number): Buffer {
  return Buffer.from(new Uint8Array(numbers.buffer, numbers.byteOffset, count * numbers.BYTES_PER_ELEMENT));
}

/** LEB128. */
function varint(number: number): Buffer {
  const bytes: number[] = [];
  for (let rest = number; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 128);
  }
}
