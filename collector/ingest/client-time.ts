import { limits } from '../contract/limits.ts';

/**
 * Differences between `sent` and our clock up to this are the way of the request, not a wrong clock: correcting by them would
 * move events by their transit time, and those of a slow page before those of a fast one (PostHog/posthog#98250).
 */
const transitMs = 5_000;

/** When an event happened, by our clock, and whether the client's word had to be replaced. */
export interface EventTime {
  ms: number;
  replaced: boolean;
}

/** Time of an event from a page. `sent` and `at` are the client's clock, `age` is milliseconds before `sent`. */
export function clientTime(said: {
  at: number | undefined;
  age: number | undefined;
  sent: number | undefined;
  now: number;
}): EventTime {
  const { at, age, sent, now } = said;
  const offset = sent !== undefined && Math.abs(now - sent) > transitMs ? now - sent : 0;
  const ms = Math.round(at !== undefined ? at + offset : (sent ?? now) + offset - (age ?? 0));
  const believable = ms >= now - limits.clockBehindMs && ms <= now + limits.clockAheadMs;
  return believable ? { ms, replaced: false } : { ms: now, replaced: true };
}

/** Nothing on the web is older; earlier dates are mistakes such as seconds for milliseconds. */
export const earliestHistoryMs = Date.UTC(2000, 0, 1);

/**
 * Time of an event from a server: any time since 2000. A text without zone is UTC. Undefined where it is no instant or earlier;
 * the future is replaced by our clock.
 */
export function historyTime(at: string | number | undefined, now: number): EventTime | undefined {
  if (at === undefined) return { ms: now, replaced: false };
  const ms = typeof at === 'number' ? Math.round(at) : parseInstant(at);
  if (!(ms >= earliestHistoryMs)) return undefined;
  return ms <= now + limits.clockAheadMs ? { ms, replaced: false } : { ms: now, replaced: true };
}

function parseInstant(text: string): number {
  if (text.endsWith('Z')) return Date.parse(text);
  const withoutZone = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(text);
  return Date.parse(withoutZone ? `${text.replace(' ', 'T')}Z` : text);
}
