import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  parseSearchWith,
  redirect,
  retainSearchParams,
  stringifySearchWith,
} from '@tanstack/react-router';
import type { HousePart } from '../collector/contract/house.ts';
import type { CaseState, SuppressReason, WebhookEvent } from '../collector/contract/names.ts';
import { ApiError } from './api/client.ts';
import { meQuery, setupQuery, sitesQuery } from './api/queries.ts';
import { parseFunnelSearch } from './features/funnels/search.ts';
import { parseLeadsSearch, type TimelinePart, timelineParts } from './features/leads/search.ts';
import { caseStateOrder, type Reached, reachedNames, suppressNames } from './features/leaks/data.ts';
import { parseOverviewSearch } from './features/overview/data.ts';
import { OverviewScreen } from './features/overview/screen.tsx';
import { parsePathsSearch } from './features/paths/data.ts';
import { parseRangeSearch, type RangeSearch } from './features/range/data.ts';
import { parseRoiSearch } from './features/roi/data.ts';
import { type DeliveryFilter, deliveryFilterNames, webhookEventNames } from './features/webhooks/data.ts';
import { parseWeekSearch } from './features/week/data.ts';
import { lastSite } from './shell/last-site.ts';
import { NotFound, RouteError } from './shell/route-states.tsx';
import { SiteShell } from './shell/site-shell.tsx';

export type { FunnelSearch } from './features/funnels/search.ts';

export interface RouterContext {
  queryClient: QueryClient;
}

const root = createRootRouteWithContext<RouterContext>()({
  component: Outlet,
  errorComponent: RouteError,
  notFoundComponent: NotFound,
});

/** `next` only leads back into the dashboard, never to another host. */
function innerPath(value: unknown): string | undefined {
  return typeof value === 'string' && /^\/(?!\/|\\)/.test(value) ? value : undefined;
}

const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  validateSearch: (search: Record<string, unknown>): { token?: string | undefined } =>
    typeof search.token === 'string' ? { token: search.token } : {},
  component: lazyRouteComponent(() => import('./features/sign-in/setup-screen.tsx'), 'SetupScreen'),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: (search: Record<string, unknown>): { next?: string | undefined } => {
    const next = innerPath(search.next);
    return next ? { next } : {};
  },
  component: lazyRouteComponent(() => import('./features/sign-in/sign-in-screen.tsx'), 'SignInScreen'),
});

/** Everything below needs somebody signed in. */
const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  component: Outlet,
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queryClient.ensureQueryData(meQuery());
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
      const { needed } = await context.queryClient.fetchQuery(setupQuery());
      if (needed) throw redirect({ to: '/setup' });
      throw redirect({ to: '/sign-in', search: location.href === '/' ? {} : { next: location.href } });
    }
  },
});

const home = createRoute({
  getParentRoute: () => signedIn,
  path: '/',
  beforeLoad: async ({ context }) => {
    const { items } = await context.queryClient.fetchQuery(sitesQuery());
    const remembered = lastSite();
    const site = items.find((one) => one.id === remembered) ?? items[0];
    if (!site) throw redirect({ to: '/new-site' });
    throw redirect({
      to: site.firstEventAt === null ? '/sites/$site/install' : '/sites/$site/overview',
      params: { site: site.id },
    });
  },
});

const newSite = createRoute({
  getParentRoute: () => signedIn,
  path: '/new-site',
  component: lazyRouteComponent(() => import('./features/sites/new-site-screen.tsx'), 'NewSiteScreen'),
});

const site = createRoute({
  getParentRoute: () => signedIn,
  path: '/sites/$site',
  validateSearch: (search: Record<string, unknown>): RangeSearch & { f?: string | undefined } => ({
    ...parseRangeSearch(search),
    ...(typeof search.f === 'string' && search.f !== '' ? { f: search.f } : {}),
  }),
  search: { middlewares: [retainSearchParams(['range', 'from', 'to', 'compare', 'f'])] },
  loader: async ({ context }) => {
    await context.queryClient.ensureQueryData(sitesQuery());
  },
  component: SiteShell,
});

