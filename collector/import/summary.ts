import type { DropReason } from '../contract/names.ts';

/**
 * Why a line of a file is not kept, though nothing is wrong with it: what a page loads, other methods than GET, failed requests, and what is
 * older than the site keeps.
 */
export const skipReasons = ['asset', 'method', 'status', 'not-a-page', 'too-old'] as const;
export type SkipReason = (typeof skipReasons)[number];

/** What became of a file. */
export interface ImportSummary {
  /** Lines that hold something. */
  read: number;
  kept: number;
  dropped: Partial<Record<DropReason | SkipReason, number>>;
  /** Lines that are no event, the first ones by number. */
  bad: { count: number; first: BadLine[] };
}

export interface BadLine {
  line: number;
  problem: string;
}

/** So many bad lines are named; the rest are only counted. */
const namedBadLines = 20;

export function newSummary(): ImportSummary {
  return { read: 0, kept: 0, dropped: {}, bad: { count: 0, first: [] } };
}

export function countDropped(summary: ImportSummary, reason: DropReason | SkipReason, count = 1): void {
  summary.dropped[reason] = (summary.dropped[reason] ?? 0) + count;
}

export function noteBadLine(summary: ImportSummary, bad: BadLine): void {
  summary.bad.count += 1;
  if (summary.bad.first.length < namedBadLines) summary.bad.first.push(bad);
}

/** Adds what another part of the same import counted. */
export function addSummary(into: ImportSummary, part: ImportSummary): void {
  into.read += part.read;
  into.kept += part.kept;
  for (const [reason, count] of Object.entries(part.dropped)) countDropped(into, reason as DropReason, count);
  into.bad.count += part.bad.count;
  into.bad.first = [...into.bad.first, ...part.bad.first].sort((a, b) => a.line - b.line).slice(0, namedBadLines);
}
