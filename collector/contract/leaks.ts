import type * as z from 'zod';
import { filters, type Match } from './match.ts';
import { range } from './time.ts';

/** Body of `POST /sites/SITE/leaks`. */
export const leaksRequest = range.extend({ filters: filters.optional() });
export type LeaksRequest = z.infer<typeof leaksRequest>;

export const leakPlaces = ['page', 'step', 'form', 'field', 'hand-over', 'tracking'] as const;
export type LeakPlace = (typeof leakPlaces)[number];

/** One ranked leak: where, who, since when, how much, and how sure. */
export interface Leak {
  /** Stable for the same place and segment, so that a leak can be linked to and is announced once. */
  id: string;
  /** `behaviour`: people leave. `tracking`: events stopped while the step before is normal. */
  kind: 'behaviour' | 'tracking';
  place: LeakPlace;
  /** Shown name of the place: a path, an event, `Quote · phone`. */
  where: string;
  /** The two steps between which people are lost, so that the number opens as a funnel of exactly these. */
  from: Match;
  to: Match;
  /** What those who are lost did last, where that is not `from`: a field at which a form was left. The list then goes from here to `to`. */
  at?: Match;
  /** First day that `reached` and `lost` count, in the site's zone: `since`, or the first day asked for where that is later. */
  countedFrom: string;
  /** One sentence in plain words. */
  sentence: string;
  /** People with intent who reached the place in the range, and how many of them went no further. */
  reached: number;
  lost: number;
  /** 0–1, lost of reached, and what it was before the change on the same weekdays. */
  rate: number;
  baseline: number;
  /** Lost beyond the baseline. */
  excess: number;
  /** First day of the change, in the site's zone; null where it has always been so. */
  since: string | null;
  /** Segment in which it concentrates; null where it is everybody. */
  who: { dimension: string; value: string; rate: number; share: number } | null;
  /** In the site's currency; null where no value is known. */
  moneyAtRisk: number | null;
  /** Probability of seeing this by chance, after correction for the number of places looked at. */
  significance: number;
}

export interface LeaksAnswer {
  /**
   * Where counting ends, ISO 8601 UTC: the end of the range, or half an hour ago where that is earlier. A funnel by session from a
   * leak's `countedFrom` to here, of its two steps within 24 hours, counts `reached` at its first step and drops `lost`.
   */
  through: string;
  /** Worst first. */
  items: Leak[];
  /** How many places were compared; the correction depends on it. */
  looked: number;
  /** What could not be judged and why, in words ("Too little data before 3 November."). */
  notes: string[];
  elapsedMs: number;
}
