import type { Place, PlaceCounts, PlaceSeries } from '../queries/leaks-counts.ts';

/** A place, or a segment of it, that has always been much worse than what it can be compared with. */
export interface StandingLeak {
  place: Place;
  segment: { dimension: string; value: string } | null;
  /** Lost share of what it is compared with. */
  baseline: number;
  significance: number;
}

/** Odds of being lost, compared with the rest: smaller differences are how people are. */
const leastOdds = 2.5;
/** People lost beyond the rest, below which it is not worth a line. */
const leastExcess = 30;
/** People on both sides, below which a share means nothing. */
const leastPeople = 100;
/** Chance alone may show one of these less often than this. */
const mostChance = 0.001;
/** Software does not make people want something else, a source or a country does: only these are held against each other. */
const technical = new Set(['device', 'browser', 'os']);
/** Fields or forms needed for "the others" to mean something. */
const leastOthers = 2;
/** Unlike people at one place, places and devices differ by nature: their errors are taken to be this much wider. */
const restlessness = 3;

/** Places without a change that are nevertheless far worse than comparable ones: a device against the rest, a field against its form, a form against other forms. */
export function findStandingLeaks(
  counts: readonly PlaceCounts[],
  taken: ReadonlySet<Place>,
  compared: number,
): StandingLeak[] {
  const free = counts.filter(({ place }) => place.kind !== 'tracking' && !taken.has(place));
  return [
    ...free.flatMap(({ place, series }) => {
      const worst = worstSegment(series, compared);
      return worst ? [{ place, ...worst }] : [];
    }),
    ...againstOthers(free, 'field', ({ from }) => JSON.stringify(from), compared),
    ...againstOthers(free, 'form', () => 'forms', compared),
  ];
}

function worstSegment(series: readonly PlaceSeries[], compared: number) {
  const whole = series.find(({ dimension }) => dimension === '');
  if (!whole) return null;
  const all = totals(whole);
  const found = series
    .filter(({ dimension }) => technical.has(dimension))
    .flatMap(({ dimension, value, ...counts }) => {
      const own = totals({ dimension, value, ...counts });
      const verdict = judge(own, { reached: all.reached - own.reached, lost: all.lost - own.lost }, compared);
      return verdict ? [{ segment: { dimension, value }, ...verdict }] : [];
    });
  return found.sort((one, other) => one.significance - other.significance)[0] ?? null;
}

function againstOthers(
  counts: readonly PlaceCounts[],
  kind: Place['kind'],
  groupOf: (place: Place) => string,
  compared: number,
): StandingLeak[] {
  const alike = counts.filter(({ place }) => place.kind === kind);
  return alike.flatMap(({ place, series }) => {
    const others = alike.filter((other) => other.place !== place && groupOf(other.place) === groupOf(place));
    if (others.length < leastOthers) return [];
    const own = totals(series.find(({ dimension }) => dimension === ''));
    const rest = others.map((other) => totals(other.series.find(({ dimension }) => dimension === '')));
    const verdict = judge(
      own,
      {
        reached: rest.reduce((sum, { reached }) => sum + reached, 0),
        lost: rest.reduce((sum, { lost }) => sum + lost, 0),
      },
      compared,
    );
    return verdict ? [{ place, segment: null, ...verdict }] : [];
  });
}

interface Total {
  reached: number;
  lost: number;
}

function judge(own: Total, rest: Total, compared: number): { baseline: number; significance: number } | null {
  if (own.reached < leastPeople || rest.reached < leastPeople) return null;
  const [rate, baseline] = [own.lost / own.reached, rest.lost / rest.reached];
  if (own.lost - own.reached * baseline < leastExcess) return null;
  const odds = (share: number) => share / Math.max(1e-9, 1 - share);
  if (odds(rate) < leastOdds * odds(baseline)) return null;
  const both = (own.lost + rest.lost) / (own.reached + rest.reached);
  const z = (rate - baseline) / Math.sqrt(both * (1 - both) * (1 / own.reached + 1 / rest.reached) * restlessness);
  const significance = Math.min(1, (Math.exp((-z * z) / 2) / Math.max(1, z)) * compared);
  return significance < mostChance ? { baseline, significance } : null;
}

function totals(series: PlaceSeries | undefined): Total {
  const sum = (counts: readonly number[] = []) => counts.reduce((total, count) => total + count, 0);
  return { reached: sum(series?.reached), lost: sum(series?.lost) };
}
