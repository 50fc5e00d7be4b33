import type { FunnelRequest } from '../contract/funnel.ts';
import type { Filter, Match } from '../contract/match.ts';
import { plantedRates } from './planted-rates.ts';
import { salonPaths } from './salon/paths.ts';
import { addDays, historyDays } from './visitors.ts';

/** The day on which `expected` below was counted. On another day the weekdays lie differently and the numbers move a little. */
export const referenceDay = '2026-06-30';

/** A leak that the demo's history holds on purpose: whoever looks for leaks has to find these. */
export interface PlantedLeak {
  id: 'phone-date-picker' | 'spring-offer' | 'quote-phone-field' | 'weekend-prices';
  /** What a person would say about it. */
  says: string;
  /** Who is lost. */
  segment: string;
  /** First day, counted from today (0); the whole history where absent. */
  since?: number;
  /** Where they are lost. */
  step: string;
  /** Funnels that show it, the leak first and what to compare it with after. */
  measures: Measure[];
}

/** One funnel over one or more ranges; the numbers of the ranges are added up. */
export interface Measure {
  name: string;
  steps: Match[];
  filters: Filter[];
  /** Half-open, in the salon's time zone. */
  ranges: (today: string) => { from: string; to: string }[];
  window: string;
  /** Visitors at each step on the reference day, with the default seed. */
  expected: number[];
}

const since = (day: number) => (today: string) => [{ from: addDays(today, day), to: today }];
const before = (day: number) => (today: string) => [{ from: addDays(today, -historyDays), to: addDays(today, day) }];
const always = since(-historyDays);
const is = (dimension: 'device' | 'campaign', value: string): Filter => ({ dimension, op: 'is', value: [value] });
const isNot = (dimension: 'device' | 'campaign', value: string): Filter => ({
  dimension,
  op: 'is_not',
  value: [value],
});

const pickDate: Match[] = [{ event: 'booking_start' }, { event: 'booking_time' }];
const readPrices: Match[] = [{ path: salonPaths.prices }, { path: `${salonPaths.home}**` }];
const glowFacial = { path: salonPaths.treatment('glow-facial') };

export const plantedLeaks: readonly PlantedLeak[] = [
  {
    id: 'phone-date-picker',
    says: 'For 18 days now, people on phones have been leaving where they should pick a date: three times more than before.',
    segment: 'device is mobile',
    since: plantedRates.datePickerSince,
    step: 'booking_start → booking_time',
    measures: [
      {
        name: 'phones since then',
        steps: pickDate,
        filters: [is('device', 'mobile')],
        ranges: since(plantedRates.datePickerSince),
        window: '24h',
        expected: [180, 103],
      },
      {
        name: 'phones before',
        steps: pickDate,
        filters: [is('device', 'mobile')],
        ranges: before(plantedRates.datePickerSince),
        window: '24h',
        expected: [384, 327],
      },
      {
        name: 'all other devices since then',
        steps: pickDate,
        filters: [isNot('device', 'mobile')],
        ranges: since(plantedRates.datePickerSince),
        window: '24h',
        expected: [109, 92],
      },
    ],
  },
  {
    id: 'spring-offer',
    says: 'The Instagram campaign "spring" pays for visitors of the glow facial whose booking button leads to a missing page.',
    segment: 'campaign is spring',
    since: plantedRates.springSince,
    step: `${salonPaths.treatment('glow-facial')} → not_found on ${salonPaths.springOffer}`,
    measures: [
      {
        name: 'campaign visitors who ran into the missing page',
        steps: [glowFacial, { event: 'not_found', path: salonPaths.springOffer }],
        filters: [is('campaign', 'spring')],
        ranges: since(plantedRates.springSince),
        window: '30m',
        expected: [254, 126],
      },
      {
        name: 'campaign visitors who started a booking',
        steps: [glowFacial, { event: 'booking_start' }],
        filters: [is('campaign', 'spring')],
        ranges: since(plantedRates.springSince),
        window: '30m',
        expected: [254, 7],
      },
      {
        name: 'all other visitors of that page who started a booking',
        steps: [glowFacial, { event: 'booking_start' }],
        filters: [isNot('campaign', 'spring')],
        ranges: since(plantedRates.springSince),
        window: '30m',
        expected: [333, 71],
      },
    ],
  },
  {
    id: 'quote-phone-field',
    says: 'Four of ten people who begin the quote form leave it at the field "phone".',
    segment: 'everybody who starts the form "Quote"',
    step: 'form_start → form_submit',
    measures: [
      {
        name: 'left at the field "phone"',
        steps: [
          { event: 'form_start', props: { form: 'Quote' } },
          { event: 'form_abandon', props: { form: 'Quote', field: 'phone' } },
        ],
        filters: [],
        ranges: always,
        window: '30m',
        expected: [347, 140],
      },
      {
        name: 'sent the form',
        steps: [
          { event: 'form_start', props: { form: 'Quote' } },
          { event: 'form_submit', props: { form: 'Quote' } },
        ],
        filters: [],
        ranges: always,
        window: '30m',
        expected: [347, 179],
      },
    ],
  },
  {
    id: 'weekend-prices',
    says: 'On Saturdays and Sundays twice as many visitors leave after reading the prices as on other days.',
    segment: 'visits on Saturday and Sunday',
    step: `${salonPaths.prices} → any other page`,
    measures: [
      {
        name: 'weekends: went on from the prices',
        steps: readPrices,
        filters: [],
        ranges: (today) => weeks(today).map(({ saturday, monday }) => ({ from: saturday, to: monday })),
        window: '30m',
        expected: [473, 177],
      },
      {
        name: 'Monday to Friday: went on from the prices',
        steps: readPrices,
        filters: [],
        ranges: (today) => weeks(today).map(({ saturday }) => ({ from: addDays(saturday, -5), to: saturday })),
        window: '30m',
        expected: [1211, 821],
      },
    ],
  },
];

/** The funnel requests of a measure: one for each of its ranges. */
export function funnelsOf(measure: Measure, today: string): FunnelRequest[] {
  return measure.ranges(today).map((range) => ({
    ...range,
    window: measure.window,
    order: 'ordered',
    by: 'visitor',
    steps: measure.steps.map((match) => ({ match })),
    filters: measure.filters,
  }));
}

/** The weeks, Monday to Sunday, that lie wholly inside the history. */
function weeks(today: string): { saturday: string; monday: string }[] {
  const found: { saturday: string; monday: string }[] = [];
  for (let day = 5 - historyDays; day <= -2; day++) {
    const saturday = addDays(today, day);
    if (new Date(`${saturday}T00:00Z`).getUTCDay() === 6) found.push({ saturday, monday: addDays(saturday, 2) });
  }
  return found;
}
