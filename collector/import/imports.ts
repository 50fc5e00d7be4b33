import { createHash, type Hash } from 'node:crypto';
import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises';
import type { ClickHouse } from '../clickhouse/client.ts';
import { AppError } from '../errors.ts';
import type { CountryOf } from '../ingest/country.ts';
import { type Batch, blankRow } from '../ingest/draft.ts';
import { createPageUrls } from '../ingest/page-urls.ts';
import { createSessionBook, sessionGapMs } from '../ingest/session-book.ts';
import { type Knowledge, placingSteps } from '../ingest/steps.ts';
import { createUserAgents } from '../ingest/user-agent.ts';
import { createNamedVisitors } from '../ingest/visitor-id.ts';
import type { Metrics } from '../metrics.ts';
import type { Spool } from '../spool/spool.ts';
import type { State } from '../state/database.ts';
import type { SiteDirectory, SiteRecord } from '../state/sites.ts';
import { addToldFacts, type HistoryEvent, type HistoryLine, readHistoryEvent } from './history-event.ts';
import { openImportSecret } from './import-secret.ts';
import { createKeySet } from './key-set.ts';
import { createRowBlock } from './row-block.ts';
import { isUndated, lookBackMs, span, storedDays, storedKeys, storedNeighbours } from './stored-events.ts';
import { countDropped, type ImportSummary, newSummary, noteBadLine } from './summary.ts';

/** One import of the past into one site. */
export interface ImportRun {
  /** Events in the order of the file. Rejects when they could not be stored; then the whole import may be run again. */
  take(lines: readonly HistoryLine[]): Promise<void>;
  /** Stores what is left. What the summary says was kept is in ClickHouse. */
  end(): Promise<ImportSummary>;
  /** Gives up what is not stored yet. */
  stop(): Promise<void>;
}

export interface Imports {
  /** Throws `conflict` while another import into the site is at work. */
  start(site: SiteRecord): Promise<ImportRun>;
}

export interface ImportDependencies {
  clickhouse: Pick<ClickHouse, 'query' | 'insertBlock'>;
  spool: Pick<Spool, 'flush'>;
  state: State;
  sites: Pick<SiteDirectory, 'markFirstEvent'>;
  geo: CountryOf;
  metrics: Pick<Metrics, 'accepted' | 'dropped'>;
  now: () => number;
  /** Start of what a site keeps, ms; undefined where it keeps all. */
  keptFromMs?: (site: SiteRecord, nowMs: number) => number | undefined;
  window?: ImportWindow;
}

export interface ImportWindow {
  /** Events that are placed together, the earliest among these and the `ahead` ones read after them. */
  events: number;
  ahead: number;
  /** Events of one insert. */
  insert: number;
}

// Small windows, because events that live longer than one collection of young objects cost most of the time; large inserts,
// because each one is a part on the disk.
const defaultWindow: ImportWindow = { events: 1_000, ahead: 1_000, insert: 40_000 };
/** An import that was killed says nothing more; after this silence another one may begin. */
const silentMs = 10_000;
/** Live events get their turn after so many events of a file. */
const eventsBetweenBreaths = 1_000;
const insertAttempts = 6;

/**
 * Imports bypass the spool: nothing was acknowledged to anybody, the file is still there, and the import that ran again is told by
 * ClickHouse what it has. So each event is stored exactly once, whenever and wherever the one before was killed.
 */
export function createImports(dependencies: ImportDependencies): Imports {
  const running = new Map<number, ImportRun & { isSilent: () => boolean }>();
  return {
    async start(site) {
      const before = running.get(site.id);
      if (before && !before.isSilent()) {
        throw new AppError('conflict', { message: 'Another import into this site is running. Wait until it is done.' });
      }
      const run = createRun(dependencies, site, () => running.delete(site.id));
      running.set(site.id, run);
      try {
        await before?.stop();
        await run.prepare();
      } catch (error) {
        running.delete(site.id);
        throw error;
      }
      return run;
    },
  };
}

