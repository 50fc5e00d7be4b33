import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Filter } from '../../collector/contract/match.ts';
import { decodeFilters, encodeFilters, filterName, withFilter } from '../../dashboard/features/filters/data.ts';

describe('filter chips', () => {
  it('stand readable in the address', () => {
    expect(
      encodeFilters([
        { dimension: 'path', op: 'is', value: ['/pricing'] },
        { dimension: 'country', op: 'is_not', value: ['DE', 'AT'] },
      ]),
    ).toBe('path:is:/pricing;country:is_not:DE|AT');
    expect(encodeFilters([])).toBeUndefined();
  });

  it('come back from the address exactly, whatever the values hold', () => {
    const value = fc.oneof(fc.string(), fc.constantFrom('a:b;c|d%7C', '%', 'https://x.y/?a=1;b'));
    const filter = fc.record({
      dimension: fc.constantFrom<Filter['dimension']>('path', 'country', 'source', 'prop:plan', 'prop:a:b'),
      op: fc.constantFrom<Filter['op']>('is', 'is_not', 'contains', 'not_contains'),
      value: fc.array(value, { minLength: 1, maxLength: 4 }),
    });
    fc.assert(
      fc.property(fc.array(filter, { minLength: 1, maxLength: 5 }), (filters) => {
        expect(decodeFilters(encodeFilters(filters))).toEqual(filters);
      }),
    );
  });

  it('leave out what is not a filter, so that an old link still opens', () => {
    expect(decodeFilters('shoe_size:is:42;path:is:/a;path:resembles:/b;nonsense;path:is:a:b')).toEqual([
      { dimension: 'path', op: 'is', value: ['/a'] },
    ]);
    expect(decodeFilters(undefined)).toEqual([]);
  });

  it('replace another value of the same dimension when a row is pressed', () => {
    const germany = withFilter([{ dimension: 'path', op: 'contains', value: ['blog'] }], 'country', 'DE');
    expect(withFilter(germany, 'country', 'AT')).toEqual([
      { dimension: 'path', op: 'contains', value: ['blog'] },
      { dimension: 'country', op: 'is', value: ['AT'] },
    ]);
    expect(withFilter(germany, 'path', '/')).toHaveLength(3);
  });

  it('are named as people say them', () => {
    expect(filterName({ dimension: 'country', op: 'is', value: ['DE', 'AT'] })).toBe('Country is Germany or Austria');
    expect(filterName({ dimension: 'channel', op: 'is_not', value: ['organic_search'] })).toBe(
      'Channel is not Organic search',
    );
    expect(filterName({ dimension: 'prop:plan', op: 'contains', value: ['pro'] })).toBe('plan contains pro');
    expect(filterName({ dimension: 'source', op: 'is', value: [''] })).toBe('Source is Direct or unknown');
  });
});
