import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import type {
  Abandonment,
  AbandonmentCounts,
  AbandonmentSummary,
  AbandonmentsSummary,
  VisitorTimeline,
  WhyAnswer,
} from '../../collector/contract/abandonment.ts';
import type { List } from '../../collector/contract/answers.ts';
import type {
  FunnelAnswer,
  FunnelNextAnswer,
  FunnelPeopleRequest,
  FunnelPerson,
  FunnelRequest,
  FunnelSuggestionsAnswer,
  FunnelWhyAnswer,
} from '../../collector/contract/funnel.ts';
import type { GoalReportAnswer, GoalReportRequest } from '../../collector/contract/goals.ts';
import type { InstallCheck } from '../../collector/contract/install.ts';
import type { LeaksAnswer, LeaksRequest } from '../../collector/contract/leaks.ts';
import type {
  ApiKey,
  DeletedSite,
  Me,
  PinnedScript,
  SavedFunnel,
  SetupState,
  Site,
  StoredAnnotation,
  StoredSegment,
  User,
} from '../../collector/contract/manage.ts';
import type { CaseState, DeliveryState, SuppressReason, WebhookEvent } from '../../collector/contract/names.ts';
import type {
  BreakdownAnswer,
  BreakdownRequest,
  OverviewAnswer,
  OverviewRequest,
  RealtimeAnswer,
  SeenAnswer,
  SeenPropsAnswer,
} from '../../collector/contract/overview.ts';
import type { PathPeopleRequest, PathPerson, PathsAnswer, PathsRequest } from '../../collector/contract/paths.ts';
import type {
  BacktestAnswer,
  BacktestRequest,
  HoldoutReport,
  Rule,
  RuleCheck,
  RuleUse,
  RuleVersion,
  StoredRule,
} from '../../collector/contract/rule.ts';
import type { Range } from '../../collector/contract/time.ts';
import type { Delivery, Preview, StoredEndpoint, TemplatePreset } from '../../collector/contract/webhooks.ts';
import { queryString, request } from './client.ts';

/** The funnel question of the dashboard: only what its builder can say. */
export type FunnelQuestion = Pick<
  FunnelRequest,
  'from' | 'to' | 'window' | 'by' | 'order' | 'steps' | 'exclude' | 'filters'
>;
/** And what is shown besides. */
export type FunnelView = FunnelQuestion & Pick<FunnelRequest, 'breakdown' | 'compare' | 'trend'>;

const pageSize = 50;
/** Typed so that later pages, which are text, fit too. */
const firstPage = null as string | null;

export const setupQuery = () =>
  queryOptions({
    queryKey: ['setup'],
    queryFn: ({ signal }) => request<SetupState>('GET', '/setup/state', { signal }),
  });

export const meQuery = () =>
  queryOptions({ queryKey: ['me'], staleTime: 60_000, queryFn: ({ signal }) => request<Me>('GET', '/me', { signal }) });

export const sitesQuery = () =>
  queryOptions({
    queryKey: ['sites'],
    staleTime: 30_000,
    queryFn: ({ signal }) => request<List<Site>>('GET', '/sites', { signal }),
  });

export const deletedSitesQuery = () =>
  queryOptions({
    queryKey: ['deleted-sites'],
    queryFn: ({ signal }) => request<List<DeletedSite>>('GET', '/deleted-sites', { signal }),
  });

export const overviewQuery = (site: string, body: OverviewRequest) =>
  queryOptions({
    queryKey: ['overview', site, body],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => request<OverviewAnswer>('POST', `/sites/${site}/overview`, { body, signal }),
  });

export const breakdownQuery = (site: string, body: BreakdownRequest) =>
  queryOptions({
    queryKey: ['breakdown', site, body],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => request<BreakdownAnswer>('POST', `/sites/${site}/breakdown`, { body, signal }),
  });

export const realtimeQuery = (site: string) =>
  queryOptions({
    queryKey: ['realtime', site],
    refetchInterval: 15_000,
    queryFn: ({ signal }) => request<RealtimeAnswer>('GET', `/sites/${site}/realtime`, { signal }),
  });

