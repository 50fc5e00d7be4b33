import type { ClickHouse } from '../clickhouse/client.ts';
import type { Leak } from '../contract/leaks.ts';
import type { LeakData, WebhookMessage } from '../contract/webhooks.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { addDays, localDate } from '../queries/range.ts';
import type { State } from '../state/database.ts';
import type { SiteDirectory, SiteRecord } from '../state/sites.ts';
import { readWatermark, writeWatermark } from '../state/watermarks.ts';
import { createTimedWork, type TimedWork } from '../timed-work.ts';
import { announce, isHeard } from '../webhooks/outbox.ts';
import { leaksReport } from './leaks-report.ts';

export interface LeakWatchDependencies {
  state: State;
  clickhouse: ClickHouse;
  sites: Pick<SiteDirectory, 'list'>;
  now: () => number;
  log: Logger;
  metrics?: Pick<Metrics, 'querySeconds'>;
}

/** Looks at every site that has not been looked at on its own calendar day. Never throws for one site: the others go on. */
export interface LeakWatch extends Omit<TimedWork, 'start'> {
  start(): void;
}

/** How often it is asked whether a new day has begun somewhere. */
const lookEveryMs = 15 * 60_000;
/** What is older was there before anybody listened, and is in the report. */
const newestDays = 30;
const rangeDays = 30;
/** The first days of a leak, found on different mornings, may differ. A second leak at one place starts later than that. */
const sameStartDays = 7;
/** Announced leaks that are remembered, by place; the outbox refuses the same leak for ever. */
const mostRemembered = 200;

interface Announced {
  place: string;
  since: string;
}

/** Once a day and site: tells those who listen to `leak.detected` of leaks that are new. */
export function createLeakWatch(deps: LeakWatchDependencies): LeakWatch {
  const { state, sites, now, log, metrics } = deps;
  async function look(): Promise<void> {
    for (const site of sites.list()) {
      try {
        await lookAt(site);
      } catch (error) {
        log.warn({ err: error, site: site.publicId }, 'leaks could not be looked for; it will be tried again');
      }
    }
  }

  async function lookAt(site: SiteRecord): Promise<void> {
    const nowMs = now();
    const today = localDate(nowMs, site.timezone);
    const dayMark = `leaks-day-${site.id}`;
    if (((await readWatermark(state.db, dayMark)) ?? '') >= today) return;
    const found = (await isHeard(state.db, { siteId: site.id, type: 'leak.detected' }))
      ? await newLeaks(site, today, nowMs)
      : [];
    await state.db.transaction().execute(async (trx) => {
      const announcedMark = `leaks-announced-${site.id}`;
      const announced = parseAnnounced(await readWatermark(trx, announcedMark));
      const news = found.filter((leak) => !announced.some((one) => isSame(one, leak)));
      for (const leak of news) {
        await announce(trx, { siteId: site.id, message: toMessage(site, leak, nowMs), once: [leak.id], nowMs });
      }
      const all = [...announced, ...news.map((leak) => ({ place: placeOf(leak), since: leak.since ?? today }))];
      await writeWatermark(trx, announcedMark, JSON.stringify(all.slice(-mostRemembered)));
      await writeWatermark(trx, dayMark, today);
    });
  }

  /** Whole days only: the first hours of today say little. */
  async function newLeaks(site: SiteRecord, today: string, nowMs: number): Promise<Leak[]> {
    const end = metrics?.querySeconds.startTimer({ name: 'leak-watch' });
    const { items } = await leaksReport(deps, {
      siteId: site.id,
      timezone: site.timezone,
      request: { from: addDays(today, -rangeDays), to: today },
      nowMs,
    });
    end?.();
    return items.filter(({ since }) => since !== null && since >= addDays(today, -newestDays));
  }

  const work = createTimedWork({
    run: look,
    onError: (error) => log.warn({ err: error }, 'leaks could not be looked for; it will be tried again'),
  });
  return { ...work, start: () => work.start(lookEveryMs) };
}

/** Also with another segment: the next days may show better who is concerned, and that is no new leak. */
function isSame(one: Announced, leak: Leak): boolean {
  const apart = Math.abs(Date.parse(one.since) - Date.parse(leak.since ?? one.since)) / 86_400_000;
  return one.place === placeOf(leak) && apart <= sameStartDays;
}

function placeOf({ where, from, to }: Leak): string {
  return JSON.stringify([where, from, to]);
}

function parseAnnounced(text: string | null): Announced[] {
  return text === null ? [] : (JSON.parse(text) as Announced[]);
}

function toMessage(site: SiteRecord, leak: Leak, nowMs: number): WebhookMessage<LeakData> {
  return {
    type: 'leak.detected',
    timestamp: new Date(nowMs).toISOString(),
    data: {
      ...leak,
      site: site.publicId,
      siteName: site.name,
      currency: site.settings.currency,
      segment: leak.who && `${leak.who.dimension}: ${leak.who.value}`,
    },
  };
}
