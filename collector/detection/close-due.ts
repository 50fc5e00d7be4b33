import type { Kysely } from 'kysely';
import type { ClickHouse } from '../clickhouse/client.ts';
import type { Rule } from '../contract/rule.ts';
import type { AbandonmentData } from '../contract/webhooks.ts';
import type { Logger } from '../log.ts';
import { viewed } from '../queries/viewed.ts';
import { type CaseRow, type IntentRow, intentOf, moveCase } from '../state/cases.ts';
import type { State } from '../state/database.ts';
import { subscribesTo } from '../state/endpoints.ts';
import { leadOfVisitors, visitorsOfSamePerson } from '../state/leads.ts';
import type { RuleBook } from '../state/rules.ts';
import type { StateSchema } from '../state/schema.ts';
import type { SiteDirectory } from '../state/sites.ts';
import { addToOutbox } from '../webhooks/outbox.ts';
import { findCompletion } from './cases.ts';
import { abandonmentMessage } from './payload.ts';
import { decideDue, type Verdict } from './rules.ts';
import { scanVisitors } from './scan.ts';
import { ruleLookup, toOpenCase } from './store-arrivals.ts';

export interface CloseDueDependencies {
  state: State;
  clickhouse: ClickHouse;
  sites: Pick<SiteDirectory, 'byId'>;
  rules: RuleBook;
  log: Logger;
}

/** Pages shown in a message. */
const viewedPages = 20;

/** What a case is judged by, read before the transaction. */
interface Finding {
  row: CaseRow;
  /** Undefined where its rule is not known here. */
  rule: Rule | undefined;
  completedAtMs: number | null;
  /** All visitors of the person. */
  visitorIds: string[];
  viewed: AbandonmentData['viewed'];
}

/**
 * Judges the cases whose wait is over: looks once more for a completion that arrived late or out of order, then stores the verdict
 * and the messages it plans in one transaction. Answers how many cases it saw; fewer than `limit` means that none is left.
 */
export async function closeDue(
  deps: CloseDueDependencies,
  { throughMs, nowMs, limit }: { throughMs: number; nowMs: number; limit: number },
): Promise<{ seen: number; abandoned: number }> {
  const { state } = deps;
  const due = await state.db
    .selectFrom('cases')
    .selectAll()
    .where('state', '=', 'waiting')
    .where('due_at_ms', '<=', throughMs)
    .orderBy('due_at_ms')
    .orderBy('id')
    .limit(limit)
    .execute();
  if (due.length === 0) return { seen: 0, abandoned: 0 };
  const findings = await investigate(deps, due, throughMs);
  let abandoned = 0;
  await state.db.transaction().execute(async (trx) => {
    for (const finding of findings) {
      const verdict = await judge(trx, deps, { finding, nowMs });
      if (await execute(trx, deps, { finding, verdict, nowMs })) abandoned += verdict.kind === 'abandoned' ? 1 : 0;
    }
  });
  return { seen: due.length, abandoned };
}

async function investigate(deps: CloseDueDependencies, due: CaseRow[], throughMs: number): Promise<Finding[]> {
  const { state, clickhouse, rules, log } = deps;
  const people = new Map<string, string[]>();
  const siteIds = [...new Set(due.map((row) => row.site_id))];
  for (const siteId of siteIds) {
    const visitors = due.filter((row) => row.site_id === siteId).map((row) => row.visitor_id);
    for (const [visitor, all] of await visitorsOfSamePerson(state, siteId, visitors)) {
      people.set(`${siteId}:${visitor}`, all);
    }
  }
  const events = await scanVisitors(clickhouse, {
    siteIds,
    visitorIds: [...new Set([...people.values()].flat())],
    fromMs: Math.min(...due.map((row) => row.received_at_ms)),
    throughMs,
  });
  const compiled = ruleLookup(rules);
  return Promise.all(
    due.map(async (row): Promise<Finding> => {
      const rule = rules.version(row.rule_id, row.rule_version);
      const compiledRule = compiled({ ruleId: row.rule_id, ruleVersion: row.rule_version });
      const visitorIds = people.get(`${row.site_id}:${row.visitor_id}`) ?? [row.visitor_id];
      const own = events.filter((event) => event.site_id === row.site_id && visitorIds.includes(event.visitor_id));
      const completion = compiledRule ? findCompletion(toOpenCase(row), { rows: own, rule: compiledRule }) : null;
      const isWritten = !completion && rule && rule.followUps.length > 0 && rules.status(row.rule_id) === 'enabled';
      return {
        row,
        rule,
        completedAtMs: completion?.atMs ?? null,
        visitorIds,
        viewed: isWritten ? await viewedBefore({ clickhouse, log }, { row, visitorIds }) : [],
      };
    }),
  );
}