export const seenQuery = (site: string) =>
  queryOptions({
    queryKey: ['seen', site],
    staleTime: 60_000,
    queryFn: ({ signal }) => request<SeenAnswer>('GET', `/sites/${site}/seen`, { signal }),
  });

export const seenPropsQuery = (site: string, event: string) =>
  queryOptions({
    queryKey: ['seen-props', site, event],
    staleTime: 60_000,
    queryFn: ({ signal }) =>
      request<SeenPropsAnswer>('GET', `/sites/${site}/seen/props${queryString({ event })}`, { signal }),
  });

export const funnelQuery = (site: string, body: FunnelView) =>
  queryOptions({
    queryKey: ['funnel', site, body],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => request<FunnelAnswer>('POST', `/sites/${site}/funnel`, { body, signal }),
  });

type FunnelPeopleQuestion = FunnelQuestion & Pick<FunnelPeopleRequest, 'step' | 'outcome'>;

/** One page of those who left, or who came this far. */
export const funnelPeoplePage = (
  site: string,
  body: FunnelPeopleQuestion & Pick<FunnelPeopleRequest, 'limit' | 'cursor'>,
  signal?: AbortSignal,
) => request<List<FunnelPerson>>('POST', `/sites/${site}/funnel/people`, { body, ...(signal ? { signal } : {}) });

export const funnelPeopleQuery = (site: string, body: FunnelPeopleQuestion) =>
  infiniteQueryOptions({
    queryKey: ['funnel-people', site, body],
    initialPageParam: firstPage,
    queryFn: ({ signal, pageParam }) =>
      funnelPeoplePage(site, { ...body, limit: pageSize, ...(pageParam ? { cursor: pageParam } : {}) }, signal),
    getNextPageParam: (page) => page.next,
  });

export const funnelWhyQuery = (site: string, body: FunnelQuestion & { step: number }) =>
  queryOptions({
    queryKey: ['funnel-why', site, body],
    queryFn: ({ signal }) => request<FunnelWhyAnswer>('POST', `/sites/${site}/funnel/why`, { body, signal }),
  });

export const funnelSuggestionsQuery = (site: string, body: Range) =>
  queryOptions({
    queryKey: ['funnel-suggestions', site, body],
    staleTime: 60_000,
    queryFn: ({ signal }) =>
      request<FunnelSuggestionsAnswer>('POST', `/sites/${site}/funnel/suggestions`, { body, signal }),
  });

export const funnelNextQuery = (site: string, body: FunnelQuestion & { step: number }) =>
  queryOptions({
    queryKey: ['funnel-next', site, body],
    queryFn: ({ signal }) => request<FunnelNextAnswer>('POST', `/sites/${site}/funnel/next`, { body, signal }),
  });

/** The path question of the dashboard: only what its screen can say. */
export type PathsQuestion = Pick<
  PathsRequest,
  'from' | 'to' | 'start' | 'end' | 'by' | 'depth' | 'limit' | 'group' | 'events' | 'filters'
>;
type PathPeopleQuestion = PathsQuestion & Pick<PathPeopleRequest, 'column' | 'label' | 'next'>;

export const pathsQuery = (site: string, body: PathsQuestion) =>
  queryOptions({
    queryKey: ['paths', site, body],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => request<PathsAnswer>('POST', `/sites/${site}/paths`, { body, signal }),
  });

/** One page of those behind a node or link. */
export const pathPeoplePage = (
  site: string,
  body: PathPeopleQuestion & Pick<PathPeopleRequest, 'limitPeople' | 'cursor'>,
  signal?: AbortSignal,
) => request<List<PathPerson>>('POST', `/sites/${site}/paths/people`, { body, ...(signal ? { signal } : {}) });

export const pathPeopleQuery = (site: string, body: PathPeopleQuestion) =>
  infiniteQueryOptions({
    queryKey: ['path-people', site, body],
    initialPageParam: firstPage,
    queryFn: ({ signal, pageParam }) =>
      pathPeoplePage(site, { ...body, limitPeople: pageSize, ...(pageParam ? { cursor: pageParam } : {}) }, signal),
    getNextPageParam: (page) => page.next,
  });

