import { expect, test } from 'vitest';
import { limits } from '../../collector/contract/limits.ts';
import { wireBatch, wireEvent } from '../../collector/contract/wire.ts';
import { takeBatch, type Waiting } from '../../tracker/to-batch.ts';

const home = { _page: 'p1', _url: 'https://shop.example/' };
const pricing = { _page: 'p2', _url: 'https://shop.example/pricing' };
const at = (second: number) => 1_790_000_000_000 + second * 1_000;
const sender = { site: 'shop', sent: at(10), visitor: undefined, consent: undefined };

function waiting(view: typeof home, name: string, seq: number, second: number): Waiting {
  return { _view: view, _at: at(second), _event: { name, seq, props: undefined } };
}

test('a batch holds the events of one page view, the URL once, and ages counted back from sending', () => {
  const queue = [waiting(home, 'pageview', 0, 1), waiting(home, 'cta', 1, 4), waiting(pricing, 'pageview', 0, 9)];
  const { _taken, _body } = takeBatch(queue, sender);
  expect(JSON.parse(_body)).toEqual({
    v: 1,
    site: 'shop',
    sent: at(10),
    page: 'p1',
    events: [
      { name: 'pageview', seq: 0, age: 9_000, url: 'https://shop.example/' },
      { name: 'cta', seq: 1, age: 6_000 },
    ],
  });
  expect(_taken.length).toBe(2);
  expect(queue.map(({ _view }) => _view._page)).toEqual(['p2']);
});

test('visitor and consent travel with the batch', () => {
  const { _body } = takeBatch([waiting(home, 'pageview', 0, 1)], { ...sender, visitor: '123', consent: 'granted' });
  expect(JSON.parse(_body)).toMatchObject({ visitor: '123', consent: 'granted' });
});

test('a clock that was set back never makes a negative age', () => {
  const { _body } = takeBatch([waiting(home, 'pageview', 0, 60)], sender);
  expect(JSON.parse(_body).events[0].age).toBe(0);
});

test('a batch is valid by the contract, holds at most 50 events and stays below 64 KiB', () => {
  const queue = Array.from(
    { length: 120 },
    (_, seq): Waiting => ({
      ...waiting(home, 'custom', seq, 1),
      // 16 × 512 characters of three bytes each would be too much for one event; 5 are just below its 8 KiB.
      _event: {
        name: 'custom',
        seq,
        props: Object.fromEntries(Array.from({ length: 5 }, (__, key) => [`k${key}`, '€'.repeat(512)])),
      },
    }),
  );
  const seqs: number[] = [];
  while (queue.length) {
    const { _body } = takeBatch(queue, sender);
    const batch = wireBatch.parse(JSON.parse(_body));
    expect(Buffer.byteLength(_body)).toBeLessThan(limits.beaconBytes);
    expect(batch.events.length).toBeLessThanOrEqual(limits.beaconEvents);
    seqs.push(...batch.events.map((event) => wireEvent.parse(event).seq ?? -1));
  }
  expect(seqs).toEqual(Array.from({ length: 120 }, (_, seq) => seq));
});
