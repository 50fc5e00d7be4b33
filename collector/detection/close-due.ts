import type { Kysely } from 'kysely';
import type { ClickHouse } from '../clickhouse/client.ts';
import { fromTimestamp } from '../contract/row.ts';
import type { Rule } from '../contract/rule.ts';
import type { AbandonmentData } from '../contract/webhooks.ts';
import type { Logger } from '../log.ts';
import { lastPages, viewed } from '../queries/viewed.ts';
import { type CaseRow, type Completion, type IntentRow, intentOf, moveCase } from '../state/cases.ts';
import type { State } from '../state/database.ts';
import { type LeadSummary, leadOfVisitors, leadZones, visitorsOfSamePerson } from '../state/leads.ts';
import type { RuleBook } from '../state/rules.ts';
import type { StateSchema } from '../state/schema.ts';
import type { SiteDirectory } from '../state/sites.ts';
import { usableEndpointsOf } from '../state/usable-endpoints.ts';
import { addToOutbox } from '../webhooks/outbox.ts';
import { busiestMinute } from './busiest-minute.ts';
import { findCompletion } from './cases.ts';
import { hooksOf, withHooks } from './hooks.ts';
import { abandonmentMessage } from './payload.ts';
import { type CompiledRule, decideDue, type Verdict } from './rules.ts';
import { earliestCompletion, inOrder, scanVisitors } from './scan.ts';
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
  /** With the subscriptions of no-code tools behind its own follow-ups. Undefined where its rule is not known here. */
  rule: Rule | undefined;
  /** How many messages the rule itself plans. */
  ownFollowUps: number;
  completion: Completion | null;
  /** Events of the rule within any minute since the intent: a program makes many. */
  eventsInMinute: number;
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
    const around = await lookAround(trx, findings);
    for (const finding of findings) {
      const verdict = await judge(trx, deps, { finding, around, nowMs });
      if (await execute(trx, deps, { finding, around, verdict, nowMs }))
        abandoned += verdict.kind === 'abandoned' ? 1 : 0;
    }
  });
  return { seen: due.length, abandoned };
}

async function investigate(deps: CloseDueDependencies, due: CaseRow[], throughMs: number): Promise<Finding[]> {
  const { state, clickhouse, rules } = deps;
  const people = new Map<string, string[]>();
  const siteIds = [...new Set(due.map((row) => row.site_id))];
  for (const siteId of siteIds) {
    const visitors = due.filter((row) => row.site_id === siteId).map((row) => row.visitor_id);
    for (const [visitor, all] of await visitorsOfSamePerson(state, siteId, visitors)) {
      people.set(`${siteId}:${visitor}`, all);
    }
  }
  const events = groupByVisitor(
    await scanVisitors(clickhouse, {
      siteIds,
      visitorIds: [...new Set([...people.values()].flat())],
      fromMs: Math.min(...due.map((row) => earliestCompletion(row))),
      throughMs,
    }),
  );
  const compiled = ruleLookup(rules);
  const hooks = await hooksOf(state, siteIds);
  const judged = due.map((row) => {
    const compiledRule = compiled({ ruleId: row.rule_id, ruleVersion: row.rule_version });
    const visitorIds = people.get(`${row.site_id}:${row.visitor_id}`) ?? [row.visitor_id];
    const own = inOrder(visitorIds.flatMap((visitor) => events.get(`${row.site_id}:${visitor}`) ?? []));
    const completion = compiledRule ? findCompletion(toOpenCase(row), { rows: own, rule: compiledRule }) : null;
    const rule = rules.version(row.rule_id, row.rule_version);
    return {
      row,
      rule: rule && withHooks(rule, hooks.get(row.site_id) ?? []),
      ownFollowUps: rule?.followUps.length ?? 0,
      completion,
      eventsInMinute: compiledRule ? countInMinute(own, row, compiledRule) : 0,
      visitorIds,
    };
  });
  const pages = await pagesBefore(
    deps,
    judged.filter(
      ({ row, rule, completion }) =>
        !completion && rule && rule.followUps.length > 0 && rules.status(row.rule_id) === 'enabled',
    ),
  );
  return judged.map((one) => ({ ...one, viewed: pages.get(one.row.id) ?? [] }));
}

function groupByVisitor(events: readonly IntentRow[]): Map<string, IntentRow[]> {
  const groups = new Map<string, IntentRow[]>();
  for (const event of events) {
    const key = `${event.site_id}:${event.visitor_id}`;
    const group = groups.get(key);
    if (group) group.push(event);
    else groups.set(key, [event]);
  }
  return groups;
}

function countInMinute(events: readonly IntentRow[], row: CaseRow, rule: CompiledRule): number {
  const fromMs = Date.parse(row.occurred_at);
  const ofRule = events.filter((event) => rule.isIntent(event) || rule.isCompletion(event, ''));
  return busiestMinute(ofRule.map(({ ts }) => fromTimestamp(ts)).filter((ms) => ms >= fromMs));
}

/**
 * Pages seen before, by case id: one question for each site, however many cases. A message without the pages seen is better than
 * none, so a failure is only logged.
 */