const siteHome = createRoute({
  getParentRoute: () => site,
  path: '/',
  beforeLoad: ({ params }) => {
    throw redirect({ to: '/sites/$site/overview', params });
  },
});

const overview = createRoute({
  getParentRoute: () => site,
  path: '/overview',
  validateSearch: parseOverviewSearch,
  component: OverviewScreen,
});

const install = createRoute({
  getParentRoute: () => site,
  path: '/install',
  /** The test that is under way. */
  validateSearch: (search: Record<string, unknown>): { check?: string | undefined } =>
    typeof search.check === 'string' && search.check !== '' ? { check: search.check } : {},
  component: lazyRouteComponent(() => import('./features/install/screen.tsx'), 'InstallScreen'),
});

const funnels = createRoute({
  getParentRoute: () => site,
  path: '/funnels',
  validateSearch: parseFunnelSearch,
  component: lazyRouteComponent(() => import('./features/funnels/screen.tsx'), 'FunnelsScreen'),
});

export interface GoalsSearch {
  /** The event whose properties are open. */
  event?: string | undefined;
}

const goals = createRoute({
  getParentRoute: () => site,
  path: '/goals',
  validateSearch: (search: Record<string, unknown>): GoalsSearch =>
    typeof search.event === 'string' && search.event !== '' ? { event: search.event } : {},
  component: lazyRouteComponent(() => import('./features/goals/screen.tsx'), 'GoalsScreen'),
});

const paths = createRoute({
  getParentRoute: () => site,
  path: '/paths',
  validateSearch: parsePathsSearch,
  component: lazyRouteComponent(() => import('./features/paths/screen.tsx'), 'PathsScreen'),
});

/** Whether the value is a name of this closed vocabulary. */
function isOneOf<Name extends string>(names: Record<Name, unknown>, value: unknown): value is Name {
  return typeof value === 'string' && Object.hasOwn(names, value);
}

export interface LeaksSearch {
  state?: CaseState | undefined;
  rule?: string | undefined;
  case?: string | undefined;
  /** Why it was not pursued. */
  reason?: SuppressReason | undefined;
  /** How far it came, whatever became of it since. */
  reached?: Reached | undefined;
  /** The question "why did it act, or not?": the rule, or `ask` while none is chosen, and a visitor or lead. */
  why?: string | undefined;
  who?: string | undefined;
  /** Absent: the ranked report, or the cases where the address names some. */
  part?: 'cases' | 'rules' | undefined;
}

const leaks = createRoute({
  getParentRoute: () => site,
  path: '/leaks',
  validateSearch: (search: Record<string, unknown>): LeaksSearch => {
    const state = caseStateOrder.find((name) => name === search.state);
    return {
      ...(state ? { state } : {}),
      ...(typeof search.rule === 'string' ? { rule: search.rule } : {}),
      ...(typeof search.case === 'string' ? { case: search.case } : {}),
      ...(isOneOf(suppressNames, search.reason) ? { reason: search.reason } : {}),
      ...(isOneOf(reachedNames, search.reached) ? { reached: search.reached } : {}),
      ...(typeof search.why === 'string' ? { why: search.why } : {}),
      ...(typeof search.who === 'string' ? { who: search.who } : {}),
      ...(search.part === 'rules' || search.part === 'cases' ? { part: search.part } : {}),
    };
  },
  component: lazyRouteComponent(() => import('./features/leaks/screen.tsx'), 'LeaksScreen'),
});

const leads = createRoute({
  getParentRoute: () => site,
  path: '/leads',
  validateSearch: parseLeadsSearch,
  component: lazyRouteComponent(() => import('./features/leads/screen.tsx'), 'LeadsScreen'),
});

