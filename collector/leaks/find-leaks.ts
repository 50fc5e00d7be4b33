import { leakDimensions, type Place, type PlaceCounts, type PlaceSeries } from '../queries/leaks-counts.ts';
import { type Change, chanceOf, changeAt, daysAfter, daysBefore, findChange } from './find-change.ts';
import { mixShift } from './mix-shift.ts';

/** A place where more people are lost than before. */
export interface FoundLeak {
  kind: 'behaviour' | 'tracking';
  place: Place;
  /** Position of the first day. */
  since: number;
  /** Where it concentrates; null where it is everybody. */
  segment: { dimension: string; value: string } | null;
  /** Of the segment, or of everybody. */
  change: Change;
  /** Probability of this by chance, after correction for everything looked at. */
  significance: number;
}

export interface Findings {
  found: FoundLeak[];
  /** Places that had enough data to be judged. */
  looked: number;
  /** Places and segments together: each is a chance to be wrong. */
  compared: number;
  /** Places with too few people or days. */
  unjudged: Place[];
}

/** A leak is reported when chance alone would show one anywhere on the site less often than this. */
export const mostChance = 0.01;
/** People at a place, and in a segment of it, below which it is not judged. */
const leastPeople = 200;
const leastSegmentPeople = 100;
/** A segment with more of the people than this is everybody. */
const mostOfAll = 0.9;
/** Fewer lost people than this are no news. */
const leastExcess = 8;
/** Nor is a change by less than this share, of those lost and of those who go on. */
const leastRise = 1.1;
const leastFall = 0.9;
/** What is left of an event that fell off a cliff. */
const cliff = 0.1;
/** A broken script breaks everywhere or with the software it runs in, not with where people come from. */
const technical = new Set(['device', 'browser', 'os']);
/** Days by which the start of one leak, seen at two places, may differ. */
const sameStartDays = 3;
/** The start of a leak that is so much fainter than another before the same step is known so much less exactly. */
const faint = 0.7;
const faintStartDays = 14;
/** Below this, the rest shows nothing of the change. */
const quiet = 2.5;
/** Different leaks at one place. */
const mostAtPlace = 3;

/** Looks at every place and segment for a change for the worse that lasts until now, and keeps those that chance does not explain. */
export function findLeaks(counts: readonly PlaceCounts[]): Findings {
  const trimmed = counts.map(sinceFirstVisit);
  const judged = trimmed.filter(({ series }) => hasEnough(series.find(isWhole), leastPeople));
  const compared = judged.reduce((total, { series }) => total + worthLooking(series).length, 0);
  const found = judged.flatMap((one) =>
    leaksAt(one, compared).map((leak) => ({ ...leak, since: leak.since + one.firstDay })),
  );
  return {
    found: withoutEchoes(found),
    looked: judged.length,
    compared,
    unjudged: trimmed.filter((one) => !judged.includes(one)).map(({ place }) => place),
  };
}

/** A place that is younger than the history has no baseline in the days before it was there. */
function sinceFirstVisit({ place, series }: PlaceCounts): PlaceCounts & { firstDay: number } {
  const firstDay = Math.max(0, series.find(isWhole)?.reached.findIndex((count) => count > 0) ?? 0);
  if (firstDay === 0) return { place, series, firstDay };
  return {
    place,
    firstDay,
    series: series.map((one) => ({
      ...one,
      reached: one.reached.slice(firstDay),
      lost: one.lost.slice(firstDay),
      skipped: one.skipped.slice(firstDay),
      won: one.won.slice(firstDay),
    })),
  };
}

function leaksAt({ place, series }: PlaceCounts, compared: number): FoundLeak[] {
  const whole = series.find(isWhole);
  if (!whole) return [];
  const found: FoundLeak[] = [];
  let open = worthLooking(series);
  let rest = whole;
  while (found.length < mostAtPlace) {
    const candidates = open.flatMap((one) => {
      const change = findChange(one);
      if (!change) return [];
      const fair = withoutMixShift(change, one, series);
      return fair ? [{ one, change: fair }] : [];
    });
    const best = narrowest(candidates, rest, found.length === 0);
    if (!best) break;
    const significance = Math.min(1, chanceOf(best.change.z, whole.reached.length) * compared);
    if (significance > mostChance) break;
    const isNews = isLarge(best.change) && !found.some(({ since }) => isSameStart(since, best.change.since));
    if (isNews) {
      const kind = kindOf(place, best.one, best.change);
      const segment = isWhole(best.one) ? null : { dimension: best.one.dimension, value: best.one.value };
      if (kind) found.push({ kind, place, since: best.change.since, segment, change: best.change, significance });
    }
    if (isWhole(best.one)) break;
    // What is left once this segment is taken away is known exactly only for its own dimension.
    rest = without(rest, best.one);
    open = [rest, ...open.filter((one) => one.dimension === best.one.dimension && one.value !== best.one.value)];
  }
  return found;
}

interface Candidate {
  one: PlaceSeries;
  change: Change;
}

/**
 * The series that shows the change best: of those that show it nearly as clearly as the clearest, one outside of which nothing
 * changed. Where something changed outside of each of them too, it is everybody.
 */
