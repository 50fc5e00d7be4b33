import { setTimeout as sleep } from 'node:timers/promises';
import { type Accounts, openAccounts } from './accounts.ts';
import { createErasures, type Erasures } from './backup/erase.ts';
import type { ClickHouse } from './clickhouse/client.ts';
import type { Config } from './config.ts';
import { type DataFolder, openDataFolder, stateFileName } from './data-folder.ts';
import { createDetector, type Detector } from './detection/run.ts';
import { createImports, type Imports } from './import/imports.ts';
import { openCountries } from './ingest/country.ts';
import { createDropCounts } from './ingest/drop-counts.ts';
import { createIngest, type Ingest } from './ingest/ingest.ts';
import { createLiveFeed, type LiveFeed } from './ingest/live-feed.ts';
import { openSeenJournal } from './ingest/seen-journal.ts';
import { createInstallChecks, type InstallChecks } from './install/install-checks.ts';
import { withSignals } from './leads/house-signals.ts';
import { createHouseWork } from './leads/house-work.ts';
import { identifyLead } from './leads/identify.ts';
import type { Ledger } from './leads/ledger.ts';
import { noteServerEvent } from './leads/server-events.ts';
import { emptyOutbox } from './leads/tell-events.ts';
import { reactToTouches } from './leads/touch-reaction.ts';
import { createLeakWatch, type LeakWatch } from './leaks/leak-watch.ts';
import { createLog, type Logger } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { openDatabase } from './open-database.ts';
import { createWeeklyWatch } from './reports/weekly-watch.ts';
import { createOldData, keptFromMs } from './retention/old-data.ts';
import { createShip } from './shipping.ts';
import type { Shipment } from './spool/ship.ts';
import { openSpool, type Spool } from './spool/spool.ts';
import { openState, type State } from './state/database.ts';
import { addDropped } from './state/dropped-events.ts';
import { sealPlainSecrets } from './state/endpoints.ts';
import { createFunnels, type Funnels } from './state/funnels.ts';
import { type HouseBook, loadHouseRules } from './state/house-rules.ts';
import { prepareMailEndpoints } from './state/mail-endpoints.ts';
import { defaultRules, loadRules, type RuleBook } from './state/rules.ts';
import { loadSalts } from './state/salts.ts';
import { loadSites, type SiteDirectory } from './state/sites.ts';
import { createTimedWork } from './timed-work.ts';
import { createAddressGuard } from './webhooks/address-guard.ts';
import { createDispatcher, type Dispatcher } from './webhooks/dispatcher.ts';
import { createMailer, type Mailer } from './webhooks/mail.ts';

/** Everything a running Telltale consists of, wired together. */
export interface Collector {
  config: Config;
  /** Where browsers reach it; known once it listens. */
  url: string;
  demo: boolean;
  log: Logger;
  now: () => number;
  metrics: Metrics;
  folder: DataFolder;
  state: State;
  accounts: Accounts;
  sites: SiteDirectory;
  rules: RuleBook;
  /** The rules by which leads are judged. */
  house: HouseBook;
  funnels: Funnels;
  clickhouse: ClickHouse;
  spool: Spool;
  live: LiveFeed;
  ingest: Ingest;
  /** Events of the past, from files. */
  imports: Imports;
  /** Tests of the installation under way. */
  installChecks: InstallChecks;
  ledger: Ledger;
  erasures: Erasures;
  detector: Detector;
  dispatcher: Dispatcher;
  leakWatch: LeakWatch;
  /** Null where no mail can be sent. */
  mailer: Mailer | null;
  /** What is wrong, in words, by part; empty when everything answers. */
  problems: () => Promise<{ database?: string; spool?: string }>;
  /** Starts detection and delivery. */
  startWork: () => void;
  /** Stops work, ships what it can within the time, and lets go of the folder. */
  close: (options: { drainMs: number }) => Promise<void>;
}

/** A ClickHouse of one's own may come up later than we do. A server takes events meanwhile, which wait in the spool; a command has questions. */
const databasePatienceMs = { server: 2_000, command: 5_000 };
/** How soon a funnel knows of a call. */
const tellEveryMs = 1_000;

