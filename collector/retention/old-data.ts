import type { Kysely } from 'kysely';
import type { ClickHouse } from '../clickhouse/client.ts';
import { deleteRows } from '../clickhouse/delete-rows.ts';
import { param, sql as question } from '../clickhouse/sql.ts';
import { toTimestamp } from '../contract/row.ts';
import { durationMs } from '../contract/time.ts';
import type { Logger } from '../log.ts';
import { addDays, localDate, startOfDate } from '../queries/range.ts';
import type { State } from '../state/database.ts';
import { deleteCases, deleteMessages } from '../state/delete-records.ts';
import type { StateSchema } from '../state/schema.ts';
import type { SiteDirectory, SiteRecord } from '../state/sites.ts';
import { createTimedWork, type TimedWork } from '../timed-work.ts';
import { deleteInSteps } from './delete-in-steps.ts';
import { eraseDeletedSites } from './deleted-sites.ts';

export interface OldDataDependencies {
  state: State;
  clickhouse: Pick<ClickHouse, 'query' | 'command'>;
  sites: Pick<SiteDirectory, 'list'>;
  now: () => number;
  log: Pick<Logger, 'info' | 'warn'>;
}

/** Deletes what is older than a site keeps, and what is left of deleted sites. Never throws for one site: the others go on. */
export interface OldData extends Omit<TimedWork, 'start'> {
  start(): void;
}

const lookEveryMs = 60 * 60_000;
/** ClickHouse writes a whole month again to take a day out of it, so the days of a week are taken together. */
const weekMs = 7 * 24 * 60 * 60_000;

/**
 * What a site keeps (`retentionDays` of its settings) is asked of the data and not of a diary: as soon as something lies a week
 * before the border, everything before the border goes. So it does not matter how old events came in: by a replay, an import or
 * a backup that was restored.
 */
export function createOldData({ state, clickhouse, sites, now, log }: OldDataDependencies): OldData {
  async function look(): Promise<void> {
    for (const site of sites.list()) {
      const borderMs = keptFromMs(site, now());
      if (borderMs === undefined) continue;
      try {
        const deleted = {
          events: await deleteEvents(clickhouse, site, borderMs),
          ...(await deleteRecords(state.db, site, borderMs, now())),
        };
        if (deleted.events || deleted.cases || deleted.messages)
          log.info(
            { site: site.publicId, before: new Date(borderMs).toISOString(), ...deleted },
            'deleted what the site no longer keeps',
          );
      } catch (error) {
        log.warn({ err: error, site: site.publicId }, 'old events could not be deleted; it will be tried again');
      }
    }
    await eraseDeletedSites({ state, clickhouse, now, log });
  }

  const work = createTimedWork({
    run: look,
    onError: (error) => log.warn({ err: error }, 'old events could not be deleted; it will be tried again'),
  });
  return {
    ...work,
    start() {
      // A backup that was restored may hold what is long gone.
      void work.runOnce();
      work.start(lookEveryMs);
    },
  };
}

/** Start of the first day, in its zone, of which a site keeps the events, ms; undefined where it keeps all. */
export function keptFromMs(
  { settings: { retentionDays }, timezone }: Pick<SiteRecord, 'settings' | 'timezone'>,
  nowMs: number,
): number | undefined {
  if (retentionDays === null) return undefined;
  return startOfDate(addDays(localDate(nowMs, timezone), -retentionDays), timezone);
}

/** How many events, once there are some that lie a week before the border; otherwise 0, and nothing is deleted. */
async function deleteEvents(
  clickhouse: OldDataDependencies['clickhouse'],
  { id }: SiteRecord,
  borderMs: number,
): Promise<number> {
  const due = param.dateTime(borderMs - weekMs);
  const border = param.dateTime(borderMs);
  const { rows } = await clickhouse.query<{ old: number }>(
    question`SELECT toFloat64(if(min(ts) < ${due}, count(), 0)) AS old FROM events
      WHERE site_id = ${param.uint32(id)} AND toDate(ts) <= toDate(${border}) AND ts < ${border}`,
    { name: 'old-events' },
  );
  const old = rows[0]?.old ?? 0;
  if (old === 0) return 0;
  const before = `toDateTime64('${toTimestamp(borderMs)}', 3, 'UTC')`;
  await deleteRows(clickhouse, (table) => `site_id = ${id} AND ${table === 'sessions' ? 'ended' : 'ts'} < ${before}`);
  return old;
}

/** Cases and messages about visitors. What has not come to its end stays, and what a rule must remember so as not to write to somebody too soon. */
async function deleteRecords(
  db: Kysely<StateSchema>,
  { id }: SiteRecord,
  borderMs: number,
  nowMs: number,
): Promise<{ cases: number; messages: number }> {
  const border = new Date(borderMs).toISOString();
  const messages = await deleteInSteps(
    db,
    (trx) =>
      trx
        .selectFrom('deliveries')
        .select('id')
        .where('site_id', '=', id)
        .where('created_at', '<', border)
        .where('state', '!=', 'pending')
        .where(({ or, eb }) => or([eb('case_id', 'is not', null), eb('type', '=', 'funnel.people')])),
    deleteMessages,
  );
  const remembered = new Date(Math.min(borderMs, nowMs - (await longestMemoryMs(db, id)))).toISOString();
  const cases = await deleteInSteps(
    db,
    (trx) =>
      trx
        .selectFrom('cases')
        .select('id')
        .where('site_id', '=', id)
        .where('occurred_at', '<', remembered)
        .where('state', 'in', ['recovered', 'expired', 'suppressed'])
        .where(({ not, exists, selectFrom }) =>
          not(exists(selectFrom('deliveries').select('deliveries.id').whereRef('deliveries.case_id', '=', 'cases.id'))),
        ),
    deleteCases,
  );
  return { cases, messages };
}

/** The longest time for which a rule of the site has to know whom it has written to. */
async function longestMemoryMs(db: Kysely<StateSchema>, siteId: number): Promise<number> {
  const rules = await db
    .selectFrom('rules')
    .select('definition')
    .where('site_id', '=', siteId)
    .where('deleted_at', 'is', null)
    .execute();
  const times = rules.flatMap(({ definition }) => {
    const { cooldown, perPersonCap } = JSON.parse(definition) as { cooldown: string; perPersonCap: string };
    return [durationMs(cooldown), durationMs(perPersonCap)];
  });
  return Math.max(0, ...times);
}
