import { type Kysely, sql } from 'kysely';
import type { ClickHouse } from '../clickhouse/client.ts';
import type { EventRow } from '../contract/row.ts';
import { durationMs } from '../contract/time.ts';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import { moveCase } from '../state/cases.ts';
import type { State } from '../state/database.ts';
import type { RuleBook } from '../state/rules.ts';
import type { StateSchema } from '../state/schema.ts';
import type { SiteDirectory } from '../state/sites.ts';
import { createTimedWork, type TimedWork } from '../timed-work.ts';
import { closeDue } from './close-due.ts';
import { scanArrivals } from './scan.ts';
import { createStillAbandoned } from './still-abandoned.ts';
import { storeArrivals } from './store-arrivals.ts';
import { overlapMs, readWatermark, seenId, type Watermark, writeWatermark } from './watermark.ts';
import { writeCaseEvents } from './write-case-events.ts';

export interface DetectorDependencies {
  state: State;
  clickhouse: ClickHouse;
  sites: Pick<SiteDirectory, 'byId'>;
  rules: RuleBook;
  spool: {
    shippedThrough(): number;
    flush(): Promise<void>;
    append(rows: readonly EventRow[]): Promise<void>;
  };
  now: () => number;
  log: Logger;
  metrics?: Pick<Metrics, 'detectionSeconds' | 'cases'>;
}

/** A run is one tick, to the end of what is there. It throws where the event database does not answer; nothing is lost then. */
export interface Detector extends TimedWork {
  /** What the dispatcher asks before each attempt. */
  isStillAbandoned(caseId: string): Promise<'yes' | 'no' | 'unknown'>;
}

/** Events taken in one bite, so that a backlog of days does not fill the memory. */
const arrivalsPerBite = 20_000;
const casesPerBite = 200;

export function createDetector(deps: DetectorDependencies): Detector {
  const { state, rules, spool, now, log, metrics } = deps;

  async function tick(): Promise<void> {
    const startedAt = performance.now();
    const nowMs = now();
    // Beyond this, an event may be acknowledged and not yet in the database: a completion that is not seen is not missing.
    const horizonMs = Math.min(nowMs, spool.shippedThrough());
    const throughMs = await takeArrivals(horizonMs, nowMs);
    await judgeDue(throughMs, nowMs);
    await expire(throughMs, nowMs);
    await writeCaseEvents(deps);
    metrics?.detectionSeconds.observe((performance.now() - startedAt) / 1000);
  }

  /** Answers how far arrivals have been acted on. */
  async function takeArrivals(horizonMs: number, nowMs: number): Promise<number> {
    let limit = arrivalsPerBite;
    for (;;) {
      const before = (await readWatermark(state.db)) ?? startingPoint(horizonMs);
      // Also where nothing is new: a clock that was set back must not make the mark go back.
      if (before.throughMs >= horizonMs) return horizonMs;
      const arrivals = await scanArrivals(deps.clickhouse, {
        afterMs: before.throughMs - overlapMs,
        throughMs: horizonMs,
        limit,
      });
      const throughMs = Math.max(arrivals.throughMs, before.throughMs);
      // A flood inside the overlap would be read for ever: take a larger bite.
      if (throughMs === before.throughMs) limit *= 2;
      const seen = new Set(before.seen);
      const isTaken = await state.db.transaction().execute(async (trx) => {
        const current = await readWatermark(trx);
        // Another run was faster: what it did is done, so this one looks again from there.
        if (current && JSON.stringify(current) !== JSON.stringify(before)) return false;
        const counts = await storeArrivals(trx, {
          rows: arrivals.rows.filter((row) => !seen.has(seenId(row))),
          rules,
          nowMs,
        });
        await writeWatermark(trx, {
          throughMs,
          seen: arrivals.rows
            .filter((row) => Date.parse(`${row.received_at.replace(' ', 'T')}Z`) > throughMs - overlapMs)
            .map(seenId),
        });
        metrics?.cases.inc({ state: 'waiting' }, counts.started);
        metrics?.cases.inc({ state: 'suppressed' }, counts.completed);
        metrics?.cases.inc({ state: 'recovered' }, counts.recovered);
        return true;
      });
      if (isTaken && throughMs >= horizonMs) return horizonMs;
    }
  }

  /** Nothing that arrived before the oldest rule was switched on can start a case. */
  function startingPoint(horizonMs: number): Watermark {
    return { throughMs: Math.min(horizonMs - 1, ...rules.watching().map((rule) => rule.sinceMs - 1)), seen: [] };
  }

  async function judgeDue(throughMs: number, nowMs: number): Promise<void> {
    for (;;) {
      const { seen, abandoned } = await closeDue(deps, { throughMs, nowMs, limit: casesPerBite });
      metrics?.cases.inc({ state: 'abandoned' }, abandoned);
      if (seen < casesPerBite) return;
    }
  }

  /** After the recovery window nothing changes a case any more. */
  async function expire(throughMs: number, nowMs: number): Promise<void> {
    const versions = await state.db
      .selectFrom('cases')
      .select(['rule_id', 'rule_version'])
      .distinct()
      .where('state', 'in', ['abandoned', 'notified'])
      .execute();
    // One question for each window, not for each rule: most rules have the same.
    const byWindow = new Map<string, string[]>();
    for (const { rule_id, rule_version } of versions) {
      const window = rules.version(rule_id, rule_version)?.recoveryWindow;
      if (window) byWindow.set(window, [...(byWindow.get(window) ?? []), `${rule_id}:${rule_version}`]);
    }
    for (const [window, of] of byWindow) {
      const rows = await state.db
        .selectFrom('cases')
        .select(['id', 'notified_at'])
        .where('state', 'in', ['abandoned', 'notified'])
        .where('abandoned_at', '<', new Date(throughMs - durationMs(window)).toISOString())
        .where(sql<string>`rule_id || ':' || rule_version`, 'in', of)
        .limit(casesPerBite)
        .execute();
      if (rows.length === 0) continue;
      await state.db.transaction().execute(async (trx) => {
        const at = new Date(nowMs).toISOString();
        for (const { id, notified_at } of rows) {
          const unsent = notified_at === null ? await whyUnsent(trx, id) : null;
          await moveCase(trx, {
            id,
            to: 'expired',
            at,
            ...(unsent ? { remark: 'endpoint-disabled' } : {}),
            note: [`Not completed within ${window}.`, unsent].filter(Boolean).join(' '),
          });
        }
      });
      metrics?.cases.inc({ state: 'expired' }, rows.length);
    }
  }

  return {
    ...createTimedWork({
      run: tick,
      onError: (error) => log.warn({ err: error }, 'detection could not run; it will look again'),
    }),
    isStillAbandoned: createStillAbandoned(deps),
  };
}

/** Why no message of a case has arrived, in words; null where it has none. */
async function whyUnsent(db: Kysely<StateSchema>, caseId: string): Promise<string | null> {
  const row = await db
    .selectFrom('deliveries')
    .select(['state', 'state_note'])
    .where('case_id', '=', caseId)
    .where('type', '=', 'abandonment.created')
    .where('state', 'in', ['failed', 'cancelled'])
    .orderBy('follow_up')
    .executeTakeFirst();
  return row ? `No message about it arrived: ${row.state_note ?? row.state}` : null;
}
