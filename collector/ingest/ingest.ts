import type { ErrorAnswer } from '../contract/answers.ts';
import { touchDefaults, touchKinds } from '../contract/leads.ts';
import { limits } from '../contract/limits.ts';
import type { DropReason } from '../contract/names.ts';
import { type EventRow, fromTimestamp, toTimestamp } from '../contract/row.ts';
import type { Identity, IngestAnswer, NamedEvent } from '../contract/wire.ts';
import { AppError, errorCatalogue } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { Spool } from '../spool/spool.ts';
import type { Salts } from '../state/salts.ts';
import type { SiteDirectory, SiteRecord } from '../state/sites.ts';
import { addressBlock, isLoopback } from './client-address.ts';
import type { CountryOf } from './country.ts';
import { type Batch, type Draft, type Drop, nameOf, newDraft } from './draft.ts';
import type { DropCounts } from './drop-counts.ts';
import type { LiveFeed } from './live-feed.ts';
import { newOutcome, type Outcome } from './outcome.ts';
import { createPageUrls } from './page-urls.ts';
import { createRateLimit, type Rate } from './rate-limit.ts';
import { type BeaconDraft, type Refusal, requestSteps } from './request-steps.ts';
import { keyOf, type SeenEvents } from './seen-events.ts';
import { createSessionBook } from './session-book.ts';
import { type Knowledge, steps } from './steps.ts';
import { createUserAgents } from './user-agent.ts';
import { createNamedVisitors } from './visitor-id.ts';

export interface BeaconRequest {
  body: Uint8Array;
  contentType: string | undefined;
  /** Value of a request header by its lower-case name. */
  header: (name: string) => string | undefined;
  /** The visitor's address; used for country, cookieless id and rate, then forgotten. */
  address: string;
}

export interface BeaconReply {
  status: 202 | 400 | 413 | 429 | 503;
  answer: IngestAnswer | Omit<ErrorAnswer, 'requestId'>;
  /** Reason of the first event that was not kept. */
  dropped?: DropReason;
  retryAfterSeconds?: number;
}

export interface Ingest {
  /** A request of the tracker. Never rejects: what goes wrong is in the reply. */
  beacon(request: BeaconRequest): Promise<BeaconReply>;
  /**
   * Events of a caller with a key; the size of the list has been checked. `history`: an import, which starts no cases.
   * `offSite`: they belong to no session. Rejects
   * with AppError('spool_full') when the disk does not take them: then the caller may send all of them again.
   */
  server(
    site: SiteRecord,
    events: readonly unknown[],
    options?: { history?: boolean; offSite?: boolean },
  ): Promise<IngestAnswer>;
}

export interface IngestDependencies {
  sites: Pick<SiteDirectory, 'byPublicId' | 'markFirstEvent'>;
  spool: Pick<Spool, 'append' | 'retained'>;
  /** Ids of events received before. `found`: it knows all but the latest, from before this process. */
  seen: SeenEvents & { found: boolean };
  salts: Salts;
  geo: CountryOf;
  /** Tests that mark a row as one that detection must read. */
  matchersFor: (siteId: number) => readonly ((row: EventRow) => boolean)[];
  /** Writes what a visitor said of itself to the lead ledger. Must be safe to repeat. */
  identify: (said: {
    site: SiteRecord;
    visitorId: string;
    identity: Identity;
    now: number;
    from: Pick<EventRow, 'channel' | 'source' | 'medium' | 'campaign' | 'path'>;
  }) => Promise<unknown>;
  /** Writes an event of a server that names a lead to the lead ledger. Must be safe to repeat. */
  noteLead?: (said: { site: SiteRecord; event: NamedEvent }) => Promise<unknown>;
  live: LiveFeed;
  metrics: Pick<Metrics, 'accepted' | 'dropped' | 'rateLimited'>;
  drops: Pick<DropCounts, 'count'>;
  log: Logger;
  now: () => number;
  /** Hears of every event of a known site, once it is on the disk, or with why it was not kept. */
  onEvent?: (draft: Draft, drop: Drop | undefined) => void;
  /** How much is taken from browsers; see config.ts for what is usual. */
  rates: Rates;
}

export interface Rates {
  /** Beacons of one address. */
  address: Rate;
  /** Events of one site. */
  site: Rate;
}

/**
 * How much of the spool is read after a start where the ids are known already: about 130,000 rows, so the sessions of the last eleven
 * minutes at 200 events a second, and of the whole day where there are few. It takes a second or two.
 */
const sessionBytes = 96 * 1024 * 1024;
const retryAfterFailureSeconds = 30;

