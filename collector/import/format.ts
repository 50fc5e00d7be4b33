import type { ServerEvent } from '../contract/wire.ts';
import type { SkipReason } from './summary.ts';

/** What one record of a file is. `number` is its line. */
export type ImportRecord =
  | { number: number; text: string }
  | { number: number; event: HistoricEvent }
  | { number: number; skip: SkipReason }
  | { number: number; problem: string };

/** An event, with what an export tells of browser and place where it has no user agent and no address. */
export interface HistoricEvent extends ServerEvent {
  id: string;
  country?: string | undefined;
  device?: string | undefined;
  browser?: string | undefined;
  os?: string | undefined;
  language?: string | undefined;
}

export interface FormatOptions {
  /** Scheme and host of the site, for formats that name only paths. */
  origin: string;
  /** Column of each field, for CSV. */
  map?: ReadonlyMap<string, string> | undefined;
}

/** Reads the records of a file, some at a time. Throws one sentence where the whole file is not what it should be. */
export type ImportFormat = (bytes: AsyncIterable<Buffer>, options: FormatOptions) => AsyncIterable<ImportRecord[]>;