/** A message without the pages seen is better than none. */
async function viewedBefore(
  { clickhouse, log }: Pick<CloseDueDependencies, 'clickhouse' | 'log'>,
  { row, visitorIds }: { row: CaseRow; visitorIds: string[] },
): Promise<AbandonmentData['viewed']> {
  try {
    return await viewed(clickhouse, {
      siteId: row.site_id,
      visitorIds,
      beforeMs: row.due_at_ms,
      limit: viewedPages,
    });
  } catch (error) {
    log.warn({ err: error, case: row.id }, 'the pages seen before an abandonment could not be read');
    return [];
  }
}

async function judge(
  db: Kysely<StateSchema>,
  { sites, rules }: CloseDueDependencies,
  { finding, nowMs }: { finding: Finding; nowMs: number },
): Promise<Verdict> {
  const { row, rule, completedAtMs, visitorIds } = finding;
  if (!rule) return { kind: 'suppressed', reason: 'rule-deleted', note: 'The rule is gone.', isAbandoned: false };
  const site = sites.byId(row.site_id);
  const lead = (await leadOfVisitors({ db }, row.site_id, [row.visitor_id])).get(row.visitor_id);
  const lastAbandoned = await db
    .selectFrom('cases')
    .select((eb) => eb.fn.max('abandoned_at').as('at'))
    .where('site_id', '=', row.site_id)
    .where('visitor_id', 'in', visitorIds)
    .where('rule_id', '=', row.rule_id)
    .where('id', '!=', row.id)
    .executeTakeFirst();
  const lastMessage = await db
    .selectFrom('deliveries')
    .innerJoin('cases', 'cases.id', 'deliveries.case_id')
    .select((eb) => eb.fn.max('deliveries.next_at_ms').as('atMs'))
    .where('cases.site_id', '=', row.site_id)
    .where('cases.visitor_id', 'in', visitorIds)
    .where('deliveries.type', '=', 'abandonment.created')
    .where('deliveries.state', 'in', ['pending', 'delivered'])
    .executeTakeFirst();
  const usable = await db
    .selectFrom('endpoints')
    .select(['id', 'events'])
    .where('site_id', '=', row.site_id)
    .where('enabled', '=', 1)
    .where('deleted_at', 'is', null)
    .execute();
  return decideDue({
    rule,
    ruleId: row.rule_id,
    ruleStatus: site ? rules.status(row.rule_id) : 'deleted',
    nowMs,
    timezone: site?.timezone ?? 'UTC',
    completedAtMs,
    personId: lead?.id ?? row.visitor_id,
    isIdentified: Boolean(lead?.email || lead?.phone),
    hasConsent: intentOf(row).persistent === 1,
    lastAbandonedAtMs: lastAbandoned?.at ? Date.parse(lastAbandoned.at) : null,
    lastMessageAtMs: lastMessage?.atMs ?? null,
    usableEndpoints: new Set(usable.filter((one) => subscribesTo(one, 'abandonment.created')).map((one) => one.id)),
  });
}

/** False where another run has judged the case already. */
async function execute(
  db: Kysely<StateSchema>,
  { sites }: CloseDueDependencies,
  { finding, verdict, nowMs }: { finding: Finding; verdict: Verdict; nowMs: number },
): Promise<boolean> {
  const { row, rule } = finding;
  const at = new Date(nowMs).toISOString();
  if (verdict.kind === 'suppressed') {
    return moveCase(db, {
      id: row.id,
      to: 'suppressed',
      reason: verdict.reason,
      note: verdict.note,
      at,
      ...(verdict.isAbandoned ? { abandonedAt: at } : {}),
    });
  }
  const isMoved = await moveCase(db, { id: row.id, to: 'abandoned', at, note: verdict.note });
  const site = sites.byId(row.site_id);
  if (!isMoved || !site || !rule) return isMoved;
  const lead = (await leadOfVisitors({ db }, row.site_id, [row.visitor_id])).get(row.visitor_id);
  const intent: IntentRow = intentOf(row);
  for (const { followUp, endpointId, atMs } of verdict.messages) {
    await addToOutbox(db, {
      siteId: row.site_id,
      endpointId,
      caseId: row.id,
      followUp,
      message: abandonmentMessage({
        caseRow: row,
        intent,
        rule,
        site,
        lead,
        viewed: finding.viewed,
        detectedAt: at,
        followUp,
        followUps: rule.followUps.length,
      }),
      nextAtMs: atMs,
      once: [row.id, String(followUp)],
      nowMs,
    });
  }
  return true;
}
