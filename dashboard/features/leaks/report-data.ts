import type { Leak, LeakPlace, LeaksAnswer } from '../../../collector/contract/leaks.ts';
import type { Filter } from '../../../collector/contract/match.ts';
import type { Range } from '../../../collector/contract/time.ts';
import { formatCount, formatDay, formatMoney, formatRate, plural } from '../../format.ts';
import type { FunnelSearch, LeaksSearch } from '../../router.tsx';
import { dimensionNames, encodeFilters, isFilterDimension, valueName, withFilter } from '../filters/data.ts';
import { addDays, dateIn, type RangeSearch, rangeInWords } from '../range/data.ts';

export const leakKindNames: Record<Leak['kind'], string> = {
  behaviour: 'People leave',
  tracking: 'Tracking looks broken',
};

export const leakKindHelp: Record<Leak['kind'], string> = {
  behaviour: 'Visitors reach this place as before, but more of them go no further.',
  tracking: 'The step before goes on as usual, but the event behind it has stopped. Probably it is no longer sent.',
};

export const leakPlaceNames: Record<LeakPlace, string> = {
  page: 'Page',
  step: 'Step',
  form: 'Form',
  field: 'Form field',
  'hand-over': 'Change to another domain',
  tracking: 'Tracking',
};

/** How sure a leak is, in words, and what the words stand for. */
export function sureness(significance: number): { words: string; help: string } {
  const words = significance < 1e-6 ? 'As good as certain' : significance < 1e-3 ? 'Very sure' : 'Sure enough to look';
  const odds = significance <= 1e-9 ? 1e9 : 1 / significance;
  return {
    words,
    help: `By chance alone a site would show something like this less than once in ${formatCount(roundDown(odds))} looks, with all the places taken into account that were compared.`,
  };
}

/** The first digit and zeros: odds have no more precision than that. */
function roundDown(value: number): number {
  const size = 10 ** Math.floor(Math.log10(Math.max(1, value)));
  return Math.floor(value / size + 1e-9) * size;
}

export interface RateBar {
  label: string;
  /** 0–1. */
  rate: number;
  tone: 'now' | 'everybody' | 'usual';
}

/** What is drawn beside a leak: the lost share of those it is about, of everybody, and what would be usual. */
export function rateBars(leak: Leak): RateBar[] {
  const usual: RateBar = { label: leak.since === null ? 'Elsewhere' : 'Before', rate: leak.baseline, tone: 'usual' };
  if (!leak.who) return [{ label: 'Now', rate: leak.rate, tone: 'now' }, usual];
  return [
    { label: whoName(leak.who), rate: leak.who.rate, tone: 'now' },
    { label: 'Everybody', rate: leak.rate, tone: 'everybody' },
    usual,
  ];
}

/** "Device: Mobile". */
export function whoName({ dimension, value }: { dimension: string; value: string }): string {
  if (!isFilterDimension(dimension)) return `${dimension}: ${value}`;
  const name = Object.hasOwn(dimensionNames, dimension)
    ? dimensionNames[dimension as keyof typeof dimensionNames]
    : dimension.slice('prop:'.length);
  return `${name}: ${valueName(dimension, value)}`;
}

/** "Everybody", or the segment with its share of the loss. */
export function whoSentence(who: Leak['who']): string {
  if (!who) return 'Everybody alike';
  return `${whoName(who)} (${formatRate(who.share)} of the loss)`;
}

/**
 * The funnel of exactly these two steps, counted as the leak is: by session, from its first day until the report ends. With
 * `segment`, of those it concentrates in; with `lost`, the list of those who went no further is open, and holds as many as `lost`
 * says. Null where the loss has no two steps (visits that come without consent).
 */
