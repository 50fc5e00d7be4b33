import type { ProgressAnswer } from '../../collector/contract/overview.ts';
import type { RunningQuestion } from '../api/running-questions.ts';
import { formatShort } from '../format.ts';

/** From here on people wonder whether anything happens. */
export const slowAfterMs = 1_500;

/** Those that have been running for long, and when to look again: null where none is left that could become slow. */
export function slowQuestions(
  running: readonly RunningQuestion[],
  now: number,
): { slow: RunningQuestion[]; nextInMs: number | null } {
  const ages = running.map((question) => ({ question, leftMs: question.startedAt + slowAfterMs - now }));
  const waiting = ages.filter(({ leftMs }) => leftMs > 0).map(({ leftMs }) => leftMs);
  return {
    slow: ages.filter(({ leftMs }) => leftMs <= 0).map(({ question }) => question),
    nextInMs: waiting.length === 0 ? null : Math.min(...waiting),
  };
}

/** "12.3M of 58M rows read", all questions together; `share` is 0–1, null while it is not known. */
export function progressWords(answers: readonly ProgressAnswer[]): { text: string; share: number | null } {
  const read = answers.reduce((sum, one) => sum + one.rowsRead, 0);
  const total = answers.reduce((sum, one) => sum + one.rowsTotal, 0);
  if (total === 0) return { text: 'Waiting for the answer…', share: null };
  return { text: `${formatShort(read)} of ${formatShort(total)} rows read`, share: Math.min(1, read / total) };
}
