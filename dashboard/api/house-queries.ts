import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { List } from '../../collector/contract/answers.ts';
import type { House, HousePart, HouseVersion } from '../../collector/contract/house.ts';
import type { RejectionCount } from '../../collector/contract/lead-definition.ts';
import type { Scoring, ScoringPreview } from '../../collector/contract/scoring.ts';
import type { Range } from '../../collector/contract/time.ts';
import { queryString, request } from './client.ts';

/** The rules of the house that hold now. */
export const houseQuery = (site: string) =>
  queryOptions({
    queryKey: ['house', site],
    queryFn: ({ signal }) => request<House>('GET', `/sites/${site}/house`, { signal }),
  });

export const houseVersionsQuery = (site: string, part: HousePart) =>
  queryOptions({
    queryKey: ['house', site, 'versions', part],
    queryFn: ({ signal }) => request<List<HouseVersion>>('GET', `/sites/${site}/house/${part}/versions`, { signal }),
  });

export const rejectionsQuery = (site: string, range: Range) =>
  queryOptions({
    queryKey: ['house', site, 'rejections', range],
    queryFn: ({ signal }) =>
      request<List<RejectionCount>>('GET', `/sites/${site}/house/rejections${queryString({ ...range })}`, { signal }),
  });

/** Who would be hotter or colder with this scoring, part by part until all leads were looked at. Saves nothing. */
export const scoringPreviewQuery = (site: string, scoring: Scoring) =>
  infiniteQueryOptions({
    queryKey: ['house', site, 'preview', scoring],
    staleTime: 60_000,
    retry: false,
    initialPageParam: '0',
    getNextPageParam: ({ next }: ScoringPreview) => next,
    queryFn: ({ signal, pageParam: cursor }) =>
      request<ScoringPreview>('POST', `/sites/${site}/house/scoring/preview${queryString({ cursor })}`, {
        body: scoring,
        signal,
      }),
  });
