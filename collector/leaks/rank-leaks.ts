import type { Leak } from '../contract/leaks.ts';
import { hash64 } from '../hash.ts';
import type { Place, PlaceCounts, PlaceSeries } from '../queries/leaks-counts.ts';
import type { FoundLeak } from './find-leaks.ts';
import type { StandingLeak } from './find-standing-leaks.ts';
import { leakSentence } from './leak-sentence.ts';

interface Ranking {
  siteId: number;
  /** One session in so many was counted. */
  sample: number;
  counts: readonly PlaceCounts[];
  changes: readonly FoundLeak[];
  standing: readonly StandingLeak[];
  /** Calendar dates of the counted days, in the site's zone. */
  dates: readonly string[];
  /** Position of the first day that was asked for. */
  firstDay: number;
}

/**
 * Findings as the report shows them, counted in the days asked for and since the change: what costs most first, then faults of the
 * tracking, then what has always been so.
 */
export function rankLeaks({ siteId, sample, counts, changes, standing, dates, firstDay }: Ranking): Leak[] {
  const countsOf = new Map(counts.map(({ place, series }) => [place, series]));
  const changed = changes.map((found) => {
    const { expected, reached } = found.change;
    return toLeak({
      siteId,
      sample,
      ...found,
      series: countsOf.get(found.place) ?? [],
      usual: reached > 0 ? expected / reached : 0,
      since: dates[found.since] ?? null,
      dates,
      from: Math.max(found.since, firstDay),
    });
  });
  const always = standing.map((found) =>
    toLeak({
      siteId,
      sample,
      kind: 'behaviour',
      ...found,
      series: countsOf.get(found.place) ?? [],
      usual: found.baseline,
      since: null,
      dates,
      from: firstDay,
    }),
  );
  const behaviour = changed.filter(({ kind }) => kind === 'behaviour');
  const faults = changed.filter(({ kind }) => kind === 'tracking');
  return [...worstFirst(behaviour), ...worstFirst(faults), ...worstFirst(always)].filter(({ excess }) => excess > 0);
}

function toLeak(found: {
  siteId: number;
  sample: number;
  kind: Leak['kind'];
  place: Place;
  segment: { dimension: string; value: string } | null;
  series: readonly PlaceSeries[];
  /** Lost share of those it is about, had nothing changed. */
  usual: number;
  since: string | null;
  dates: readonly string[];
  from: number;
  significance: number;
}): Leak {
  const { siteId, sample, kind, place, segment, series, usual, since, dates, from } = found;
  const all = totals(
    series.find(({ dimension }) => dimension === ''),
    from,
    sample,
  );
  const own = segment
    ? totals(
        series.find(({ dimension, value }) => dimension === segment.dimension && value === segment.value),
        from,
        sample,
      )
    : all;
  const excess = own.lost - own.reached * usual;
  const [rate, ownRate] = [share(all.lost, all.reached), share(own.lost, own.reached)];
  const baseline = Math.max(0, share(all.lost - excess, all.reached));
  const money = kind === 'behaviour' && place.value !== null ? excess * place.value * chanceToGoal(series) : null;
  return {
    id: leakId(siteId, place, segment),
    kind,
    place: kind === 'tracking' ? 'tracking' : place.kind,
    where: place.where,
    from: place.from,
    to: place.to,
    ...(place.at ? { at: place.at } : {}),
    countedFrom: dates[from] ?? '',
    sentence: leakSentence({ kind, place, since, who: segment, rate: ownRate, baseline: usual, excess }),
    reached: all.reached,
    lost: all.lost,
    rate,
    baseline,
    excess: Math.round(excess * 10) / 10,
    since,
    who: segment
      ? { ...segment, rate: ownRate, share: Math.min(1, excess / Math.max(excess, all.lost - all.reached * usual)) }
      : null,
    moneyAtRisk: money === null ? null : Math.round(money * 100) / 100,
    significance: found.significance,
  };
}

/** The same for the same place and segment, whatever the day, so that it can be linked to and is announced once. */
function leakId(
  siteId: number,
  { from, to, at, lost }: Place,
  segment: { dimension: string; value: string } | null,
): string {
  const who = segment ? [segment.dimension, segment.value] : [];
  return `leak_${hash64('leak', String(siteId), JSON.stringify([from, to, at ?? null, lost]), ...who)}`;
}

/** Of those who went on here, the share that reached the goal. */
function chanceToGoal(series: readonly PlaceSeries[]): number {
  const whole = series.find(({ dimension }) => dimension === '');
  const sum = (counts: readonly number[] = []) => counts.reduce((total, count) => total + count, 0);
  const wentOn = sum(whole?.reached) - sum(whole?.lost);
  return share(sum(whole?.won), wentOn);
}

function worstFirst(leaks: readonly Leak[]): Leak[] {
  // Where only some leaks have a price, the others are taken at the middle one.
  const prices = leaks.flatMap(({ moneyAtRisk, excess }) =>
    moneyAtRisk === null || excess <= 0 ? [] : [moneyAtRisk / excess],
  );
  const usual = prices.sort((one, other) => one - other)[Math.floor(prices.length / 2)] ?? 1;
  const cost = ({ moneyAtRisk, excess }: Leak) => moneyAtRisk ?? excess * usual;
  return [...leaks].sort((one, other) => cost(other) - cost(one));
}

function totals(series: PlaceSeries | undefined, from: number, sample: number) {
  const sum = (counts: readonly number[] = []) =>
    sample * counts.slice(from).reduce((total, count) => total + count, 0);
  return { reached: sum(series?.reached), lost: sum(series?.lost) };
}

function share(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}