function narrowest(candidates: readonly Candidate[], whole: PlaceSeries, mayNarrow: boolean): Candidate | undefined {
  const ranked = [...candidates].sort(
    (one, other) => other.change.z - one.change.z || order(one.one) - order(other.one),
  );
  const best = ranked[0];
  if (!best || !mayNarrow) return best;
  const everybody = ranked.find(({ one }) => isWhole(one));
  const clear = ranked.filter(({ one, change }) => !isWhole(one) && change.z >= 0.85 * best.change.z);
  const clean = clear.filter(({ one, change }) => {
    const outside = changeAt(without(whole, one), change.since);
    return !outside || outside.z / Math.sqrt(change.dispersion) < quiet;
  });
  if (clean[0] && (!isWhole(best.one) || shareOf(clean[0].change, best.change) > 0.8)) return clean[0];
  return isWhole(best.one) ? best : everybody && everybody.change.z >= 0.7 * best.change.z ? everybody : best;
}

/** "Directly" is a channel and a source: of two names for the same people always the same is taken. */
function order({ dimension }: PlaceSeries): number {
  return (leakDimensions as readonly string[]).indexOf(dimension);
}

function shareOf(part: Change, all: Change): number {
  return (part.lost - part.expected) / Math.max(1, all.lost - all.expected);
}

/** Takes away what only other visitors, not other behaviour, would have changed; null where nothing is left. */
function withoutMixShift(change: Change, one: PlaceSeries, series: readonly PlaceSeries[]): Change | null {
  const shift = Math.max(0, mixShift(series, change.since, one.dimension)) * change.reached;
  const excess = change.lost - change.expected;
  if (shift >= excess) return null;
  return { ...change, expected: change.expected + shift, z: change.z * (1 - shift / excess) };
}

function isLarge({ lost, expected, reached }: Change): boolean {
  if (lost - expected < leastExcess) return false;
  return lost >= leastRise * expected || reached - lost <= leastFall * (reached - expected);
}

/** What a change means; null where the place is only watched for faults and this is none. */
function kindOf(place: Place, one: PlaceSeries, change: Change): FoundLeak['kind'] | null {
  if (place.lost === 'cookieless') return 'tracking';
  const fell = change.reached - change.lost <= cliff * (change.reached - change.expected);
  const isTechnical = isWhole(one) || technical.has(one.dimension);
  // People turn up further on without having passed: it is the event that is missing.
  const skipped = changeAt({ reached: one.reached, lost: one.skipped }, change.since);
  const isSkipped = skipped !== null && skipped.lost - skipped.expected >= 0.5 * (change.lost - change.expected);
  if (isTechnical && place.kind !== 'field' && (fell || isSkipped)) return 'tracking';
  return place.kind === 'tracking' ? null : 'behaviour';
}

/** One leak shows at several places; it is reported at the one that shows it best. */
function withoutEchoes(found: readonly FoundLeak[]): FoundLeak[] {
  const ranked = [...found].sort((one, other) => weight(other) - weight(one));
  const kept: FoundLeak[] = [];
  for (const leak of ranked) if (!kept.some((other) => isEcho(leak, other))) kept.push(leak);
  return kept;
}

/** A field says more than its form, and a fault at the event itself more than people who seem to stop before it. */
function weight({ place, change }: FoundLeak): number {
  return place.kind === 'field' ? change.z * 1.25 : change.z;
}

function isEcho(leak: FoundLeak, other: FoundLeak): boolean {
  const isFaint = leak.change.z < faint * other.change.z;
  if (Math.abs(leak.since - other.since) > (isFaint ? faintStartDays : sameStartDays)) return false;
  const isSameEnd = JSON.stringify(leak.place.to) === JSON.stringify(other.place.to);
  const isSamePeople =
    !leak.segment ||
    !other.segment ||
    leak.segment.dimension !== other.segment.dimension ||
    leak.segment.value === other.segment.value;
  return isSameEnd && isSamePeople && leak.place.lost === other.place.lost;
}

function isSameStart(one: number, other: number): boolean {
  return Math.abs(one - other) <= sameStartDays;
}

function isWhole({ dimension }: PlaceSeries): boolean {
  return dimension === '';
}

/** Everybody, and the segments that have enough people and are not nearly everybody. */
function worthLooking(series: readonly PlaceSeries[]): PlaceSeries[] {
  const most = mostOfAll * peopleOf(series.find(isWhole));
  return series.filter((one) => canJudge(one) && (isWhole(one) || peopleOf(one) <= most));
}

function canJudge(one: PlaceSeries): boolean {
  return hasEnough(one, isWhole(one) ? leastPeople : leastSegmentPeople);
}

function hasEnough(one: PlaceSeries | undefined, people: number): boolean {
  if (!one || one.reached.length < daysBefore + daysAfter) return false;
  return peopleOf(one) >= people;
}

function peopleOf(one: PlaceSeries | undefined): number {
  return (one?.reached ?? []).reduce((total, count) => total + count, 0);
}

/** Everybody but one segment. */
function without(whole: PlaceSeries, segment: PlaceSeries): PlaceSeries {
  const minus = (all: number[], part: number[]) => all.map((count, day) => count - (part[day] ?? 0));
  return {
    ...whole,
    reached: minus(whole.reached, segment.reached),
    lost: minus(whole.lost, segment.lost),
    skipped: minus(whole.skipped, segment.skipped),
    won: minus(whole.won, segment.won),
  };
}
