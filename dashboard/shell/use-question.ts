import { getRouteApi } from '@tanstack/react-router';
import type { Filter } from '../../collector/contract/match.ts';
import type { Range } from '../../collector/contract/time.ts';
import { decodeFilters, encodeFilters } from '../features/filters/data.ts';
import { type Comparison, type RangeSearch, toRange } from '../features/range/data.ts';
import { useSite } from './use-site.ts';

const route = getRouteApi('/signed-in/sites/$site');

/** Range, comparison and filters of the address, and how to change them. Every question of a screen starts from these. */
export function useQuestion(): {
  search: RangeSearch;
  range: Range;
  compare: Comparison;
  filters: Filter[];
  setRange: (next: RangeSearch) => void;
  setFilters: (next: Filter[]) => void;
} {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const site = useSite();
  return {
    search,
    range: toRange(search, { timezone: site.timezone, now: Date.now() }),
    compare: search.compare ?? 'previous',
    filters: decodeFilters(search.f),
    setRange: ({ range, from, to, compare }) =>
      void navigate({ to: '.', search: (old) => ({ ...old, range, from, to, compare }), resetScroll: false }),
    setFilters: (next) =>
      void navigate({ to: '.', search: (old) => ({ ...old, f: encodeFilters(next) }), resetScroll: false }),
  };
}
