import { failuresBeforeOpen } from '../state/endpoint-notice.ts';
import type { EndpointRow } from '../state/endpoints.ts';
import { longestRetryAfterMs, throttledStatuses, throttledWaitMs } from './retry-schedule.ts';

/** What an endpoint remembers about its last attempts. */
export type BreakerState = Pick<EndpointRow, 'failures' | 'paused_until_ms' | 'recovering_since_ms'>;

/** While a receiver is down, one message is tried this often. */
export const probeEveryMs = 30_000;
/** A receiver that answers again gets at most this many messages a second, until those that waited are through. */
export const mostPerSecond = 5;
/** It begins with one a second, and each step of this length adds one. */
const rampStepMs = 10_000;
/** After this long without a failure it is taken for well, also where messages still wait. */
const longestRecoveryMs = 30 * 60_000;

/**
 * After a failed attempt. Ten in a row open the breaker; so does one while the receiver recovers. An overloaded receiver (429, 502, 504, or
 * any that names a time to wait) is left alone as a whole, not only with this message.
 */
export function afterFailure(
  state: BreakerState,
  answer: { status: number | null; retryAfterMs: number | undefined; nowMs: number },
): BreakerState {
  const { status, retryAfterMs, nowMs } = answer;
  const failures = state.failures + 1;
  const isThrottled = status !== null && throttledStatuses.includes(status);
  const pauseMs = Math.max(
    failures >= failuresBeforeOpen ? probeEveryMs : 0,
    isThrottled ? throttledWaitMs : 0,
    Math.min(retryAfterMs ?? 0, longestRetryAfterMs),
  );
  return {
    failures,
    paused_until_ms: Math.max(state.paused_until_ms, pauseMs === 0 ? 0 : nowMs + pauseMs),
    recovering_since_ms: null,
  };
}

/** After a success. `hasMore`: other messages are due for this endpoint. */
export function afterSuccess(
  state: BreakerState,
  { hasMore, nowMs }: { hasMore: boolean; nowMs: number },
): BreakerState {
  const wasOpen = state.failures >= failuresBeforeOpen;
  const sinceMs = state.recovering_since_ms ?? nowMs;
  if (!wasOpen || !hasMore || nowMs - sinceMs >= longestRecoveryMs) {
    return { failures: 0, paused_until_ms: 0, recovering_since_ms: null };
  }
  const perSecond = Math.min(mostPerSecond, 1 + Math.floor((nowMs - sinceMs) / rampStepMs));
  return {
    // Kept until it is well again: one more failure and it is left alone at once.
    failures: state.failures,
    paused_until_ms: nowMs + Math.ceil(1000 / perSecond),
    recovering_since_ms: sinceMs,
  };
}

export function isSame(one: BreakerState, other: BreakerState): boolean {
  return (
    one.failures === other.failures &&
    one.paused_until_ms === other.paused_until_ms &&
    one.recovering_since_ms === other.recovering_since_ms
  );
}
