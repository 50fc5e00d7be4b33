import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { List } from '../../collector/contract/answers.ts';
import type { RoiAnswer, StoredCost } from '../../collector/contract/roi.ts';
import type { SilenceAnswer } from '../../collector/contract/silence.ts';
import type { Range } from '../../collector/contract/time.ts';
import { queryString, request } from './client.ts';
import { leadsKey } from './lead-queries.ts';

/** What each source cost and brought. `by`: whose a lead is. */
export const roiQuery = (site: string, question: Range & { by: 'first' | 'last' }) =>
  queryOptions({
    queryKey: [...leadsKey(site), 'roi', question],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => request<RoiAnswer>('GET', `/sites/${site}/roi${queryString({ ...question })}`, { signal }),
  });

export const costsQuery = (site: string) =>
  queryOptions({
    queryKey: [...leadsKey(site), 'costs'],
    queryFn: ({ signal }) => request<List<StoredCost>>('GET', `/sites/${site}/costs`, { signal }),
  });

/** The last channel before silence. */
export const silenceQuery = (site: string, range: Range) =>
  queryOptions({
    queryKey: [...leadsKey(site), 'silence', range],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      request<SilenceAnswer>('GET', `/sites/${site}/silence${queryString({ ...range })}`, { signal }),
  });
