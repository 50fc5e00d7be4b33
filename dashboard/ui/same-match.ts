import type { Match } from '../../collector/contract/match.ts';

/** Whether two matches ask for the same, however they were written. */
export function isSameMatch(one: Match, other: Match): boolean {
  const key = ({ event, path, host, props }: Match) =>
    JSON.stringify([event, path, host, Object.entries(props ?? {}).sort()]);
  return key(one) === key(other);
}
