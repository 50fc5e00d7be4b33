import type { CountedLead } from './balance.ts';

/** The last thing that happened with leads that were lost or fell silent, of one kind. */
export interface SilenceGroup {
  /** `visit` for the website, else the kind of touch; `none`: nothing ever happened. */
  last: string;
  /** As in filters; '' for `none`. */
  channel: string;
  leads: number;
  lost: number;
  silent: number;
  /** Averages over its leads, one decimal: before the silence. */
  visits: number;
  calls: number;
  /** Days since then, the middle one of its leads. */
  daysAgo: number;
}

export interface SilentLead extends Pick<CountedLead, 'id' | 'name' | 'email' | 'phone' | 'stage'> {
  why: 'lost' | 'silent';
  last: string;
  channel: string;
  /** ISO 8601; null where nothing ever happened. */
  lastAt: string | null;
  /** Sessions on the website, and calls of either side. */
  visits: number;
  calls: number;
}

/** Answer of `GET …/silence?from&to`: leads that were lost in the range, or of which nothing was heard since some moment in it. */
export interface SilenceAnswer {
  groups: SilenceGroup[];
  /** All leads of the groups, the longest silence first, at most 1,000. */
  leads: SilentLead[];
  total: number;
}