export function leakFunnel(
  leak: Pick<Leak, 'from' | 'to' | 'at' | 'countedFrom' | 'who'>,
  {
    range,
    through,
    timezone,
    filters,
    segment,
    lost,
  }: { range: Range; through: string; timezone: string; filters: Filter[]; segment: boolean; lost: boolean },
): (FunnelSearch & RangeSearch & { f?: string | undefined }) | null {
  if (JSON.stringify(leak.from) === JSON.stringify(leak.to)) return null;
  const { who } = leak;
  const kept =
    segment && who && isFilterDimension(who.dimension) ? withFilter(filters, who.dimension, who.value) : filters;
  const endsWithin = dateIn(timezone, Date.parse(through)) < range.to.slice(0, 10);
  return {
    steps: [{ match: lost ? (leak.at ?? leak.from) : leak.from }, { match: leak.to }],
    by: 'session',
    range: 'custom',
    from: leak.countedFrom,
    to: addDays(range.to.slice(0, 10), -1),
    f: encodeFilters(kept),
    ...(endsWithin ? { until: through } : {}),
    ...(lost ? { drop: 1 } : {}),
  };
}

/** The report in one or two sentences. */
export function leaksSummary(answer: LeaksAnswer, currency: string): string {
  const behaviour = answer.items.filter((leak) => leak.kind === 'behaviour');
  const faults = answer.items.length - behaviour.length;
  const found = [
    ...(behaviour.length > 0
      ? [`${plural(behaviour.length, 'place')} ${behaviour.length === 1 ? 'loses' : 'lose'} more people than usual`]
      : []),
    ...(faults > 0 ? [`${plural(faults, 'event')} ${faults === 1 ? 'looks' : 'look'} broken rather than left`] : []),
  ];
  if (found.length === 0) return 'No leak stands out.';
  const people = behaviour.reduce((sum, leak) => sum + leak.excess, 0);
  const money = formatMoney(moneyAtRisk(behaviour), currency);
  const cost =
    Math.round(people) > 0
      ? ` About ${plural(Math.round(people), 'visit')} lost beyond the usual${money === null ? '' : `, worth about ${money}`}.`
      : '';
  return `${found.join(', and ')}.${cost}`;
}

/** In the site's currency, whole; null where no leak has a price. Leaks may overlap, so it is "about". */
export function moneyAtRisk(leaks: Leak[]): number | null {
  const known = leaks.flatMap(({ moneyAtRisk: money }) => (money === null ? [] : [money]));
  return known.length === 0 ? null : Math.round(known.reduce((sum, money) => sum + money, 0));
}

/** What was looked at where nothing was found. */
export function lookedSentence(looked: number, range: Range, year: string): string {
  if (looked === 0)
    return `Nothing could be compared ${rangeInWords(range, year)}: a place is judged once enough people have passed it.`;
  return `${plural(looked, 'place')} ${looked === 1 ? 'was' : 'were'} compared ${rangeInWords(range, year)}, with everybody and by device, browser, system, country and source. What you see there is within what chance does.`;
}

/** "3 Nov", or that it has always been so. */
export function sinceWords(since: string | null, year: string): string {
  return since === null ? 'As long as the data goes back' : formatDay(since, year);
}

/** The report as a table, rates 0–1. */
export function leakRows(leaks: Leak[]): Record<string, string | number | null>[] {
  return leaks.map((leak) => ({
    What: leak.sentence,
    Kind: leakKindNames[leak.kind],
    Where: leak.where,
    Since: leak.since,
    Who: leak.who ? whoName(leak.who) : 'Everybody',
    Reached: leak.reached,
    Lost: leak.lost,
    'Lost beyond the usual': leak.excess,
    Rate: leak.rate,
    'Usual rate': leak.baseline,
    'Money at risk': leak.moneyAtRisk,
    'Chance alone': leak.significance,
  }));
}

/** The open tab. A link that names cases (`state=notified`) means the cases. */
export function openPart(search: LeaksSearch): 'where' | 'cases' | 'rules' {
  if (search.part) return search.part;
  return search.state || search.rule || search.case || search.reached || search.why ? 'cases' : 'where';
}
