import { fileURLToPath } from 'node:url';
import { type Context, Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { requestId } from 'hono/request-id';
import { generateSpecs } from 'hono-openapi';
import type { ErrorAnswer } from './contract/answers.ts';
import { AppError } from './errors.ts';
import type { Collector } from './open-collector.ts';
import { viewedByPerson } from './queries/viewed.ts';
import { abandonmentRoutes } from './routes/abandonments.ts';
import { authenticate, principalOf, siteScope } from './routes/authorize.ts';
import { backupRoutes } from './routes/backup.ts';
import { balanceRoutes } from './routes/balance.ts';
import { callerAddress } from './routes/caller-address.ts';
import { docsRoutes } from './routes/docs.ts';
import { endpointRoutes } from './routes/endpoints.ts';
import type { Env } from './routes/env.ts';
import { exportRoutes } from './routes/export.ts';
import { guardBody } from './routes/guard-body.ts';
import { healthRoutes } from './routes/health.ts';
import { hookRoutes } from './routes/hooks.ts';
import { houseRoutes } from './routes/house.ts';
import { importRoutes } from './routes/import.ts';
import { inboundRoutes, inboundSettingsRoutes } from './routes/inbound.ts';
import { ingestRoutes, serverIngestRoutes } from './routes/ingest.ts';
import { installRoutes } from './routes/install.ts';
import { leadCsvRoutes } from './routes/lead-csv.ts';
import { leadUploadRoutes } from './routes/lead-uploads.ts';
import { leadRoutes } from './routes/leads.ts';
import { leakRoutes } from './routes/leaks.ts';
import { accountRoutes, type LoginDependencies, loginRoutes } from './routes/login.ts';
import { createLoginThrottle } from './routes/login-throttle.ts';
import { manageRoutes } from './routes/manage.ts';
import { pathRoutes } from './routes/paths.ts';
import { privacyRoutes } from './routes/privacy.ts';
import { progressRoutes } from './routes/progress.ts';
import { questionRoutes } from './routes/questions.ts';
import { reportRoutes } from './routes/reports.ts';
import { roiRoutes } from './routes/roi.ts';
import { ruleRoutes } from './routes/rules.ts';
import { securityHeaders } from './routes/security-headers.ts';
import { dashboardRoutes } from './routes/static.ts';
import { pinnedScriptRoutes, trackerRoutes } from './routes/tracker.ts';
import { openTrackerAssets } from './tracker-assets.ts';
import { packageVersion } from './version.ts';

/** Where `npm run build` puts what browsers load. */
const built = new URL(import.meta.url.includes('/dist/') ? '../' : '../dist/', import.meta.url);

/**
 * The whole HTTP surface. Order matters: the door for events first, then what needs nobody, then the API behind `authenticate`, and
 * the dashboard's page for every other address.
 */
export function createApp(collector: Collector, options: { extra?: Hono } = {}): Hono<Env> {
  const { config, state, sites, ingest, clickhouse, live, rules, funnels, metrics, now } = collector;
  const { users, sessions, keys, setup } = collector.accounts;
  const trustProxy = config.trustProxy;
  const reach = { publicUrl: config.publicUrl, trustProxy };
  const who = { sessions, keys, localToken: collector.folder.localToken, reach };
  const login: LoginDependencies = {
    users,
    sessions,
    setup,
    throttle: createLoginThrottle(),
    reach,
    addressOf: (c) => callerAddress(c, trustProxy),
    demo: collector.demo,
    version: packageVersion(),
  };

  const assets = openTrackerAssets(fileURLToPath(new URL('tracker', built)), collector.folder.file('tracker'));

  const app = new Hono<Env>();
  app.onError((error, c) => toAnswer(error, c, collector));
  app.notFound((c) => toAnswer(new AppError('not_found'), c, collector));
  app.use(requestId());
  app.use(measure(metrics));
  app.use(securityHeaders());

  app.route('/', healthRoutes({ problems: collector.problems, registry: metrics.registry, mayRead: mayRead(who) }));
  if (config.roles.includes('collect')) {
    app.route('/', ingestRoutes({ ingest, trustProxy, metrics }));
    app.route(
      '/',
      trackerRoutes({
        assets,
        sites,
        onScript: (site, c) =>
          collector.installChecks.onScript(site?.id, {
            address: callerAddress(c, trustProxy),
            userAgent: c.req.header('user-agent') ?? '',
          }),
      }),
    );
  }

  if (config.roles.includes('control')) app.route('/', inboundRoutes({ ledger: collector.ledger, sites }));

  const api = new Hono<Env>();
  const site = new Hono<Env>();
  if (config.roles.includes('control')) api.route('/', loginRoutes(login));
  api.use(authenticate(who));
  api.use('/sites/:site', siteScope(sites));
  api.use('/sites/:site/*', siteScope(sites));
  if (config.roles.includes('collect')) api.route('/sites/:site/events', serverIngestRoutes({ ingest }));
  if (config.roles.includes('collect')) api.route('/sites/:site/import', importRoutes({ imports: collector.imports }));
  if (config.roles.includes('control')) {
    api.route('/sites/:site', leadUploadRoutes({ ledger: collector.ledger }));
    api.use(guardBody);
    api.route('/', accountRoutes(login));
    api.route('/', manageRoutes({ sites, users, keys, funnels }));
    api.route('/', pinnedScriptRoutes(assets));
    api.route(
      '/',
      backupRoutes({
        state,
        clickhouse,
        now,
        spool: collector.spool,
        dataFolder: collector.folder.path,
        version: packageVersion(),
      }),
    );
    api.route('/', hookRoutes({ state, sites, now, allow: config.webhookAllow }));
    // Before the other routes of a site: it also lets what they ask be followed and cancelled.
    site.route('/', progressRoutes({ clickhouse, log: collector.log }));
    site.route('/', questionRoutes({ clickhouse, live, now, state }));
    site.route('/', pathRoutes({ state, clickhouse }));
    site.route('/', leakRoutes({ state, clickhouse, now }));
    site.route('/', reportRoutes({ state, clickhouse, now }));
    site.route('/', balanceRoutes({ state, now }));
    site.route('/', roiRoutes({ state, clickhouse, now }));
    site.route('/', houseRoutes({ state, clickhouse, house: collector.house, now }));
    site.route('/', exportRoutes({ clickhouse }));
    site.route('/', installRoutes({ checks: collector.installChecks, reach }));
    site.route('/', ruleRoutes({ rules, state, clickhouse, now }));
    site.route(
      '/',
      endpointRoutes({
        state,
        rules,
        now,
        viewed: (question) => viewedByPerson(clickhouse, question),
        allow: config.webhookAllow,
        random: Math.random,
        metrics,
        ...(collector.mailer ? { mailer: collector.mailer } : {}),
      }),
    );
    site.route('/', abandonmentRoutes({ state, rules, clickhouse, now }));
    site.route(
      '/',
      privacyRoutes({ ledger: collector.ledger, clickhouse, spool: collector.spool, erasures: collector.erasures }),
    );
    site.route('/', inboundSettingsRoutes({ ledger: collector.ledger, urlOf: () => collector.url }));
    site.route('/', leadCsvRoutes({ ledger: collector.ledger }));
    site.route('/', leadRoutes({ ledger: collector.ledger, clickhouse }));
    api.route('/sites/:site', site);
  }
  app.route('/api/v1', api);

  if (config.roles.includes('control')) {
    const spec = () => generateSpecs(app, { documentation: documentation(collector) });
    app.get('/openapi.json', async (c) => c.json(await spec()));
    app.route('/', docsRoutes({ spec }));
    if (options.extra) app.route('/', options.extra);
    app.route('/', dashboardRoutes({ folder: fileURLToPath(new URL('dashboard', built)) }));
  }
  return app;
}

/** Every error leaves through here: code, public message and request id to the client; cause and stack to the log. */
function toAnswer(error: Error, c: Context<Env>, { log }: Collector): Response {
  const known = toAppError(error);
  const id = c.get('requestId') ?? '';
  if (known.status >= 500) log.error({ err: error, requestId: id, path: c.req.path }, known.message);
  if (known.retryAfterSeconds !== undefined) c.header('retry-after', String(known.retryAfterSeconds));
  const answer: ErrorAnswer = {
    error: { code: known.code, message: known.message, ...(known.details ? { details: known.details } : {}) },
    requestId: id,
  };
  return c.json(answer, known.status);
}

function toAppError(error: Error): AppError {
  if (error instanceof AppError) return error;
  // Hono's own refusals: a body that is no JSON, a content type that is not ours.
  if (error instanceof HTTPException && error.status < 500)
    return new AppError(error.status === 413 ? 'too_large' : 'invalid_json', { cause: error });
  return new AppError('internal', { cause: error });
}

function mayRead(who: Parameters<typeof principalOf>[1]) {
  return async (c: Context): Promise<boolean> => {
    const principal = await principalOf(c, who);
    return principal !== null && !(principal.kind === 'key' && principal.scope === 'ingest');
  };
}

function measure({ httpSeconds }: Collector['metrics']) {
  return async (c: Context<Env>, next: () => Promise<void>): Promise<void> => {
    const end = httpSeconds.startTimer();
    await next();
    end({ method: c.req.method, route: routeOf(c), status: String(c.res.status) });
  };
}

/** The pattern of the route that answered, so that a label never holds what a visitor wrote. */
function routeOf(c: Context): string {
  return c.req.path.startsWith('/api/')
    ? '/api'
    : c.req.path === '/e'
      ? '/e'
      : c.req.path.startsWith('/t/')
        ? '/t'
        : '/';
}

function documentation({ url }: Collector) {
  return {
    info: {
      title: 'Telltale',
      version: packageVersion(),
      description: 'Everything the dashboard does, for programs. Send an API key as `Authorization: Bearer KEY`.',
    },
    servers: [{ url }],
    components: { securitySchemes: { key: { type: 'http' as const, scheme: 'bearer' } } },
    security: [{ key: [] }],
  };
}