export const savedFunnelsQuery = (site: string) =>
  queryOptions({
    queryKey: ['funnels', site],
    queryFn: ({ signal }) => request<List<SavedFunnel>>('GET', `/sites/${site}/funnels`, { signal }),
  });

export const leaksQuery = (site: string, body: LeaksRequest) =>
  queryOptions({
    queryKey: ['leaks', site, body],
    // A look at everything: worth keeping while the screen is left and opened again.
    staleTime: 5 * 60_000,
    queryFn: ({ signal }) => request<LeaksAnswer>('POST', `/sites/${site}/leaks`, { body, signal }),
  });

export const goalReportQuery = (site: string, body: GoalReportRequest) =>
  queryOptions({
    queryKey: ['goal-report', site, body],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => request<GoalReportAnswer>('POST', `/sites/${site}/goals/report`, { body, signal }),
  });

export const segmentsQuery = (site: string) =>
  queryOptions({
    queryKey: ['segments', site],
    staleTime: 60_000,
    queryFn: ({ signal }) => request<List<StoredSegment>>('GET', `/sites/${site}/segments`, { signal }),
  });

export const annotationsQuery = (site: string) =>
  queryOptions({
    queryKey: ['annotations', site],
    staleTime: 60_000,
    queryFn: ({ signal }) => request<List<StoredAnnotation>>('GET', `/sites/${site}/annotations`, { signal }),
  });

export interface CaseQuestion {
  state?: CaseState | undefined;
  reason?: SuppressReason | undefined;
  reached?: 'abandoned' | 'notified' | 'recovered' | undefined;
  rule?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

export const caseCountsQuery = (site: string, question: Omit<CaseQuestion, 'state'>) =>
  queryOptions({
    queryKey: ['case-counts', site, question],
    refetchInterval: 20_000,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      request<AbandonmentCounts>('GET', `/sites/${site}/abandonments/counts${queryString({ ...question })}`, {
        signal,
      }),
  });

export const casesQuery = (site: string, question: CaseQuestion) =>
  infiniteQueryOptions({
    queryKey: ['cases', site, question],
    initialPageParam: firstPage,
    refetchInterval: 20_000,
    queryFn: ({ signal, pageParam }) =>
      request<List<AbandonmentSummary>>(
        'GET',
        `/sites/${site}/abandonments${queryString({ ...question, limit: pageSize, cursor: pageParam })}`,
        { signal },
      ),
    getNextPageParam: (page) => page.next,
  });

export const caseQuery = (site: string, id: string) =>
  queryOptions({
    queryKey: ['case', site, id],
    queryFn: ({ signal }) => request<Abandonment>('GET', `/sites/${site}/abandonments/${id}`, { signal }),
  });

export const caseSummaryQuery = (site: string, question: Range) =>
  queryOptions({
    queryKey: ['case-summary', site, question],
    refetchInterval: 60_000,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) =>
      request<AbandonmentsSummary>('GET', `/sites/${site}/abandonments/summary${queryString({ ...question })}`, {
        signal,
      }),
  });

/** What one person did around a moment. */
export const visitorQuery = (site: string, visitor: string, at: string) =>
  queryOptions({
    queryKey: ['visitor', site, visitor, at],
    queryFn: ({ signal }) =>
      request<VisitorTimeline>('GET', `/sites/${site}/visitors/${visitor}${queryString({ at })}`, { signal }),
  });

/** `who` is a visitor's number or the id of a lead. */
export const whyQuery = (site: string, { rule, who }: { rule: string; who: string }) =>
  queryOptions({
    queryKey: ['why', site, rule, who],
    retry: false,
    queryFn: ({ signal }) =>
      request<WhyAnswer>(
        'GET',
        `/sites/${site}/why${queryString({ rule, ...(/^\d{1,20}$/.test(who) ? { visitor: who } : { lead: who }) })}`,
        { signal },
      ),
  });

export const rulesQuery = (site: string) =>
  queryOptions({
    queryKey: ['rules', site],
    queryFn: ({ signal }) => request<List<StoredRule>>('GET', `/sites/${site}/rules`, { signal }),
  });

