import { expect, test } from 'vitest';
import { limits } from '../../collector/contract/limits.ts';
import { wireBatch, wireEvent } from '../../collector/contract/wire.ts';
import { type Draft, headOf, toBody } from '../../tracker/batch.ts';

const at = (second: number) => 1_790_000_000_000 + second * 1_000;
const sender = { site: 'shop', sent: at(10), visitor: undefined, consent: undefined };
const view = { page: 'p1', url: 'https://shop.example/', events: [] };

test('a body holds the events of one page view, its URL once, and their times beside the time of sending', () => {
  const events: Draft[] = [
    { name: 'pageview', seq: 0, at: at(1), props: undefined },
    { name: 'cta', seq: 1, at: at(4), props: { plan: 'pro' } },
  ];
  expect(JSON.parse(toBody(sender, view, events))).toEqual({
    v: 1,
    site: 'shop',
    sent: at(10),
    page: 'p1',
    events: [
      { name: 'pageview', seq: 0, at: at(1), url: 'https://shop.example/' },
      { name: 'cta', seq: 1, at: at(4), props: { plan: 'pro' } },
    ],
  });
});

test('visitor and consent travel with the batch', () => {
  const body = toBody({ ...sender, visitor: '123', consent: 'granted' }, view, [{ name: 'pageview', at: at(1) }]);
  expect(JSON.parse(body)).toMatchObject({ visitor: '123', consent: 'granted' });
});

test('a batch is valid by the contract, holds at most 50 events and stays below 64 KiB', () => {
  // 16 × 512 characters of three bytes each would be too much for one event; 5 are just below its 8 KiB.
  const props = Object.fromEntries(Array.from({ length: 5 }, (_, key) => [`k${key}`, '€'.repeat(512)]));
  const large = Array.from({ length: 60 }, (_, seq): Draft => ({ name: 'custom', seq, at: at(1), props }));
  const small = Array.from({ length: 60 }, (_, seq): Draft => ({ name: 'custom', seq: 60 + seq, at: at(1) }));
  const seqs: number[] = [];
  for (let rest = [...large, ...small]; rest.length > 0; ) {
    const head = headOf(rest);
    rest = rest.slice(head.length);
    const body = toBody(sender, view, head);
    const batch = wireBatch.parse(JSON.parse(body));
    expect(Buffer.byteLength(body)).toBeLessThan(limits.beaconBytes);
    expect(batch.events.length).toBeLessThanOrEqual(limits.beaconEvents);
    seqs.push(...batch.events.map((event) => wireEvent.parse(event).seq ?? -1));
  }
  expect(seqs).toEqual(Array.from({ length: 120 }, (_, seq) => seq));
});
