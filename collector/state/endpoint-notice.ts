import type { StoredEndpoint } from '../contract/webhooks.ts';
import type { EndpointRow } from './endpoints.ts';

/** What holds messages back, as the columns of the breaker say. */
export function breakerOf(
  row: Pick<EndpointRow, 'failures' | 'failing_since' | 'paused_until_ms' | 'recovering_since_ms'>,
  nowMs: number,
): StoredEndpoint['breaker'] {
  const isPaused = row.paused_until_ms > nowMs;
  return {
    state:
      row.recovering_since_ms !== null
        ? 'recovering'
        : row.failures >= failuresBeforeOpen
          ? 'open'
          : isPaused
            ? 'throttled'
            : 'closed',
    failures: row.failures,
    failingSince: row.failing_since,
    nextTryAt: isPaused ? new Date(row.paused_until_ms).toISOString() : null,
  };
}

/** Failures in a row after which only a probe now and then is sent. */
export const failuresBeforeOpen = 10;

/** What the owner of an endpoint should know of; null where all is well, and where a person switched it off. */
export function noticeOf(row: EndpointRow, nowMs: number): StoredEndpoint['notice'] {
  if (row.enabled === 0) {
    if (row.disabled_by === null || row.disabled_by === 'person') return null;
    return {
      level: 'error',
      message: `Switched off on ${(row.disabled_at ?? '').slice(0, 10)}. ${row.disabled_reason ?? ''} Messages are not kept for it meanwhile. Repair the receiver, then switch it on again.`,
    };
  }
  const { state, failures } = breakerOf(row, nowMs);
  if (state === 'open') {
    return {
      level: 'warning',
      message: `${failures} attempts in a row have failed. Messages wait, and one is tried every 30 seconds. After five days without a success it is switched off.`,
    };
  }
  if (state === 'recovering') {
    return { level: 'warning', message: 'The receiver answers again. Messages that waited are sent slowly at first.' };
  }
  if (row.test_error !== null) return { level: 'warning', message: `The last test failed. ${row.test_error}` };
  return null;
}
