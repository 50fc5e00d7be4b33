import type { ClickHouse } from '../clickhouse/client.ts';
import type { Logger } from '../log.ts';
import { addDays, localDate, startOfDate } from '../queries/range.ts';
import type { State } from '../state/database.ts';
import type { SiteDirectory, SiteRecord } from '../state/sites.ts';
import { readWatermark, writeWatermark } from '../state/watermarks.ts';
import { createTimedWork, type TimedWork } from '../timed-work.ts';
import { announce, isHeard } from '../webhooks/outbox.ts';
import { weeklyReport } from './weekly-report.ts';

export interface WeeklyWatchDependencies {
  state: State;
  clickhouse: ClickHouse;
  sites: Pick<SiteDirectory, 'list'>;
  now: () => number;
  log: Logger;
}

/** Reports the last week of every site whose report is due and was not made. Never throws for one site: the others go on. */
export interface WeeklyWatch extends Omit<TimedWork, 'start'> {
  start(): void;
}

const lookEveryMs = 60_000;
/** Local time on Monday from which on the report of the week before is made. */
const reportHourMs = 8 * 60 * 60_000;

/** Once a week and site, Monday at 8:00 in its zone: tells those who listen to `report.weekly` how the week before went. */
export function createWeeklyWatch(deps: WeeklyWatchDependencies): WeeklyWatch {
  const { state, sites, now, log } = deps;
  async function look(): Promise<void> {
    for (const site of sites.list()) {
      try {
        await lookAt(site);
      } catch (error) {
        log.warn({ err: error, site: site.publicId }, 'the weekly report could not be made; it will be tried again');
      }
    }
  }

  async function lookAt(site: SiteRecord): Promise<void> {
    const nowMs = now();
    const monday = lastReportDay(nowMs, site.timezone);
    const mark = `weekly-${site.id}`;
    if (((await readWatermark(state.db, mark)) ?? '') >= monday) return;
    // A site that is younger than that Monday has no week to report.
    const isOld = localDate(Date.parse(site.createdAt), site.timezone) < monday;
    const data =
      isOld && (await isHeard(state.db, { siteId: site.id, type: 'report.weekly' }))
        ? await weeklyReport(deps, { site, monday, nowMs })
        : null;
    await state.db.transaction().execute(async (trx) => {
      // Another process may have been faster; the outbox would refuse the same report too.
      if (((await readWatermark(trx, mark)) ?? '') >= monday) return;
      if (data) {
        const message = { type: 'report.weekly' as const, timestamp: new Date(nowMs).toISOString(), data };
        await announce(trx, { siteId: site.id, message, once: [data.id], nowMs });
      }
      await writeWatermark(trx, mark, monday);
    });
  }

  const work = createTimedWork({
    run: look,
    onError: (error) => log.warn({ err: error }, 'the weekly report could not be made; it will be tried again'),
  });
  return { ...work, start: () => work.start(lookEveryMs) };
}

/** The last Monday on which it has been 8:00, as a date in the zone. */
export function lastReportDay(nowMs: number, timezone: string): string {
  const today = localDate(nowMs, timezone);
  const sinceMonday = (new Date(`${today}T00:00:00Z`).getUTCDay() + 6) % 7;
  const monday = addDays(today, -sinceMonday);
  return isPastEight(nowMs, monday, timezone) ? monday : addDays(monday, -7);
}

/** TRICKY: eight hours after midnight is 7:00 or 9:00 on the day a clock changes; no zone changes it on a Monday morning. */
function isPastEight(nowMs: number, date: string, timezone: string): boolean {
  return nowMs >= startOfDate(date, timezone) + reportHourMs;
}