function createRun(dependencies: ImportDependencies, site: SiteRecord, onOver: () => void) {
  const { clickhouse, state, sites, metrics, now } = dependencies;
  const window = dependencies.window ?? defaultWindow;
  const summary = newSummary();
  const sessions = createSessionBook();
  const known = createKeySet();
  // The last window of an insert may go beyond its size.
  const collected = createRowBlock(window.insert + window.events);
  const batch: Batch = {
    from: 'server',
    site,
    now: now(),
    header: () => undefined,
    address: '',
    history: true,
    ownDay: true,
  };
  const keptFromMs = dependencies.keptFromMs?.(site, batch.now) ?? Number.NEGATIVE_INFINITY;
  let secret = '';
  let forgetSecret = async () => {};
  let pending: HistoryEvent[] = [];
  let inserting: Promise<void> = Promise.resolve();
  /** Days of which ClickHouse had events before this import. */
  let occupied = new Set<number>();
  let next = newInsert();
  let isOver = false;
  let busy = true;
  let heardAt = now();

  const saltOf = (ms: number) => `${secret}:${dayOf(ms)}`;
  const knowledge: Knowledge = {
    // The day of the event and no other: a log of the past has no session that is open now.
    salts: { today: saltOf, yesterday: saltOf },
    sessions,
    seen: { has: () => false, add: () => {} },
    inFlight: new Map(),
    userAgent: createUserAgents(),
    parseUrl: createPageUrls(),
    visitorNamed: createNamedVisitors(),
    country: rememberCountries(dependencies.geo),
    matchersFor: () => [],
  };

  function read(line: HistoryLine): void {
    summary.read += 1;
    const result = readHistoryEvent(line, batch, knowledge);
    if ('drop' in result) drop(line.number, result.drop);
    else if (result.event.draft.ts < keptFromMs) countDropped(summary, 'too-old');
    else pending.push(result.event);
  }

  function drop(
    line: number,
    { reason, detail }: { reason: Parameters<typeof countDropped>[1]; detail: string },
  ): void {
    if (reason === 'invalid') noteBadLine(summary, { line, problem: detail });
    else countDropped(summary, reason);
  }

  /** Places the earliest of what was read. */
  async function placeEarliest(): Promise<void> {
    pending.sort((one, other) => one.draft.ts - other.draft.ts || one.draft.row.seq - other.draft.row.seq);
    const earliest = pending.slice(0, window.events);
    pending = pending.slice(window.events);

    const fresh = earliest.filter(({ key }) => known.add(key));
    const doubtful = fresh.filter(mayBeStored);
    const stored = doubtful.length > 0 ? await storedKeys(clickhouse, site.id, doubtful) : new Set<string>();
    const unseen = stored.size === 0 ? fresh : fresh.filter(({ key }) => !stored.has(key));
    if (unseen.length < earliest.length) countDropped(summary, 'duplicate', earliest.length - unseen.length);
    const neighboured = unseen.filter(mayHaveNeighbours);
    if (neighboured.length > 0) await joinStoredSessions(neighboured);

    if (fresh.length > 0) next.keys.update(`${fresh.map(({ key }) => key).join(' ')} `);
    next.events += fresh.length;
    place(unseen);
    if (next.events >= window.insert) await insertNext();
  }

  function mayBeStored(event: HistoryEvent): boolean {
    return known.hasForgotten() || isUndated(event) || occupied.has(dayOf(event.draft.ts));
  }

  /** Events that are stored may belong to the same session. */
  function mayHaveNeighbours({ draft: { ts } }: HistoryEvent): boolean {
    return occupied.size > 0 && (occupied.has(dayOf(ts - lookBackMs)) || occupied.has(dayOf(ts + sessionGapMs)));
  }

  /** Inserts go on while the next events are read, one at a time. */
  async function insertNext(): Promise<void> {
    const { keys, rows } = next;
    const block = collected.take();
    next = newInsert();
    // The same file gives the same inserts and, until the import is finished, the same tokens: one that was under way when the
    // import before was killed, and arrives after the look-up above, counts once.
    const token = `import:${keys.update(secret).digest('hex')}`;
    await inserting;
    inserting = insert(token, { block, rows });
    // Whoever waits for it sees the failure.
    inserting.catch(() => undefined);
  }

  async function joinStoredSessions(events: readonly HistoryEvent[]): Promise<void> {
    for (const { draft } of events) visitorStep?.run(draft, knowledge);
    const visitors = [...new Set(events.map(({ draft }) => draft.row.visitor_id))];
    const neighbours = await storedNeighbours(clickhouse, site.id, { ...span(events), visitors });
    for (const row of neighbours) sessions.add({ ...blankRow, ...row, site_id: site.id });
  }

  function place(events: readonly HistoryEvent[]): void {
    for (const event of events) {
      const refusal = runPlacingSteps(event);
      if (refusal) {
        drop(event.number, refusal);
        continue;
      }
      sessions.add(event.draft.row, event.draft.ts);
      collected.add(event.draft.row, event.draft.ts);
      next.rows += 1;
    }
  }

  function runPlacingSteps(event: HistoryEvent) {
    for (const step of placingSteps) {
      const refusal = step.run(event.draft, knowledge);
      if (refusal) return refusal;
    }
    addToldFacts(event);
    return undefined;
  }

  async function insert(token: string, { block, rows }: { block: Buffer[]; rows: number }): Promise<void> {
    if (rows === 0) return;
    for (let attempt = 1; ; attempt++) {
      try {
        await clickhouse.insertBlock({ table: 'events', token, block });
        break;
      } catch (error) {
        const isAway = error instanceof AppError && error.code === 'database_unavailable';
        if (!isAway || attempt === insertAttempts) throw error;
        await sleep(250 * 2 ** attempt);
      }
    }
    summary.kept += rows;
    metrics.accepted.inc({ site: site.publicId }, rows);
    if (site.firstEventAt === null) sites.markFirstEvent(site.id, new Date(now()).toISOString());
  }

  async function work<Result>(act: () => Promise<Result>): Promise<Result> {
    if (isOver) throw new AppError('conflict', { message: 'This import was ended by another one. Run it again.' });
    busy = true;
    try {
      return await act();
    } catch (error) {
      if (error instanceof AppError && error.code === 'database_unavailable') {
        throw new AppError('database_unavailable', { message: away, cause: error, retryAfterSeconds: 5 });
      }
      throw error;
    } finally {
      busy = false;
      heardAt = now();
    }
  }

  async function over(): Promise<void> {
    isOver = true;
    pending = [];
    onOver();
    await inserting.catch(() => undefined);
  }

  return {
    isSilent: () => !busy && now() - heardAt > silentMs,

    prepare: () =>
      work(async () => {
        // Look-ups in ClickHouse must see every event that was acknowledged before.
        const arrived = dependencies.spool.flush().then(() => true);
        if (!(await Promise.race([arrived, sleep(flushPatienceMs, false, { ref: false })])))
          throw new AppError('database_unavailable');
        const opened = await openImportSecret(state, site.id);
        secret = opened.secret;
        forgetSecret = opened.forget;
        occupied = new Set((await storedDays(clickhouse, site.id)).map(dayOf));
        // Live events of these days may come while the import runs.
        for (const ms of [now(), now() - dayMs, now() + dayMs]) occupied.add(dayOf(ms));
      }),

    take: (lines: readonly HistoryLine[]) =>
      work(async () => {
        for (const [index, line] of lines.entries()) {
          read(line);
          if (pending.length >= window.events + window.ahead) await placeEarliest();
          if (index % eventsBetweenBreaths === eventsBetweenBreaths - 1) await breathe();
        }
      }),

    end: () =>
      work(async () => {
        while (pending.length > 0) await placeEarliest();
        await insertNext();
        await inserting;
        await forgetSecret();
        for (const [reason, count] of Object.entries(summary.dropped))
          metrics.dropped.inc({ reason: reason as 'bot' }, count);
        await over();
        return summary;
      }),

    stop: over,
  };
}

/** What the next insert will consist of. `keys` covers all events it was made from, also those that turned out to be stored. */
function newInsert(): { keys: Hash; events: number; rows: number } {
  return { keys: createHash('sha256'), events: 0, rows: 0 };
}

const dayMs = 24 * 60 * 60 * 1000;

/** The day in UTC, counted from 1970. */
function dayOf(ms: number): number {
  return Math.floor(ms / dayMs);
}

const flushPatienceMs = 30_000;
const away =
  'The event database does not answer. Start it and run the import again: it goes on where it stopped, and nothing is counted twice.';
const visitorStep = placingSteps.find(({ name }) => name === 'visitor id');

/** The latest answers: neighbouring lines are often of the same visitor. */
function rememberCountries(geo: CountryOf): CountryOf {
  let known = new Map<string, string>();
  return (address) => {
    const found = known.get(address);
    if (found !== undefined) return found;
    if (known.size >= 10_000) known = new Map();
    const country = geo(address);
    known.set(address, country);
    return country;
  };
}