const lead = createRoute({
  getParentRoute: () => site,
  path: '/leads/$lead',
  validateSearch: (search: Record<string, unknown>): { show?: TimelinePart | undefined } =>
    isOneOf(timelineParts, search.show) ? { show: search.show } : {},
  component: lazyRouteComponent(() => import('./features/leads/lead-screen.tsx'), 'LeadScreen'),
});

const newLead = createRoute({
  getParentRoute: () => site,
  path: '/new-lead',
  component: lazyRouteComponent(() => import('./features/leads/quick-entry.tsx'), 'QuickEntryScreen'),
});

const week = createRoute({
  getParentRoute: () => site,
  path: '/week',
  validateSearch: parseWeekSearch,
  component: lazyRouteComponent(() => import('./features/week/screen.tsx'), 'WeekScreen'),
});

const roi = createRoute({
  getParentRoute: () => site,
  path: '/roi',
  validateSearch: parseRoiSearch,
  component: lazyRouteComponent(() => import('./features/roi/screen.tsx'), 'RoiScreen'),
});

const housePartNames = { definition: 1, scoring: 1, routing: 1, clocks: 1 } as const satisfies Record<HousePart, 1>;

const house = createRoute({
  getParentRoute: () => site,
  path: '/house',
  validateSearch: (search: Record<string, unknown>): { part?: HousePart | undefined } =>
    isOneOf(housePartNames, search.part) ? { part: search.part } : {},
  component: lazyRouteComponent(() => import('./features/house/screen.tsx'), 'HouseScreen'),
});

export interface WebhooksSearch {
  state?: DeliveryFilter | undefined;
  /** Deliveries of this endpoint. */
  endpoint?: string | undefined;
  type?: WebhookEvent | undefined;
  part?: 'deliveries' | 'inbound' | undefined;
}

const webhooks = createRoute({
  getParentRoute: () => site,
  path: '/webhooks',
  validateSearch: (search: Record<string, unknown>): WebhooksSearch => ({
    ...(isOneOf(deliveryFilterNames, search.state) ? { state: search.state } : {}),
    ...(typeof search.endpoint === 'string' ? { endpoint: search.endpoint } : {}),
    ...(isOneOf(webhookEventNames, search.type) ? { type: search.type } : {}),
    ...(search.part === 'deliveries' || search.part === 'inbound' ? { part: search.part } : {}),
  }),
  component: lazyRouteComponent(() => import('./features/webhooks/screen.tsx'), 'WebhooksScreen'),
});

const settingsParts = ['site', 'tracker', 'people', 'keys', 'account'] as const;
export type SettingsPart = (typeof settingsParts)[number];

const settings = createRoute({
  getParentRoute: () => site,
  path: '/settings',
  validateSearch: (search: Record<string, unknown>): { part?: SettingsPart | undefined } => {
    const part = settingsParts.find((name) => name === search.part);
    return part ? { part } : {};
  },
  component: lazyRouteComponent(() => import('./features/settings/screen.tsx'), 'SettingsScreen'),
});

const routeTree = root.addChildren([
  setup,
  signIn,
  signedIn.addChildren([
    home,
    newSite,
    site.addChildren([
      siteHome,
      overview,
      install,
      funnels,
      paths,
      goals,
      leaks,
      leads,
      lead,
      newLead,
      week,
      roi,
      house,
      webhooks,
      settings,
    ]),
  ]),
]);

/** Search values are text; only what starts like JSON (the steps of a funnel) is read as JSON. `token=1e5` stays as it is. */
const parseSearch = parseSearchWith((text) => (/^[[{]/.test(text) ? JSON.parse(text) : text));
const stringifySearch = stringifySearchWith(JSON.stringify);

export function createDashboardRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree,
    context: { queryClient },
    parseSearch,
    stringifySearch,
    defaultPreload: 'intent',
    scrollRestoration: true,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createDashboardRouter>;
  }
}
