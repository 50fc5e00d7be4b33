import { limits } from '../../../collector/contract/limits.ts';
import type { Filter } from '../../../collector/contract/match.ts';
import type { Dimension } from '../../../collector/contract/names.ts';
import { dimensionNames } from './data.ts';

export interface FilterDraft {
  /** A dimension, or `prop` for a property whose key is in `prop`. */
  dimension: Dimension | 'prop';
  prop: string;
  op: Filter['op'];
  /** As written: names of suggestions, or free text. */
  values: string[];
}

export const blankFilter: FilterDraft = { dimension: 'path', prop: '', op: 'is', values: [] };

/** What can be chosen, the property last. */
export const filterDimensions: { value: FilterDraft['dimension']; label: string }[] = [
  ...(Object.keys(dimensionNames) as Dimension[]).map((value) => ({ value, label: dimensionNames[value] })),
  { value: 'prop', label: 'Property…' },
];

export const filterOpNames: { value: Filter['op']; label: string }[] = [
  { value: 'is', label: 'is' },
  { value: 'is_not', label: 'is not' },
  { value: 'contains', label: 'contains' },
  { value: 'not_contains', label: 'does not contain' },
];

/** The dimension of a question; null while the key of the property is missing. */
export function draftDimension({ dimension, prop }: FilterDraft): Filter['dimension'] | null {
  if (dimension !== 'prop') return dimension;
  const key = prop.trim();
  return key === '' ? null : `prop:${key.slice(0, limits.propKeyLength)}`;
}

/** The filter that is meant, or null while it is half written. Names of suggestions ("Germany") become their values ("DE"). */
export function toFilter(draft: FilterDraft, suggestions: { value: string; label: string }[]): Filter | null {
  const dimension = draftDimension(draft);
  const isWhole = draft.op === 'is' || draft.op === 'is_not';
  const value = draft.values
    .map((text) => {
      const known = isWhole ? suggestions.find(({ label }) => label === text) : undefined;
      return known ? known.value : text.trim();
    })
    .filter((text, index) => text !== '' || suggestions.some(({ label }) => label === draft.values[index]))
    .slice(0, limits.filterValues);
  return dimension === null || value.length === 0 ? null : { dimension, op: draft.op, value };
}

/** Adds a condition; one on the same dimension with the same word is replaced. */
export function withCondition(filters: Filter[], filter: Filter): Filter[] {
  return [...filters.filter((one) => one.dimension !== filter.dimension || one.op !== filter.op), filter].slice(
    -limits.filters,
  );
}

/** The segment that says exactly what the filters say, whatever their order. */
export function segmentOf<Segment extends { filters: Filter[] }>(
  segments: readonly Segment[],
  filters: Filter[],
): Segment | undefined {
  const key = (all: Filter[]) =>
    all
      .map(({ dimension, op, value }) => JSON.stringify([dimension, op, value]))
      .sort()
      .join();
  return filters.length === 0 ? undefined : segments.find((one) => key(one.filters) === key(filters));
}
