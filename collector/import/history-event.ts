import type { EventRow } from '../contract/row.ts';
import { hash64 } from '../hash.ts';
import { type Batch, type Draft, type Drop, newDraft } from '../ingest/draft.ts';
import { type Knowledge, readingSteps } from '../ingest/steps.ts';

/** One event of a file: JSON text, or the event itself. */
export interface HistoryLine {
  /** Place in the file, from 1. */
  number: number;
  text?: string;
  event?: object;
}

/** An event that has been read: what it says by itself is in its row. */
export interface HistoryEvent {
  number: number;
  draft: Draft;
  /** What an export tells of browser and place. */
  told: object | undefined;
  /** The same for the same event, whenever and from whatever file it comes. */
  key: string;
}

export type Read = { event: HistoryEvent } | { drop: Drop };

/** Text that `cleanJson` would change or refuse. JSON itself has no raw control characters, so only escapes can hide them. */
const mayNeedCleaning = /\\|\u007f|__proto__|constructor|prototype/;

/** The id of an event in our own export: page and sequence number, which the event store keeps. */
const exportedId = /^(\d{16,20})\.(\d{1,7})$/;

/**
 * Reads one line. An event without an id gets one from its text and place, so that the same file a second time adds nothing.
 */
export function readHistoryEvent(line: HistoryLine, batch: Batch, knowledge: Knowledge): Read {
  const raw = line.event ?? parse(line.text ?? '');
  if (raw === undefined) return invalid('It is not JSON.');
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return invalid('It is not a JSON object.');
  const draft = newDraft(batch, withId(raw, line), 0);
  draft.isClean = line.text !== undefined && !mayNeedCleaning.test(line.text);
  for (const step of readingSteps) {
    const drop = step.run(draft, knowledge);
    if (drop) return { drop };
  }
  const told = toldColumns.some((column) => column in raw) ? raw : undefined;
  // Thousands of events wait for their turn: the less each of them holds, the less there is to collect.
  draft.raw = undefined;
  const { row } = draft;
  const exported = exportedId.exec(row.id);
  if (exported?.[1] && Number(exported[2]) === row.seq && BigInt(exported[1]) <= 0xffff_ffff_ffff_ffffn) {
    row.page_id = BigInt(exported[1]).toString();
    return { event: { number: line.number, draft, told, key: `${row.page_id}.${row.seq}` } };
  }
  return { event: { number: line.number, draft, told, key: row.page_id } };
}

const toldColumns = ['device', 'browser', 'os', 'country', 'language'] as const satisfies readonly (keyof EventRow)[];

/** What an export says of the browser and the place stands where there is no user agent and no address to tell it from. */
export function addToldFacts({ draft, told: columns }: HistoryEvent): void {
  if (!columns) return;
  const told = columns as Partial<Record<keyof EventRow, unknown>>;
  const { row } = draft;
  if (draft.userAgent === '') {
    if (told.device === 'desktop' || told.device === 'mobile' || told.device === 'tablet') row.device = told.device;
    row.browser = shortText(told.browser) ?? row.browser;
    row.os = shortText(told.os) ?? row.os;
  }
  if (row.country === '' && typeof told.country === 'string' && /^[A-Z]{2}$/.test(told.country))
    row.country = told.country;
  if (typeof told.language === 'string' && /^[a-z]{2,3}$/.test(told.language)) row.language = told.language;
}

function shortText(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= 40 ? value : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function withId(raw: object, line: HistoryLine): object {
  if ('id' in raw) return raw;
  const text = line.text ?? JSON.stringify(raw);
  return Object.assign(raw, { id: `import-${hash64(text, String(line.number))}` });
}

function invalid(detail: string): Read {
  return { drop: { reason: 'invalid', detail } };
}