/** Builds what ingest remembers (ids seen, sessions) from the rows the spool still has, then takes events. */
export async function createIngest(dependencies: IngestDependencies): Promise<Ingest> {
  const { sites, spool, seen, live, metrics, drops, log, now } = dependencies;
  const sessions = createSessionBook();
  const inFlight = new Map<string, Promise<void>>();
  const knowledge: Knowledge = {
    salts: dependencies.salts,
    sessions,
    seen,
    inFlight,
    userAgent: createUserAgents(),
    parseUrl: createPageUrls(),
    visitorNamed: createNamedVisitors(),
    country: dependencies.geo,
    matchersFor: dependencies.matchersFor,
  };
  const addressRate = createRateLimit(dependencies.rates.address, now);
  const siteRate = createRateLimit(dependencies.rates.site, now);
  const waitOfAddress = (address: string) => {
    // What comes from this machine is a proxy nobody told us about, or its owner: neither is a flood.
    const seconds = isLoopback(address) ? 0 : addressRate.waitSeconds(addressBlock(address));
    if (seconds > 0) metrics.rateLimited.inc({ scope: 'address' });
    return seconds;
  };

  for await (const row of spool.retained(seen.found ? { newestBytes: sessionBytes } : {})) {
    seen.add(keyOf(row.site_id, row.id), fromTimestamp(row.received_at));
    // What Telltale wrote about a case or a lead belongs to no session.
    if (row.session_id !== '0') sessions.add(row);
  }

  async function take(batch: Batch, events: readonly unknown[]): Promise<IngestAnswer> {
    const kept: Draft[] = [];
    const dropped: { draft: Draft; drop: Drop }[] = [];
    const outcome = newOutcome();
    for (const [index, raw] of events.entries()) {
      const draft = newDraft(batch, raw, index);
      const drop = runSteps(draft);
      if (drop) {
        dropped.push({ draft, drop });
        continue;
      }
      // From here on the same event, in this batch or in another request, waits for the outcome of this one.
      inFlight.set(nameOf(draft.row), outcome.settled);
      if (draft.row.session_id !== '0') sessions.add(draft.row, draft.ts);
      kept.push(draft);
    }
    await store(kept, outcome);
    // A twin that could not be written makes this request fail too, and its sender repeats it.
    await Promise.all(dropped.map(({ drop }) => drop.twin));
    for (const { draft, drop } of dropped) reportDropped(draft, drop);
    if (kept.length > 0) metrics.accepted.inc({ site: batch.site.publicId }, kept.length);
    for (const draft of kept) reportKept(draft);
    return {
      accepted: kept.length,
      dropped: dropped.map(({ draft, drop }) => ({ index: draft.index, reason: drop.reason, detail: drop.detail })),
    };
  }

  function runSteps(draft: Draft): Drop | undefined {
    for (const step of steps) {
      const drop = step.run(draft, knowledge);
      if (drop) return drop;
    }
    return undefined;
  }

  /** Ledger first: identifying is safe to repeat, whereas a stored event would come back as a duplicate and never reach it. */
  async function store(kept: readonly Draft[], outcome: Outcome): Promise<void> {
    try {
      for (const draft of kept) {
        const { batch, event, row } = draft;
        if (event.lead !== undefined && !batch.offSite) await noteLead(draft, event.lead);
        if (!event.identity || Object.keys(event.identity).length === 0) continue;
        await dependencies.identify({
          site: batch.site,
          visitorId: row.visitor_id,
          identity: event.identity,
          now: now(),
          from: {
            channel: row.channel,
            source: row.source,
            medium: row.medium,
            campaign: row.campaign,
            path: row.path,
          },
        });
      }
      // TRICKY: stamped in the same tick as `append`, because spool.shippedThrough() promises that no earlier row will come.
      const receivedMs = now();
      const receivedAt = toTimestamp(receivedMs);
      const rows = kept.map(({ row }) => Object.assign(row, { received_at: receivedAt }));
      await spool.append(rows);
      for (const { key } of kept) seen.add(key, receivedMs);
      outcome.succeed();
    } catch (error) {
      outcome.fail(error);
      throw error;
    } finally {
      for (const { row } of kept) inFlight.delete(nameOf(row));
    }
    const [first] = kept;
    if (first && first.batch.site.firstEventAt === null) {
      sites.markFirstEvent(first.batch.site.id, new Date(now()).toISOString());
    }
  }

  async function noteLead({ batch, event, row, ts }: Draft, lead: string): Promise<void> {
    const touch = touchKinds.find((kind) => kind === row.name);
    if (touch) {
      if (event.channel === undefined) row.channel = touchDefaults[touch].channel;
      // The ledger has it too: whoever shows both, shows that one.
      row.props.lead_event = row.id;
    }
    await dependencies.noteLead?.({
      site: batch.site,
      event: {
        id: row.id,
        name: row.name,
        atMs: ts,
        lead,
        visitorId: row.visitor_id,
        ...(touch ? { channel: row.channel } : {}),
        props: event.props ?? {},
      },
    });
  }

  function reportKept(draft: Draft): void {
    const { batch, row } = draft;
    live.publish(batch.site.id, toLiveEvent(row));
    dependencies.onEvent?.(draft, undefined);
  }

  function reportDropped(draft: Draft, drop: Drop): void {
    const { batch, row } = draft;
    const { reason, detail } = drop;
    metrics.dropped.inc({ reason });
    drops.count(batch.site.id, reason);
    live.publish(batch.site.id, { ...toLiveEvent(row), dropped: { reason, detail } });
    dependencies.onEvent?.(draft, drop);
  }

  async function beacon(request: BeaconRequest): Promise<BeaconReply> {
    const draft: BeaconDraft = { ...request, json: undefined, batch: undefined };
    for (const step of requestSteps) {
      const refusal = step.run(draft, waitOfAddress);
      if (refusal) return refuse(refusal, request.body);
    }
    if (!draft.batch) throw new Error('the request steps left no batch');
    const { site: publicId, sent, visitor, page, consent, events } = draft.batch;
    const site = sites.byPublicId(publicId);
    if (!site) {
      metrics.dropped.inc({ reason: 'unknown-site' }, events.length);
      const detail = 'This server knows no site with that id. Copy the script tag again.';
      return toReply({
        accepted: 0,
        dropped: events.map((_, index) => ({ index, reason: 'unknown-site', detail })),
      });
    }
    const waitSeconds = siteRate.waitSeconds(publicId, events.length);
    if (waitSeconds > 0) {
      metrics.rateLimited.inc({ scope: 'site' });
      return refuse({ status: 429, code: 'too_many_requests', retryAfterSeconds: waitSeconds }, request.body);
    }
    const { header, address } = request;
    const shared = {
      from: 'page',
      site,
      now: now(),
      header,
      address,
      sent,
      visitor,
      page,
      consent,
      history: false,
    } as const;
    return toReply(await take({ ...shared }, events));
  }

  function refuse({ status, code, message, details, retryAfterSeconds }: Refusal, body: Uint8Array): BeaconReply {
    const reason: DropReason = status === 429 ? 'rate' : 'invalid';
    metrics.dropped.inc({ reason });
    const site = sites.byPublicId(siteNamedIn(body));
    if (site) drops.count(site.id, reason);
    return {
      status,
      answer: { error: { code, message: message ?? errorCatalogue[code][1], ...(details ? { details } : {}) } },
      dropped: reason,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    };
  }

  return {
    async beacon(request) {
      try {
        return await beacon(request);
      } catch (error) {
        const known = error instanceof AppError ? error : new AppError('internal', { cause: error });
        // A full disk is logged once by the spool, not for every beacon.
        if (known.code !== 'spool_full')
          log.error({ err: error }, 'a beacon could not be taken; its sender was told to repeat it');
        return {
          status: 503,
          answer: { error: { code: known.code, message: known.message } },
          retryAfterSeconds: known.retryAfterSeconds ?? retryAfterFailureSeconds,
        };
      }
    },

    async server(site, events, { history = false, offSite = false } = {}) {
      if (events.length > limits.serverBatchEvents) {
        throw new AppError('invalid_request', {
          details: [{ path: 'events', message: `At most ${limits.serverBatchEvents} events a request.` }],
        });
      }
      return take({ from: 'server', site, now: now(), header: () => undefined, address: '', history, offSite }, events);
    },
  };
}

/** The site that a body names which nobody has read, as far as its beginning tells: the tracker writes it there. */
function siteNamedIn(body: Uint8Array): string {
  const beginning = Buffer.from(body.buffer, body.byteOffset, Math.min(body.byteLength, 200)).toString('latin1');
  return /"site"\s*:\s*"([\w-]{1,64})"/.exec(beginning)?.[1] ?? '';
}

function toReply(answer: IngestAnswer): BeaconReply {
  const [first] = answer.dropped;
  return { status: 202, answer, ...(first ? { dropped: first.reason } : {}) };
}

function toLiveEvent(row: EventRow) {
  const { name, path, host, country, device, source } = row;
  return { at: `${row.ts.replace(' ', 'T')}Z`, name, path, host, country, device, source };
}
