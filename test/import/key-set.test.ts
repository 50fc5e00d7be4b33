import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hash64 } from '../../collector/hash.ts';
import { createKeySet } from '../../collector/import/key-set.ts';

const id = fc.string().map((text) => hash64(text));
const key = fc.oneof(
  id,
  fc.tuple(id, fc.nat(1_000_000)).map(([page, seq]) => `${page}.${seq}`),
);

test('key set: knows each key that was added, and no other, up to the largest', () => {
  fc.assert(
    fc.property(fc.uniqueArray(key, { maxLength: 300 }), (keys) => {
      const known = createKeySet();
      expect(keys.map((one) => known.add(one)).includes(false)).toBe(false);
      expect(keys.map((one) => known.add(one)).includes(true)).toBe(false);
      expect(known.hasForgotten()).toBe(false);
    }),
  );
  const known = createKeySet();
  // Neighbours, and numbers that differ only in their upper or only in their lower half.
  const near = [
    1n,
    2n,
    999_999_999n,
    1_000_000_000n,
    0xffff_ffffn,
    (1n << 32n) + 1n,
    (1n << 33n) + 1n,
    0xffff_ffff_ffff_ffffn,
  ];
  expect(near.map((one) => known.add(String(one)))).toEqual(near.map(() => true));
});

test('key set: says when it had to forget, because then only ClickHouse knows', () => {
  const known = createKeySet(2);
  for (const one of ['1', '2', '3', '4']) known.add(one);
  expect(known.hasForgotten()).toBe(false);
  expect(known.add('1')).toBe(false);
  known.add('5');
  expect(known.hasForgotten()).toBe(true);
});
