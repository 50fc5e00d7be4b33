import fc from 'fast-check';
import { expect, test } from 'vitest';
import type * as z from 'zod';
import { limits } from '../../collector/contract/limits.ts';
import { serverEvent, wireBatch, wireEvent } from '../../collector/contract/wire.ts';
import { plainServerEvent, plainWireBatch, plainWireEvent } from '../../collector/ingest/plain-wire.ts';

/** What stands in a field by mistake, or at the edge of what is allowed. */
const lengths = [...Object.values(limits), 40, 64, 254, 2_048].filter((length) => length <= 5_000);
const oddities = fc.oneof(
  fc.constantFrom<unknown>('', 'a', null, true, [], ['a'], {}, { plan: { b: 1 } }, { '': 1 }, 'denied', 'ga4'),
  fc.constantFrom(0, 1, -1, 0.5, 1_000_000, 1_000_001, 1e18, Number.POSITIVE_INFINITY),
  fc.constantFrom(...lengths).chain((length) => fc.constantFrom('a'.repeat(length), 'a'.repeat(length + 1))),
  fc
    .constantFrom(...lengths)
    .chain((length) => fc.constantFrom({ ['k'.repeat(length)]: 1 }, { k: 'a'.repeat(length) })),
);

/** The value with some of its fields left out, and up to two that are odd. */
function nearly(right: Record<string, unknown>): fc.Arbitrary<unknown> {
  const keys = [...Object.keys(right), 'more'];
  const odd = fc.array(fc.tuple(fc.constantFrom(...keys), oddities), { maxLength: 2 });
  const made = fc
    .tuple(fc.subarray(Object.entries(right)), odd)
    .map(([some, others]) => Object.fromEntries([...some, ...others]));
  return fc.oneof({ weight: 20, arbitrary: made }, oddities);
}

const shared = {
  id: 'e1',
  seq: 3,
  name: 'pageview',
  url: 'https://shop.example/',
  ref: '',
  title: 'Prices',
  props: { plan: 'pro' },
};
const page = { ...shared, at: 1_790_000_000_000, age: 120 };
const server = {
  ...shared,
  at: '2026-09-01',
  visitor: 'v1',
  lead: 'ana@shop.example',
  channel: 'email',
  ip: '::1',
  userAgent: '',
};
const batch = {
  v: 1,
  site: 's1',
  sent: 1_790_000_000_000,
  visitor: 'v1',
  page: 'p1',
  consent: 'granted',
  events: [page],
};

const kinds: [string, z.ZodType, (value: unknown) => object | undefined, Record<string, unknown>][] = [
  ['a batch of a page', wireBatch, plainWireBatch, batch],
  ['an event of a page', wireEvent, plainWireEvent, page],
  ['an event of a server', serverEvent, plainServerEvent, server],
];

test.each(kinds)('%s that is plainly right is what its schema accepts, field by field', (_, schema, plain, right) => {
  let accepted = 0;
  fc.assert(
    fc.property(nearly(right), (value) => {
      const quick = plain(value);
      if (!quick) return;
      accepted += 1;
      const given = Object.fromEntries(Object.entries(quick).filter(([, inner]) => inner !== undefined));
      expect(schema.parse(value)).toEqual(given);
    }),
    { numRuns: 3_000, seed: 1 },
  );
  expect(accepted).toBeGreaterThan(200);
});
