import type { ErrorDetail } from '../errors.ts';

/** What a person reads of an error: its sentence and the places it names. Stacks are for the log. */
export function errorSentence(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const details = (error as { details?: ErrorDetail[] }).details ?? [];
  if (details.length === 0) return error.message;
  return details.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('\n');
}
