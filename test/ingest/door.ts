import { usualRates } from '../../collector/config.ts';
import { siteSettings } from '../../collector/contract/manage.ts';
import type { LiveEvent } from '../../collector/contract/overview.ts';
import type { EventRow } from '../../collector/contract/row.ts';
import { AppError } from '../../collector/errors.ts';
import { type BeaconReply, createIngest, type IngestDependencies, type Rates } from '../../collector/ingest/ingest.ts';
import { createLiveFeed } from '../../collector/ingest/live-feed.ts';
import { createSeenEvents } from '../../collector/ingest/seen-events.ts';
import { createLog } from '../../collector/log.ts';
import { createMetrics } from '../../collector/metrics.ts';
import type { SiteRecord } from '../../collector/state/sites.ts';
import { fakeClock } from '../support/clock.ts';

export const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
export const iphone =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';
export const googlebot = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';
/** A documentation address (RFC 5737), in no country. */
export const anasAddress = '203.0.113.7';

export interface DoorOptions extends Partial<Pick<IngestDependencies, 'matchersFor' | 'identify' | 'geo' | 'onEvent'>> {
  site?: Partial<Omit<SiteRecord, 'settings'>> & { settings?: Partial<SiteRecord['settings']> };
  rates?: Partial<Rates>;
  /** Rows the spool still had at the start. */
  retained?: EventRow[];
  clock?: ReturnType<typeof fakeClock>;
}

interface Request {
  headers?: Record<string, string>;
  contentType?: string;
  address?: string;
}

/** Ingest with one site (`site1`, example.com) and a spool in memory; the clock stands at 2026-09-01 12:00 UTC. */
export async function openDoor(options: DoorOptions = {}) {
  const clock = options.clock ?? fakeClock();
  const site: SiteRecord = {
    id: 1,
    publicId: 'site1',
    name: 'Example',
    domains: ['example.com'],
    timezone: 'UTC',
    createdAt: '2026-01-01T00:00:00.000Z',
    firstEventAt: null,
    ...options.site,
    settings: siteSettings.parse(options.site?.settings ?? {}),
  };
  const rows: EventRow[] = [];
  const identified: unknown[] = [];
  const firstEvents: string[] = [];
  const drops: string[] = [];
  const metrics = createMetrics();
  const live = createLiveFeed();
  const disk = { full: false, wait: Promise.resolve() };
  const ingest = await createIngest({
    sites: {
      byPublicId: (id) => (id === site.publicId ? site : undefined),
      markFirstEvent(_, at) {
        firstEvents.push(at);
        site.firstEventAt = at;
      },
    },
    spool: {
      async append(added) {
        const copies = structuredClone(added) as EventRow[];
        await disk.wait;
        if (disk.full) throw new AppError('spool_full', { retryAfterSeconds: 30 });
        rows.push(...copies);
      },
      async *retained() {
        yield* options.retained ?? [];
      },
    },
    seen: Object.assign(createSeenEvents(), { found: false }),
    salts: {
      today: (at) => `salt of ${new Date(at).toISOString().slice(0, 10)}`,
      yesterday: (at) => `salt of ${new Date(at - 86_400_000).toISOString().slice(0, 10)}`,
    },
    geo: options.geo ?? (() => ''),
    matchersFor: options.matchersFor ?? (() => []),
    identify:
      options.identify ??
      (async (said) => {
        identified.push(said);
      }),
    live,
    metrics,
    drops: {
      count(siteId, reason) {
        drops.push(`${siteId} ${reason}`);
      },
    },
    log: createLog('silent'),
    now: clock.now,
    rates: { ...usualRates, ...options.rates },
    ...(options.onEvent ? { onEvent: options.onEvent } : {}),
  });

  function sendRaw(body: string | Uint8Array, request: Request = {}): Promise<BeaconReply> {
    const headers: Record<string, string> = {
      'user-agent': firefox,
      'accept-language': 'de-AT,de;q=0.9',
      ...request.headers,
    };
    return ingest.beacon({
      body: typeof body === 'string' ? Buffer.from(body) : body,
      contentType: request.contentType ?? 'text/plain;charset=UTF-8',
      header: (name) => headers[name],
      address: request.address ?? anasAddress,
    });
  }

  return {
    clock,
    site,
    rows,
    identified,
    firstEvents,
    /** Site and reason of everything that was counted as not kept. */
    drops,
    live: () => live.recent(site.id) as LiveEvent[],
    disk,
    metrics,
    ingest,
    sendRaw,
    /** One batch of the tracker. */
    send(batch: Record<string, unknown>, request?: Request) {
      return sendRaw(JSON.stringify({ v: 1, site: 'site1', visitor: 'ana', page: 'page-1', ...batch }), request);
    },
    server: (events: unknown[], how?: { history?: boolean }) => ingest.server(site, events, how),
    async dropped(reason: string): Promise<number> {
      const { values } = await metrics.dropped.get();
      return values.find((value) => value.labels.reason === reason)?.value ?? 0;
    },
  };
}

/** A page view as the tracker sends it. */
export function view(path: string, more: Record<string, unknown> = {}) {
  return { seq: 0, age: 0, name: 'pageview', url: `https://example.com${path}`, ...more };
}
