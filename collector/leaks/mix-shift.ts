import type { PlaceSeries } from '../queries/leaks-counts.ts';

/** People of a segment before, below which its own rate is not trusted. */
const leastBefore = 30;

/**
 * By how much the lost rate would have risen since a day only because other visitors came (a campaign that brings strangers), had each
 * segment kept its rate: the largest such rise over all dimensions but the given one. 0–1.
 */
export function mixShift(series: readonly PlaceSeries[], since: number, except: string): number {
  const whole = series.find(({ dimension }) => dimension === '');
  if (!whole) return 0;
  const dimensions = new Set(series.map(({ dimension }) => dimension).filter((name) => name !== '' && name !== except));
  const all = halves(whole, since);
  return Math.max(
    0,
    ...[...dimensions].map((dimension) => {
      const parts = series.filter((one) => one.dimension === dimension).map((one) => halves(one, since));
      return parts.reduce((rise, part) => {
        if (part.reachedBefore < leastBefore) return rise;
        const own = part.lostBefore / part.reachedBefore - all.lostBefore / Math.max(1, all.reachedBefore);
        const grown =
          part.reachedAfter / Math.max(1, all.reachedAfter) - part.reachedBefore / Math.max(1, all.reachedBefore);
        return rise + own * grown;
      }, 0);
    }),
  );
}

function halves({ reached, lost }: PlaceSeries, since: number) {
  const total = (counts: readonly number[], from: number, to: number) =>
    counts.slice(from, to).reduce((all, count) => all + count, 0);
  return {
    reachedBefore: total(reached, 0, since),
    lostBefore: total(lost, 0, since),
    reachedAfter: total(reached, since, reached.length),
    lostAfter: total(lost, since, lost.length),
  };
}