/** What saving this rule would say. Asked while it is written. */
export const ruleCheckQuery = (site: string, rule: Rule) =>
  queryOptions({
    queryKey: ['rule-check', site, rule],
    staleTime: 60_000,
    retry: false,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => request<RuleCheck>('POST', `/sites/${site}/rules/check`, { body: rule, signal }),
  });

export const backtestQuery = (site: string, body: BacktestRequest) =>
  queryOptions({
    queryKey: ['backtest', site, body],
    staleTime: 5 * 60_000,
    retry: false,
    queryFn: ({ signal }) => request<BacktestAnswer>('POST', `/sites/${site}/rules/backtest`, { body, signal }),
  });

export const ruleVersionsQuery = (site: string, id: string) =>
  queryOptions({
    queryKey: ['rule-versions', site, id],
    queryFn: ({ signal }) => request<List<RuleVersion>>('GET', `/sites/${site}/rules/${id}/versions`, { signal }),
  });

export const ruleUseQuery = (site: string, id: string) =>
  queryOptions({
    queryKey: ['rule-use', site, id],
    queryFn: ({ signal }) => request<RuleUse>('GET', `/sites/${site}/rules/${id}/use`, { signal }),
  });

export const holdoutQuery = (site: string, id: string) =>
  queryOptions({
    queryKey: ['holdout', site, id],
    queryFn: ({ signal }) => request<HoldoutReport>('GET', `/sites/${site}/rules/${id}/holdout`, { signal }),
  });

export const endpointsQuery = (site: string) =>
  queryOptions({
    queryKey: ['endpoints', site],
    queryFn: ({ signal }) => request<List<StoredEndpoint>>('GET', `/sites/${site}/endpoints`, { signal }),
  });

export const presetsQuery = (site: string) =>
  queryOptions({
    queryKey: ['presets', site],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => request<List<TemplatePreset>>('GET', `/sites/${site}/endpoints/presets`, { signal }),
  });

/** What the receiver would get. `case`: `latest`, or absent for the sample. */
export const previewQuery = (
  site: string,
  body: { template: string | null; event: WebhookEvent; case?: 'latest' | undefined },
) =>
  queryOptions({
    queryKey: ['preview', site, body],
    retry: false,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => request<Preview>('POST', `/sites/${site}/endpoints/preview`, { body, signal }),
  });

export interface DeliveryQuestion {
  /** `dead`: given up after the last try. */
  state?: DeliveryState | 'dead' | undefined;
  endpoint?: string | undefined;
  type?: WebhookEvent | undefined;
}

export const deliveriesQuery = (site: string, question: DeliveryQuestion) =>
  infiniteQueryOptions({
    queryKey: ['deliveries', site, question],
    initialPageParam: firstPage,
    refetchInterval: 15_000,
    queryFn: ({ signal, pageParam }) =>
      request<List<Delivery>>(
        'GET',
        `/sites/${site}/deliveries${queryString({ ...question, limit: pageSize, cursor: pageParam })}`,
        { signal },
      ),
    getNextPageParam: (page) => page.next,
  });

/** A test of the installation. Asked every second until there is nothing more to come. */
export const installCheckQuery = (site: string, token: string) =>
  queryOptions({
    queryKey: ['install-check', site, token],
    retry: false,
    queryFn: ({ signal }) => request<InstallCheck>('GET', `/sites/${site}/install/check/${token}`, { signal }),
    refetchInterval: ({ state }) =>
      state.error || state.data?.state === 'ok' || state.data?.state === 'timeout' ? false : 1_000,
    // The tab that opened is in front of this one.
    refetchIntervalInBackground: true,
  });

export const pinnedScriptQuery = () =>
  queryOptions({
    queryKey: ['tracker'],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => request<PinnedScript>('GET', '/tracker', { signal }),
  });

export const usersQuery = () =>
  queryOptions({ queryKey: ['users'], queryFn: ({ signal }) => request<List<User>>('GET', '/users', { signal }) });

export const keysQuery = () =>
  queryOptions({ queryKey: ['keys'], queryFn: ({ signal }) => request<List<ApiKey>>('GET', '/keys', { signal }) });