/** Opens everything on the configuration's data folder. Throws one sentence when that is not possible. */
export async function openCollector(
  config: Config,
  options: {
    /** A server that stays, as opposed to one command. */
    serving?: boolean;
    demo?: boolean;
    /** Runs when ClickHouse has a segment and the checkpoint does not say so yet: the moment `npm run chaos` kills in. */
    afterInsert?: (shipment: Shipment) => Promise<void>;
  } = {},
): Promise<Collector> {
  const log = createLog(config.logLevel);
  const now = Date.now;
  const metrics = createMetrics({ processMetrics: options.serving ?? false });
  const closers: (() => Promise<void> | void)[] = [];
  try {
    const folder = openDataFolder(config.dataFolder);
    closers.unshift(() => folder.release());
    const state = await openState(folder.file(stateFileName));
    closers.unshift(() => state.close());
    await sealPlainSecrets(state);
    const rules = await loadRules(state, now);
    const house = await loadHouseRules(state, now);
    const mailer = config.mail ? createMailer(config.mail, { state, now, publicUrl: config.publicUrl }) : undefined;
    if (mailer) closers.unshift(() => mailer.close());
    const prepareMail = async (siteIds: number[]) =>
      prepareMailEndpoints(state, { siteIds, recipients: mailer ? await mailer.recipients() : null, nowMs: now() });
    const sites = await loadSites(state, now, {
      onCreate: async (site) => {
        for (const rule of defaultRules()) await rules.create(site.id, rule);
        if (mailer) await prepareMail([site.id]);
      },
    });

    const database = await openDatabase(config, folder, log);
    closers.unshift(() => database.close());
    const { clickhouse } = database;
    const awaited = database.isOurs
      ? database.ready
      : Promise.race([
          database.ready,
          sleep(databasePatienceMs[options.serving ? 'server' : 'command'], undefined, { ref: false }),
        ]);
    // Heard below: what waits in the spool is looked at meanwhile, which takes seconds where it is much.
    awaited.catch(() => {});

    const ship = createShip(clickhouse);
    const spool = await openSpool({
      folder: folder.file('spool'),
      ship: async (shipment) => {
        await database.ready;
        await ship(shipment);
        await options.afterInsert?.(shipment);
      },
      log,
      metrics,
    });
    closers.unshift(() => spool.close());
    await awaited;
    metrics.watchSpool(() => spool.status(), now);
    const erasures = createErasures({ state, clickhouse, spool, now, log });
    const live = createLiveFeed();
    const drops = createDropCounts({ write: (counts) => addDropped(state, counts), now, log });
    closers.unshift(() => drops.close());
    const geo = await openCountries();
    const imports = createImports({ clickhouse, spool, state, sites, geo, metrics, now, keptFromMs });
    const installChecks = createInstallChecks({
      clickhouse,
      rules,
      guard: createAddressGuard(config.webhookAllow),
      log,
      now,
    });
    const seen = await openSeenJournal({ folder: folder.file('seen'), now, log });
    closers.unshift(() => seen.close());
    const ledger: Ledger = { state, now, reactions: [reactToTouches] };
    const ingest = await createIngest({
      sites,
      seen,
      matchersFor: withSignals((siteId) => rules.matchersFor(siteId), house),
      identify: (said) => identifyLead(ledger, said),
      noteLead: (said) => noteServerEvent(ledger, said),
      spool,
      salts: await loadSalts(state, now),
      geo,
      now,
      log,
      metrics,
      drops,
      live,
      onEvent: installChecks.onEvent,
      rates: config.rates,
    });
    const detector = createDetector({ state, clickhouse, sites, rules, spool, now, log, metrics });
    const dispatcher = createDispatcher({
      state,
      now,
      log,
      allow: config.webhookAllow,
      isStillAbandoned: detector.isStillAbandoned,
      random: Math.random,
      metrics,
      ...(mailer ? { mailer } : {}),
    });
    const houseWork = createHouseWork({ state, clickhouse, sites, house, spool, now, log });
    const weeklyWatch = createWeeklyWatch({ state, clickhouse, sites, now, log });
    const oldData = createOldData({ state, clickhouse, sites, now, log });

    const telling = createTimedWork({
      run: async () => {
        await emptyOutbox(state, async (siteId, events) => {
          const site = sites.byId(siteId);
          if (site) await ingest.server(site, events, { offSite: true });
        });
      },
      onError: (error) => log.warn({ err: error }, 'what happened to leads could not be told; it will be tried again'),
    });
    const leakWatch = createLeakWatch({ state, clickhouse, sites, now, log, metrics });

    return {
      config,
      url: config.publicUrl ?? '',
      demo: options.demo ?? false,
      log,
      now,
      metrics,
      folder,
      state,
      accounts: openAccounts(state, now),
      sites,
      rules,
      house,
      funnels: createFunnels(state, now),
      clickhouse,
      spool,
      live,
      ingest,
      imports,
      ledger,
      installChecks,
      erasures,
      detector,
      dispatcher,
      leakWatch,
      mailer: mailer ?? null,
      problems: async () => ({ ...(await databaseProblem(clickhouse, database)), ...spoolProblem(spool, now()) }),
      startWork() {
        if (!config.roles.includes('control')) return;
        erasures.start();
        detector.start(config.scanIntervalMs);
        houseWork.start(config.scanIntervalMs);
        dispatcher.start();
        leakWatch.start();
        telling.start(tellEveryMs);
        weeklyWatch.start();
        oldData.start();
        prepareMail(sites.list().map(({ id }) => id)).catch((error: unknown) =>
          log.error({ err: error }, 'mail could not be set up'),
        );
      },
      async close({ drainMs }) {
        const work = [erasures, detector, houseWork, dispatcher, leakWatch, weeklyWatch, oldData, telling];
        await Promise.all(work.map((one) => one.stop()));
        await Promise.race([spool.flush().catch(() => undefined), sleep(drainMs, undefined, { ref: false })]);
        await closeAll(closers);
      },
    };
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}

async function closeAll(closers: (() => Promise<void> | void)[]): Promise<void> {
  for (const close of closers) await close();
}

async function databaseProblem(
  clickhouse: ClickHouse,
  database: { problem: () => string | undefined },
): Promise<{ database?: string }> {
  const problem = database.problem();
  if (problem) return { database: problem };
  return (await clickhouse.ping())
    ? {}
    : { database: 'The event database does not answer. Events are kept on disk meanwhile.' };
}

/** ClickHouse may restart, or take its time for a merge, before anybody has to hear of it. */
const troubleAfterMs = 60_000;

function spoolProblem(spool: Spool, now: number): { spool?: string } {
  const { full, trouble, pendingRows } = spool.status();
  if (full)
    return { spool: 'The disk is nearly full, so new events are refused. Make room on the disk of the data folder.' };
  if (!trouble || now - trouble.since < troubleAfterMs) return {};
  const minutes = Math.round((now - trouble.since) / 60_000);
  return {
    spool: `ClickHouse has taken no events for ${minutes} min: ${trouble.error} Until it does, ${pendingRows} events wait on the disk.`,
  };
}
