import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { List } from '../../collector/contract/answers.ts';
import type { Inbound } from '../../collector/contract/inbound.ts';
import type { Lead, LeadDetail, LeadOwner, LeadView, TimelineEntry } from '../../collector/contract/lead-answers.ts';
import type { LeadScore } from '../../collector/contract/scoring.ts';
import { queryString, request } from './client.ts';

const pageSize = 50;
/** Typed so that later pages, which are text, fit too. */
const firstPage = null as string | null;

/** Filters and order of a list of leads, as its address has them. */
export type LeadListQuestion = Record<string, string>;

export interface StoredLeadView extends LeadView {
  id: string;
}

/** Everything that depends on the leads of a site: forgotten after each change of one. */
export const leadsKey = (site: string) => ['leads', site];

/** Where a list is to be had whole, as a file. */
export const leadsCsvAddress = (site: string, question: LeadListQuestion) =>
  `/api/v1/sites/${site}/leads.csv${queryString(question)}`;

const leadsPage = (site: string, question: LeadListQuestion, cursor: string | null, signal?: AbortSignal) =>
  request<List<Lead>>('GET', `/sites/${site}/leads${queryString({ ...question, cursor })}`, signal ? { signal } : {});

export const leadsQuery = (site: string, question: LeadListQuestion) =>
  infiniteQueryOptions({
    queryKey: [...leadsKey(site), 'list', question],
    initialPageParam: firstPage,
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
    queryFn: ({ signal, pageParam }) => leadsPage(site, { ...question, limit: String(pageSize) }, pageParam, signal),
    getNextPageParam: (page) => page.next,
  });

/** The first few of a list, and how many there are. */
export const fewLeadsQuery = (site: string, question: LeadListQuestion, limit: number) =>
  queryOptions({
    queryKey: [...leadsKey(site), 'few', question, limit],
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
    queryFn: ({ signal }) => leadsPage(site, { ...question, limit: String(limit) }, null, signal),
  });

export const leadQuery = (site: string, id: string) =>
  queryOptions({
    queryKey: [...leadsKey(site), 'one', id],
    refetchInterval: 30_000,
    queryFn: ({ signal }) => request<LeadDetail>('GET', `/sites/${site}/leads/${id}`, { signal }),
  });

export const leadScoreQuery = (site: string, id: string) =>
  queryOptions({
    queryKey: [...leadsKey(site), 'score', id],
    queryFn: ({ signal }) => request<LeadScore>('GET', `/sites/${site}/leads/${id}/score`, { signal }),
  });

export const leadTimelineQuery = (site: string, id: string) =>
  infiniteQueryOptions({
    queryKey: [...leadsKey(site), 'timeline', id],
    initialPageParam: firstPage,
    queryFn: ({ signal, pageParam }) =>
      request<List<TimelineEntry>>(
        'GET',
        `/sites/${site}/leads/${id}/timeline${queryString({ limit: pageSize, cursor: pageParam })}`,
        { signal },
      ),
    getNextPageParam: (page) => page.next,
  });

export const leadViewsQuery = (site: string) =>
  queryOptions({
    queryKey: ['lead-views', site],
    staleTime: 60_000,
    queryFn: ({ signal }) => request<List<StoredLeadView>>('GET', `/sites/${site}/lead-views`, { signal }),
  });

/** Who can own a lead. */
export const ownersQuery = (site: string) =>
  queryOptions({
    queryKey: ['owners', site],
    staleTime: 60_000,
    queryFn: ({ signal }) => request<List<LeadOwner>>('GET', `/sites/${site}/owners`, { signal }),
  });

/** Addresses at which other tools tell of contacts. */
export const inboundQuery = (site: string) =>
  queryOptions({
    queryKey: ['inbound', site],
    queryFn: ({ signal }) => request<List<Inbound>>('GET', `/sites/${site}/inbound`, { signal }),
  });
