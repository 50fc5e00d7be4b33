import { expect, test } from 'vitest';
import { type LeakInWords, leakSentence } from '../../collector/leaks/leak-sentence.ts';
import type { Place } from '../../collector/queries/leaks-counts.ts';

const place: Place = {
  kind: 'step',
  where: 'booking_start',
  from: { event: 'booking_start' },
  to: { event: 'booking_time' },
  later: [],
  value: null,
  lost: 'missing-to',
};
const leak: LeakInWords = {
  kind: 'behaviour',
  place,
  since: '2026-11-03',
  who: { dimension: 'device', value: 'mobile' },
  rate: 0.41,
  baseline: 0.13,
  excess: 27.3,
};

test.each<[string, LeakInWords]>([
  [
    'Since 3 November, phone visitors stop between booking_start and booking_time three times as often: 41 % instead of 13 %. About 27 people lost.',
    leak,
  ],
  [
    'Visitors from Austria leave the form Quote at the field phone more often than elsewhere: 25 % instead of 20 %. About 27 people lost.',
    {
      ...leak,
      place: { ...place, kind: 'field', where: 'Quote · phone' },
      since: null,
      who: { dimension: 'country', value: 'AT' },
      rate: 0.25,
      baseline: 0.2,
    },
  ],
  [
    'Since 3 November, booking_time no longer arrives from visitors with Firefox, while booking_start goes on as usual: 0 % instead of 87 %. Probably the event is no longer sent.',
    { ...leak, kind: 'tracking', who: { dimension: 'browser', value: 'Firefox' }, rate: 1 },
  ],
  [
    'Since 3 November, 56 % of the visits come without consent instead of 40 %. Has the consent banner changed? Fewer people are recognized when they return.',
    { ...leak, kind: 'tracking', place: { ...place, lost: 'cookieless' }, who: null, rate: 0.56, baseline: 0.4 },
  ],
])('leaks: %s', (sentence, words) => {
  expect(leakSentence(words)).toBe(sentence);
});
