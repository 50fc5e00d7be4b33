const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Wait before each attempt: the example schedule of the Standard Webhooks specification, 10 attempts over 75 h 35 min 5 s. */
export const retryDelaysMs = [
  0,
  5 * second,
  5 * minute,
  30 * minute,
  2 * hour,
  5 * hour,
  10 * hour,
  14 * hour,
  20 * hour,
  24 * hour,
] as const;

/** Each wait is stretched or shortened by up to this share, so that messages that failed together do not come back together. */
export const jitterRate = 0.2;

/** A receiver that is overloaded or slow is left alone for at least this long. */
export const throttledWaitMs = minute;

/** A receiver may ask for a longer pause, up to this. */
export const longestRetryAfterMs = 24 * hour;

/** Too many requests, or nobody behind the proxy answers. */
export const throttledStatuses: readonly number[] = [429, 502, 504];

export interface FailedAttempt {
  /** Attempts made so far, this one included. */
  attempts: number;
  /** Null where no answer came. */
  status: number | null;
  timedOut: boolean;
  /** Of the answer, where it had one. */
  retryAfterMs: number | undefined;
  /** 0–1. */
  random: number;
}

/** Milliseconds until the next attempt, or null when the last one has been made. */
export function retryDelay({ attempts, status, timedOut, retryAfterMs, random }: FailedAttempt): number | null {
  const planned = retryDelaysMs[attempts];
  if (planned === undefined) return null;
  const jittered = planned * (1 - jitterRate + 2 * jitterRate * random);
  const isThrottled = timedOut || (status !== null && throttledStatuses.includes(status));
  return Math.round(
    Math.max(jittered, isThrottled ? throttledWaitMs : 0, Math.min(retryAfterMs ?? 0, longestRetryAfterMs)),
  );
}

/** `Retry-After` as seconds or as an HTTP date; undefined where it is neither. */
export function parseRetryAfter(header: string | undefined, nowMs: number): number | undefined {
  if (!header) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header.trim()) * second;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}
