import * as z from 'zod';

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** A duration as written in settings and requests: `500ms 30s 15m 24h 7d`. */
export const duration = z
  .string()
  .regex(/^\d{1,9}(ms|s|m|h|d)$/, {
    error: 'A duration is a whole number with a unit: 500ms, 30s, 15m, 24h or 7d.',
    // TRICKY: without it the checks that follow (a longest wait) run on text that is no duration, and durationMs throws.
    abort: true,
  })
  .describe('A duration: 500ms, 30s, 15m, 24h, 7d');

/** Milliseconds of a duration that `duration` has accepted. Throws on anything else: that is a mistake of ours, not of the caller. */
export function durationMs(text: string): number {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text);
  if (!match) throw new Error(`not a duration: ${text}`);
  return Number(match[1]) * unitMs[match[2] as keyof typeof unitMs];
}

/** An instant (`2026-09-01T12:00:00Z`) or a date in the site's time zone (`2026-09-01`). */
export const instantOrDate = z
  .string()
  .refine((text) => (isDate(text) || /^\d{4}-\d\d-\d\dT/.test(text)) && !Number.isNaN(Date.parse(text)), {
    message: 'Write a date as 2026-09-01 or an instant as 2026-09-01T12:00:00Z.',
  });

/** Whether the text is a calendar date without a time. */
export function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text);
}

/** Half-open range [from, to). Dates mean midnight in the site's time zone. */
export const range = z.object({ from: instantOrDate, to: instantOrDate });
export type Range = z.infer<typeof range>;

/** Whether the name is a time zone that this machine knows. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
