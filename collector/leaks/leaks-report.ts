import type { ClickHouse } from '../clickhouse/client.ts';
import type { LeaksAnswer, LeaksRequest } from '../contract/leaks.ts';
import { bucketStarts } from '../queries/buckets.ts';
import { leaksAtlas, leaksSize } from '../queries/leaks-atlas.ts';
import { leaksCounts, type PlaceCounts } from '../queries/leaks-counts.ts';
import { addDays, localDate, type Span, startOfDate, toSpan } from '../queries/range.ts';
import type { State } from '../state/database.ts';
import { countLeaks } from './count-leaks.ts';
import { daysAfter, daysBefore } from './find-change.ts';
import { findLeaks } from './find-leaks.ts';
import { findPlaces, usableGoals } from './find-places.ts';
import { findStandingLeaks } from './find-standing-leaks.ts';
import { goalsOfSite } from './goals-of-site.ts';
import { rankLeaks } from './rank-leaks.ts';

export interface LeaksQuestion {
  siteId: number;
  timezone: string;
  request: LeaksRequest;
  nowMs: number;
}

/** Whatever range is asked for, a change is looked for in at least and at most so many days before its end. */
const leastHistoryDays = 60;
const mostHistoryDays = 180;
/** Events from which it is found out which places there are, and events that are counted: more take longer than a question may. */
const mappedEvents = 400_000;
const countedEvents = 2_000_000;
/** Visits of the last half hour may still go on, and would look lost. */
const openVisitsMs = 30 * 60_000;

/** Where people are lost, found from what the site's visitors do: nothing has to be set up. */
export async function leaksReport(
  { state, clickhouse }: { state: State; clickhouse: ClickHouse },
  { siteId, timezone, request, nowMs }: LeaksQuestion,
): Promise<LeaksAnswer> {
  const startedAt = performance.now();
  const asked = toSpan(request, timezone);
  const span = historyOf(asked, timezone, nowMs);
  const through = new Date(span.toMs).toISOString();
  const finish = (items: LeaksAnswer['items'], looked: number, notes: string[]) => ({
    through,
    items,
    looked,
    notes,
    elapsedMs: Math.round(performance.now() - startedAt),
  });
  if (asked.fromMs >= span.toMs)
    return finish([], 0, ['Nothing to look at yet: visits are counted once they are half an hour old.']);

  const goals = await goalsOfSite(state, siteId);
  const events = await leaksSize(clickhouse, { siteId, span });
  const sample = sampleOf(events, countedEvents);
  const { filters } = request;
  const question = { siteId, span, goals: goals.map(({ match }) => match), filters };
  const atlas = await leaksAtlas(clickhouse, { ...question, sample: sampleOf(events, mappedEvents) });
  const places = findPlaces(atlas, goals);
  const counts = await leaksCounts(clickhouse, { siteId, timezone, span, places, filters, sample });
  const dates = bucketStarts(span, 'day', timezone).map((start) => localDate(start, timezone));
  const { found, looked, compared, unjudged } = findLeaks(counts);
  const standing = findStandingLeaks(
    counts.filter(({ place }) => !unjudged.includes(place)),
    new Set(found.map(({ place }) => place)),
    compared,
  );
  const firstDay = Math.max(0, dates.indexOf(localDate(asked.fromMs, timezone)));
  const ranked = rankLeaks({ siteId, sample, counts, changes: found, standing, dates, firstDay });
  return finish(await countLeaks(clickhouse, ranked, { siteId, timezone, filters, through }), looked, [
    ...(sample > 1
      ? [
          `So many visits that leaks were looked for in one of ${sample}: the usual rates and the people lost beyond them are estimates.`,
        ]
      : []),
    ...notesOnTime(counts, dates, asked.fromMs < span.fromMs),
    ...(usableGoals(atlas, goals).length === 0
      ? [
          'No goal was reached often enough to know the ways to it. Name your goals, so that the steps before them can be watched.',
        ]
      : []),
    ...(unjudged.length > 0
      ? [
          `Too few visits to judge ${unjudged.length === 1 ? '1 place' : `${unjudged.length} places`}: ${namesOf(unjudged)}.`,
        ]
      : []),
  ]);
}

/** One session in so many, so that about the given number of events is looked at. */
function sampleOf(events: number, most: number): number {
  return Math.max(1, Math.ceil(events / most));
}

/** The days to look at: whole days of the site's zone, at least sixty before the end of the range. */
function historyOf({ fromMs, toMs }: Span, timezone: string, nowMs: number): Span {
  const endMs = Math.min(toMs, nowMs - openVisitsMs);
  const daysBack = (days: number) => startOfDate(addDays(localDate(endMs, timezone), -days), timezone);
  const start = Math.min(startOfDate(localDate(fromMs, timezone), timezone), daysBack(leastHistoryDays));
  return { fromMs: Math.max(start, daysBack(mostHistoryDays)), toMs: endMs };
}

function notesOnTime(counts: readonly PlaceCounts[], dates: readonly string[], isCut: boolean): string[] {
  const visits = counts
    .find(({ place }) => place.lost === 'cookieless')
    ?.series.find(({ dimension }) => dimension === '');
  const days = visits?.reached ?? [];
  const first = days.findIndex((count) => count > 0);
  if (first < 0) return ['There are no visits in this time.'];
  const last = days.findLastIndex((count) => count > 0);
  const usual = days.slice(first, last + 1).reduce((sum, count) => sum + count, 0) / (last + 1 - first);
  const notes: string[] = [];
  if (isCut) notes.push(`Changes are looked for in the last ${mostHistoryDays} days only.`);
  if (first > 0) notes.push(`There is no data before ${dates[first]}.`);
  const known = days.length - first;
  if (known < daysBefore + daysAfter)
    notes.push(`A change can be seen after ${daysBefore + daysAfter} days of data. There are ${known} so far.`);
  // Today may be young; a day and a half of silence on a busy site is not.
  if (days.length - 1 - last >= 2 && usual >= 20)
    notes.push(`Nothing has arrived since ${dates[last]}: is the tracker still on the site?`);
  return notes;
}

function namesOf(places: readonly { where: string }[]): string {
  const names = [...new Set(places.map(({ where }) => where))];
  return names.length <= 5 ? names.join(', ') : `${names.slice(0, 5).join(', ')} and ${names.length - 5} more`;
}
