import { describe, expect, it } from 'vitest';
import type { Filter } from '../../collector/contract/match.ts';
import {
  blankFilter,
  filterDimensions,
  segmentOf,
  toFilter,
  withCondition,
} from '../../dashboard/features/filters/draft.ts';

const countries = [
  { value: 'DE', label: 'Germany' },
  { value: '', label: 'Unknown' },
];

describe('a filter written by hand', () => {
  it('asks for the value behind a suggestion, and takes other text as it is', () => {
    expect(
      toFilter({ ...blankFilter, dimension: 'country', op: 'is_not', values: ['Germany', ' AT '] }, countries),
    ).toEqual({ dimension: 'country', op: 'is_not', value: ['DE', 'AT'] });
    // "contains" is about the text itself.
    expect(toFilter({ ...blankFilter, op: 'contains', values: ['Germany'] }, countries)?.value).toEqual(['Germany']);
  });

  it('can ask for what has no value at all', () => {
    expect(toFilter({ ...blankFilter, dimension: 'country', values: ['Unknown'] }, countries)?.value).toEqual(['']);
  });

  it('is none while it is half written', () => {
    expect(toFilter(blankFilter, [])).toBeNull();
    expect(toFilter({ ...blankFilter, values: ['  '] }, [])).toBeNull();
    expect(toFilter({ ...blankFilter, dimension: 'prop', values: ['pro'] }, [])).toBeNull();
    expect(toFilter({ ...blankFilter, dimension: 'prop', prop: 'plan', values: ['pro'] }, [])?.dimension).toBe(
      'prop:plan',
    );
    expect(filterDimensions.at(-1)).toEqual({ value: 'prop', label: 'Property…' });
  });

  it('replaces the same condition, and stands beside the opposite one', () => {
    const blog: Filter = { dimension: 'path', op: 'contains', value: ['blog'] };
    const notTeam: Filter = { dimension: 'path', op: 'is_not', value: ['/team'] };
    expect(withCondition([blog], notTeam)).toEqual([blog, notTeam]);
    expect(withCondition([blog, notTeam], { ...blog, value: ['news'] })).toEqual([
      notTeam,
      { ...blog, value: ['news'] },
    ]);
  });
});

describe('a segment', () => {
  it('is recognized by its filters in any order', () => {
    const phone: Filter = { dimension: 'device', op: 'is', value: ['mobile'] };
    const austria: Filter = { dimension: 'country', op: 'is', value: ['AT'] };
    const segments = [{ name: 'Phones from Austria', filters: [phone, austria] }];
    expect(segmentOf(segments, [austria, phone])?.name).toBe('Phones from Austria');
    expect(segmentOf(segments, [austria])).toBeUndefined();
    expect(segmentOf(segments, [])).toBeUndefined();
  });
});
