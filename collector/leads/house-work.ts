import { type Kysely, sql } from 'kysely';
import type { ClickHouse } from '../clickhouse/client.ts';
import { groupBy } from '../group-by.ts';
import type { Logger } from '../log.ts';
import { addDays, localDate, startOfDate } from '../queries/range.ts';
import type { State } from '../state/database.ts';
import type { HouseBook } from '../state/house-rules.ts';
import type { LeadRow } from '../state/lead-ledger.ts';
import { readTurns, takeTurn } from '../state/owner-turns.ts';
import type { StateSchema } from '../state/schema.ts';
import type { SiteDirectory, SiteRecord } from '../state/sites.ts';
import { createTimedWork, type TimedWork } from '../timed-work.ts';
import { followArrivals, followReturns } from './follow-web.ts';
import { judgeLead } from './judge-lead.ts';
import { readKnown } from './read-known.ts';
import { recordOnLead } from './record.ts';
import { webHits } from './web-hits.ts';

export interface HouseWorkDependencies {
  state: State;
  clickhouse: ClickHouse;
  sites: Pick<SiteDirectory, 'byId' | 'list'>;
  house: HouseBook;
  spool: { shippedThrough(): number };
  now: () => number;
  log: Logger;
}

/** What the website saw of so many leads is read at once: asking it costs nearly the same for one as for hundreds. */
const leadsPerLook = 500;
/** A transaction holds up everything else for its time: fifty leads are well under a tenth of a second. */
const leadsPerBite = 50;
/** How long a lead waits that was taken up and not judged, because of a crash or because the website could not be asked. */
const againMs = 60_000;
const returnsEveryMs = 60_000;

/**
 * Applies the rules of the house to every lead that is due: routing, clocks, waking up, putting back, scores, levels. Whatever it
 * decides follows from what is stored, and each bite is one transaction: killed at any moment, it goes on where it was.
 */
export function createHouseWork(deps: HouseWorkDependencies): TimedWork {
  const { state, clickhouse, sites, house, spool, now, log } = deps;
  let lookedForReturnsMs = Number.NEGATIVE_INFINITY;

  async function tick(): Promise<void> {
    const nowMs = now();
    // The house goes on by itself while the event database does not answer; it looks at the website again then.
    const problem = await follow(nowMs).catch((error: unknown) => ({ error }));
    await judgeDue(nowMs);
    if (problem) throw problem.error;
  }

  async function follow(nowMs: number): Promise<void> {
    const horizonMs = Math.min(nowMs, spool.shippedThrough());
    const following = { state, clickhouse, house, siteIds: sites.list().map(({ id }) => id) };
    await followArrivals(following, { horizonMs });
    if (nowMs - lookedForReturnsMs < returnsEveryMs) return;
    for (const siteId of following.siteIds) await followReturns(following, { siteId, horizonMs });
    lookedForReturnsMs = nowMs;
  }

  async function judgeDue(nowMs: number): Promise<void> {
    for (;;) {
      const due = await state.db
        .selectFrom('leads')
        .selectAll()
        .where('judge_at_ms', '<=', nowMs)
        .where('merged_into', 'is', null)
        .orderBy('judge_at_ms')
        .orderBy('number')
        .limit(leadsPerLook)
        .execute();
      if (due.length === 0) return;
      // Whatever happens to one of them from here on moves this moment, and it is judged again.
      await lookAgain(state.db, due, nowMs + againMs);
      for (const [siteId, leads] of groupBy(due, ({ site_id }) => site_id)) {
        const site = sites.byId(siteId);
        if (site) await judgeLeads(site, leads, nowMs);
        // A site that was stopped: nobody looks at its leads any more.
        else await lookAgain(state.db, leads, null);
      }
    }
  }

  async function judgeLeads(site: SiteRecord, leads: readonly LeadRow[], nowMs: number): Promise<void> {
    const leadIds = leads.map(({ id }) => id);
    const reading = { siteId: site.id, leadIds, house: house.of(site.id), nowMs };
    const seen = await webHits({ db: state.db, clickhouse }, reading).catch((error: unknown) => {
      log.warn({ err: error, site: site.publicId }, 'leads could not be looked up on the website; they wait');
      return null;
    });
    if (!seen) return;
    for (let start = 0; start < leadIds.length; start += leadsPerBite) {
      await judgeBite(site, leadIds.slice(start, start + leadsPerBite), { seen, nowMs });
      // Requests that waited meanwhile come first.
      await new Promise((go) => setImmediate(go));
    }
  }

  async function judgeBite(
    site: SiteRecord,
    leadIds: readonly string[],
    { seen, nowMs }: { seen: Awaited<ReturnType<typeof webHits>>; nowMs: number },
  ): Promise<void> {
    const rules = house.of(site.id);
    const today = localDate(nowMs, site.timezone);
    const tomorrowMs = startOfDate(addDays(today, 1), site.timezone);
    await state.db.transaction().execute(async (trx) => {
      const loads = await readTurns(trx, { siteId: site.id, on: today });
      const people = await readKnown(trx, leadIds, seen);
      const judged: Judged[] = [];
      for (const id of leadIds) {
        const known = people.get(id);
        if (known?.lead.judge_at_ms !== nowMs + againMs) continue;
        const { timezone } = site;
        const verdict = judgeLead(known, { house: rules, timezone, nowMs, tomorrowMs, loads });
        if (verdict.events.length > 0) {
          await recordOnLead(trx, { site, leadId: id, events: verdict.events, nowMs, reactions: [] });
        }
        if (verdict.given !== null) {
          await takeTurn(trx, { siteId: site.id, ownerId: verdict.given, on: today });
          const turns = [...loads.values()].map(({ lastTurn }) => lastTurn);
          loads.set(verdict.given, {
            today: (loads.get(verdict.given)?.today ?? 0) + 1,
            lastTurn: Math.max(0, ...turns) + 1,
          });
        }
        judged.push({ id, score: verdict.score, nextMs: verdict.nextMs });
      }
      await keepJudged(trx, judged);
    });
  }

  return createTimedWork({
    run: tick,
    onError: (error) => log.warn({ err: error }, 'the rules of the house could not be applied; it will be tried again'),
  });
}

async function lookAgain(db: Kysely<StateSchema>, leads: readonly LeadRow[], atMs: number | null): Promise<void> {
  await db
    .updateTable('leads')
    .set({ judge_at_ms: atMs })
    .where(
      'id',
      'in',
      leads.map(({ id }) => id),
    )
    .execute();
}

interface Judged {
  id: string;
  score: number;
  nextMs: number | null;
}

/** One statement for all: most leads that are judged have only lost a point. */
async function keepJudged(trx: Kysely<StateSchema>, judged: readonly Judged[]): Promise<void> {
  await sql`UPDATE leads SET score = j.value ->> 'score', judge_at_ms = j.value ->> 'nextMs'
    FROM json_each(${JSON.stringify(judged)}) AS j WHERE leads.id = j.value ->> 'id'`.execute(trx);
}