async function pagesBefore(
  { clickhouse, log }: Pick<CloseDueDependencies, 'clickhouse' | 'log'>,
  cases: readonly { row: CaseRow; visitorIds: readonly string[] }[],
): Promise<Map<string, AbandonmentData['viewed']>> {
  const found = new Map<string, AbandonmentData['viewed']>();
  for (const siteId of new Set(cases.map(({ row }) => row.site_id))) {
    const ofSite = cases.filter(({ row }) => row.site_id === siteId);
    const before = new Map<string, number>();
    for (const { row, visitorIds } of ofSite) {
      for (const visitor of visitorIds) before.set(visitor, Math.max(before.get(visitor) ?? 0, row.due_at_ms));
    }
    try {
      // Twice as many as are shown: a person with two cases in one bite is asked for once, up to the later one.
      const pages = await viewed(clickhouse, { siteId, before, limit: 2 * viewedPages });
      for (const { row, visitorIds } of ofSite) {
        found.set(row.id, lastPages(pages, { visitorIds, beforeMs: row.due_at_ms, limit: viewedPages }));
      }
    } catch (error) {
      log.warn({ err: error, site: siteId }, 'the pages seen before abandonments could not be read');
    }
  }
  return found;
}

/** What does not depend on the other cases of the bite: read once for all of them. */
interface Surroundings {
  /** By site and visitor. */
  leads: ReadonlyMap<string, LeadSummary>;
  /** Time zones that leads have told. */
  zones: ReadonlyMap<string, string>;
  usableEndpoints: ReadonlyMap<number, ReadonlySet<string>>;
}

async function lookAround(db: Kysely<StateSchema>, findings: readonly Finding[]): Promise<Surroundings> {
  const leads = new Map<string, LeadSummary>();
  const usableEndpoints = new Map<number, ReadonlySet<string>>();
  for (const siteId of new Set(findings.map(({ row }) => row.site_id))) {
    const visitors = findings.filter(({ row }) => row.site_id === siteId).map(({ row }) => row.visitor_id);
    for (const [visitor, lead] of await leadOfVisitors({ db }, siteId, visitors))
      leads.set(`${siteId}:${visitor}`, lead);
    usableEndpoints.set(siteId, await usableEndpointsOf(db, siteId));
  }
  const asked = findings.flatMap(({ row, rule }) =>
    rule?.quietHours?.zone === 'lead' ? (leads.get(`${row.site_id}:${row.visitor_id}`)?.id ?? []) : [],
  );
  return { leads, zones: await leadZones({ db }, asked), usableEndpoints };
}

async function judge(
  db: Kysely<StateSchema>,
  { sites, rules }: CloseDueDependencies,
  { finding, around, nowMs }: { finding: Finding; around: Surroundings; nowMs: number },
): Promise<Verdict> {
  const { row, rule, completion, eventsInMinute, visitorIds } = finding;
  if (!rule) {
    return { kind: 'suppressed', reason: 'rule-deleted', note: 'The rule is gone.', isAbandoned: false, checks: [] };
  }
  const site = sites.byId(row.site_id);
  const lead = around.leads.get(`${row.site_id}:${row.visitor_id}`);
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
    .where('cases.id', '!=', row.id)
    .where('deliveries.type', '=', 'abandonment.created')
    .where('deliveries.state', 'in', ['pending', 'delivered'])
    .executeTakeFirst();
  return decideDue({
    rule,
    ruleId: row.rule_id,
    ruleStatus: site ? rules.status(row.rule_id) : 'deleted',
    nowMs,
    timezone:
      (lead && rule.quietHours?.zone === 'lead' ? around.zones.get(lead.id) : undefined) ?? site?.timezone ?? 'UTC',
    completedAtMs: completion?.atMs ?? null,
    eventsInMinute,
    personId: lead?.id ?? row.visitor_id,
    isIdentified: Boolean(lead?.email || lead?.phone),
    hasConsent: intentOf(row).persistent === 1,
    lastAbandonedAtMs: lastAbandoned?.at ? Date.parse(lastAbandoned.at) : null,
    lastMessageAtMs: lastMessage?.atMs ?? null,
    usableEndpoints: around.usableEndpoints.get(row.site_id) ?? new Set(),
  });
}

/** False where another run has judged the case already. */
async function execute(
  db: Kysely<StateSchema>,
  { sites }: CloseDueDependencies,
  options: { finding: Finding; around: Surroundings; verdict: Verdict; nowMs: number },
): Promise<boolean> {
  const { finding, around, verdict, nowMs } = options;
  const { row, rule, ownFollowUps } = finding;
  const at = new Date(nowMs).toISOString();
  const lead = around.leads.get(`${row.site_id}:${row.visitor_id}`);
  const judged = { person: lead?.id ?? row.visitor_id, checks: verdict.checks };
  const { note } = verdict;
  if (verdict.kind === 'suppressed') {
    return moveCase(db, {
      id: row.id,
      to: 'suppressed',
      reason: verdict.reason,
      note,
      at,
      judged,
      ...(verdict.isAbandoned ? { abandonedAt: at } : {}),
    });
  }
  const remark = verdict.remark ? { remark: verdict.remark } : {};
  const isMoved = await moveCase(db, { id: row.id, to: 'abandoned', at, note, judged, ...remark });
  const site = sites.byId(row.site_id);
  if (!isMoved || !site || !rule) return isMoved;
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
        followUp: followUp > ownFollowUps ? 1 : followUp,
        followUps: Math.max(1, ownFollowUps),
      }),
      nextAtMs: atMs,
      once: [row.id, String(followUp)],
      nowMs,
    });
  }
  return true;
}
