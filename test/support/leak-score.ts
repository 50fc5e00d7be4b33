import { findLeaks } from '../../collector/leaks/find-leaks.ts';
import { findPlaces } from '../../collector/leaks/find-places.ts';
import { findStandingLeaks } from '../../collector/leaks/find-standing-leaks.ts';
import { foldAtlas, foldCounts } from './leak-folds.ts';
import { leakTraffic, type Planted, trafficGoals } from './leak-traffic.ts';

type Found = ReturnType<typeof findLeaks>['found'][number];

export interface LeakScore {
  planted: number;
  found: number;
  /** Planted ones that were found: same kind, same two steps, same field. */
  right: number;
  /** Of these: first day at most two days off. */
  dated: number;
  /** Of these: exactly the segment, or another name for the same people. */
  concerned: number;
}

/** Looks for leaks in the traffic of one seed as the report does, and says what came out. */
export function findIn({ seed, leaks, perDay }: { seed: number; leaks: boolean; perDay: number }) {
  const firstDayMs = (day: number) => Date.UTC(2026, 8, 1) + day * 86_400_000;
  const traffic = leakTraffic({ seed, firstDayMs, perDay, leaks });
  const visits = [...traffic.visits()];
  const goals = trafficGoals.map(({ match }) => match);
  const places = findPlaces(foldAtlas(visits, goals), trafficGoals);
  const counts = foldCounts(visits, places);
  const findings = findLeaks(counts);
  const changed = new Set(findings.found.map(({ place }) => place));
  return { planted: traffic.planted, ...findings, standing: findStandingLeaks(counts, changed, findings.compared) };
}

/** Each finding may answer for one planted leak only. */
export function scoreOf(planted: readonly Planted[], found: readonly Found[]): LeakScore {
  const score: LeakScore = { planted: planted.length, found: found.length, right: 0, dated: 0, concerned: 0 };
  const left = new Set(found);
  for (const leak of planted) {
    const match = [...left].find((one) => isIt(leak, one));
    if (!match) continue;
    left.delete(match);
    score.right += 1;
    if (Math.abs(match.since - leak.since) <= 2) score.dated += 1;
    if (nameOf(match.segment) === nameOf(leak.segment)) score.concerned += 1;
  }
  return score;
}

function isIt(leak: Planted, { kind, place }: Found): boolean {
  return (
    kind === leak.kind &&
    JSON.stringify(place.to) === JSON.stringify(leak.to) &&
    (!leak.from || JSON.stringify(place.from) === JSON.stringify(leak.from)) &&
    (!leak.field || place.where.endsWith(` · ${leak.field}`))
  );
}

/** In this traffic a few segments are the very same people under two names. */
const sameAs: Record<string, string> = {
  'source ': 'channel direct',
  'source facebook': 'channel paid_social',
  'source newsletter': 'channel email',
};

function nameOf(segment: { dimension: string; value: string } | null): string {
  if (!segment) return 'everybody';
  const name = `${segment.dimension} ${segment.value}`;
  return sameAs[name] ?? name;
}
