import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { List } from '../../collector/contract/answers.ts';
import type { Balance, BalanceCheck, CountedLead, WeeklyAnswer } from '../../collector/contract/balance.ts';
import { queryString, request } from './client.ts';
import { leadsKey } from './lead-queries.ts';

const pageSize = 50;
const firstPage = null as string | null;

/** Where every lead of a week is. */
export const balanceQuery = (site: string, week: string) =>
  queryOptions({
    queryKey: [...leadsKey(site), 'balance', week],
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
    queryFn: ({ signal }) => request<Balance>('GET', `/sites/${site}/balance${queryString({ week })}`, { signal }),
  });

/** Whether both sides agree, and each number with its names. */
export const balanceCheckQuery = (site: string, week: string) =>
  queryOptions({
    queryKey: [...leadsKey(site), 'balance-check', week],
    queryFn: ({ signal }) =>
      request<BalanceCheck>('GET', `/sites/${site}/balance/check${queryString({ week })}`, { signal }),
  });

export const weeklyQuery = (site: string, week: string) =>
  queryOptions({
    queryKey: [...leadsKey(site), 'weekly', week],
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
    queryFn: ({ signal }) => request<WeeklyAnswer>('GET', `/sites/${site}/weekly${queryString({ week })}`, { signal }),
  });

/** The names behind a number; `of` is `balance`, `weekly` or `roi`. */
export const countedLeadsQuery = (site: string, of: string, question: Record<string, string | undefined>) =>
  infiniteQueryOptions({
    queryKey: [...leadsKey(site), 'counted', of, question],
    initialPageParam: firstPage,
    queryFn: ({ signal, pageParam }) =>
      request<List<CountedLead>>(
        'GET',
        `/sites/${site}/${of}/leads${queryString({ ...question, limit: pageSize, cursor: pageParam })}`,
        { signal },
      ),
    getNextPageParam: (page) => page.next,
  });
