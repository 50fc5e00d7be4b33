/**
 * A segment is a file of records. Once sealed it never changes: it is the batch, and its id is the deduplication token of its
 * insert, so that a repeated insert has the same bytes and the same token by construction.
 */
export interface Segment {
  /** `<spool id>-<sequence>`, unique for ever. */
  id: string;
  seq: number;
  path: string;
  rows: number;
  intents: number;
  bytes: number;
  /** Earliest arrival among its rows, milliseconds of the server's clock. */
  firstReceivedAt: number;
}

/** Format of segment files. Part of their name, so that an older release can refuse a newer one without touching it. */
export const segmentFormat = 1;

const namePattern = /^([0-9a-f-]{36})-(\d{12})\.v(\d+)\.ndjson$/;

export function segmentId(spoolId: string, seq: number): string {
  return `${spoolId}-${String(seq).padStart(12, '0')}`;
}

export function segmentFileName(spoolId: string, seq: number): string {
  return `${segmentId(spoolId, seq)}.v${segmentFormat}.ndjson`;
}

/** What a file name says, or undefined where it is not a segment's. */
export function parseSegmentFileName(name: string): { spoolId: string; seq: number; format: number } | undefined {
  const match = namePattern.exec(name);
  return match?.[1] ? { spoolId: match[1], seq: Number(match[2]), format: Number(match[3]) } : undefined;
}
