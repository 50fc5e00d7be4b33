import { checkHistory } from '../import/check-history.ts';
import type { ImportRecord } from '../import/format.ts';
import type { HistoryLine } from '../import/history-event.ts';
import { addSummary, countDropped, type ImportSummary, newSummary, noteBadLine } from '../import/summary.ts';
import type { ImportTarget } from './import-target.ts';

type Target = Pick<ImportTarget, 'take' | 'end'>;

/** Hands the events among the records on, in order, and counts the rest. */
export async function importRecords(
  pieces: AsyncIterable<ImportRecord[]>,
  target: Target,
  onRead: () => void,
): Promise<ImportSummary> {
  const left = newSummary();
  for await (const records of pieces) {
    const lines: HistoryLine[] = [];
    for (const record of records) {
      if ('skip' in record) {
        left.read += 1;
        countDropped(left, record.skip);
      } else if ('problem' in record) {
        left.read += 1;
        noteBadLine(left, { line: record.number, problem: record.problem });
      } else {
        lines.push(record);
      }
    }
    if (lines.length > 0) await target.take(lines);
    onRead();
  }
  const summary = await target.end();
  addSummary(summary, left);
  return summary;
}

/** Checks what it is given, and stores nothing. */
export function dryRunTarget(now: () => number = Date.now): Target {
  const check = checkHistory(now);
  return { take: async (lines) => check.take(lines), end: async () => check.end() };
}
