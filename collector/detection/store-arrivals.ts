import type { Kysely } from 'kysely';
import { nanoid } from 'nanoid';
import { fromTimestamp } from '../contract/row.ts';
import type { WebhookMessage } from '../contract/webhooks.ts';
import { hash64 } from '../hash.ts';
import { addHistory, type CaseRow, type IntentRow, moveCase, noteUnwrittenRecovery } from '../state/cases.ts';
import { subscribesTo } from '../state/endpoints.ts';
import { visitorsOfSamePerson } from '../state/leads.ts';
import type { RuleBook } from '../state/rules.ts';
import type { StateSchema } from '../state/schema.ts';
import { addToOutbox, announceToHooks, recallMessages } from '../webhooks/outbox.ts';
import { type FinishedCase, foldArrivals, type OpenCase, type StartedCase } from './cases.ts';
import { type CompiledRule, compileRule } from './rules.ts';

type Db = Kysely<StateSchema>;

/** Acts on what has arrived: starts, completes and recovers cases. Call it in the transaction that moves the watermark. */
export async function storeArrivals(
  db: Db,
  options: { rows: readonly IntentRow[]; rules: RuleBook; nowMs: number },
): Promise<{ started: number; completed: number; recovered: number }> {
  const { rows, rules, nowMs } = options;
  if (rows.length === 0) return { started: 0, completed: 0, recovered: 0 };
  const sites = new Set(rows.map((row) => row.site_id));
  const { personOf, people } = await loadPeople(db, rows);
  const open = await loadOpenCases(db, people);
  const byId = new Map(open.map((row) => [row.id, row]));
  const { started, finished } = foldArrivals({
    rows,
    watched: rules
      .watching()
      .flatMap(({ siteId, rule, sinceMs }) =>
        sites.has(siteId)
          ? [{ siteId, ruleId: rule.id, version: rule.version, sinceMs, compiled: compileRule(rule) }]
          : [],
      ),
    open: open.map(toOpenCase),
    ruleOf: ruleLookup(rules),
    personOf,
    newCaseId: () => `cas_${nanoid(16)}`,
  });
  for (const one of started) await insertCase(db, one, nowMs);
  for (const one of finished) await finishCase(db, one, { row: byId.get(one.openCase.id), nowMs });
  return {
    started: started.length,
    completed: finished.filter((one) => one.outcome === 'completed').length,
    recovered: finished.filter((one) => one.outcome === 'recovered').length,
  };
}

/** Compiles each rule version once for one run. */
export function ruleLookup(rules: RuleBook): (of: { ruleId: string; ruleVersion: number }) => CompiledRule | undefined {
  const compiled = new Map<string, CompiledRule | undefined>();
  return ({ ruleId, ruleVersion }) => {
    const key = `${ruleId}:${ruleVersion}`;
    if (!compiled.has(key)) {
      const rule = rules.version(ruleId, ruleVersion);
      compiled.set(key, rule && compileRule(rule));
    }
    return compiled.get(key);
  };
}

export function toOpenCase(row: CaseRow): OpenCase {
  return {
    id: row.id,
    siteId: row.site_id,
    ruleId: row.rule_id,
    ruleVersion: row.rule_version,
    visitorId: row.visitor_id,
    key: row.key,
    state: row.state === 'waiting' ? 'waiting' : row.state === 'suppressed' ? 'withheld' : 'abandoned',
    occurredMs: Date.parse(row.occurred_at),
    occurredSeq: row.occurred_seq,
    abandonedAtMs: row.abandoned_at === null ? null : Date.parse(row.abandoned_at),
  };
}

async function loadPeople(db: Db, rows: readonly IntentRow[]) {
  const visitors = new Map<number, Set<string>>();
  for (const row of rows) {
    const ofSite = visitors.get(row.site_id) ?? new Set<string>();
    visitors.set(row.site_id, ofSite.add(row.visitor_id));
  }
  const people = new Map<number, Map<string, string[]>>();
  for (const [siteId, ids] of visitors) people.set(siteId, await visitorsOfSamePerson({ db }, siteId, [...ids]));
  return {
    people,
    personOf: (siteId: number, visitorId: string) => people.get(siteId)?.get(visitorId) ?? [visitorId],
  };
}

async function loadOpenCases(db: Db, people: Map<number, Map<string, string[]>>): Promise<CaseRow[]> {
  const found: CaseRow[] = [];
  for (const [siteId, ofSite] of people) {
    const ids = [...new Set([...ofSite.values()].flat())];
    // SQLite takes at most 32,766 values in one statement.
    for (let start = 0; start < ids.length; start += 10_000) {
      const rows = await db
        .selectFrom('cases')
        .selectAll()
        .where('site_id', '=', siteId)
        .where('visitor_id', 'in', ids.slice(start, start + 10_000))
        .where((eb) =>
          eb.or([
            eb('state', 'in', ['waiting', 'abandoned', 'notified']),
            eb.and([
              eb('state', '=', 'suppressed'),
              eb('abandoned_at', 'is not', null),
              eb('recovered_at', 'is', null),
            ]),
          ]),
        )
        .execute();
      found.push(...rows);
    }
  }
  return found;
}

async function insertCase(db: Db, started: StartedCase, nowMs: number): Promise<void> {
  const { intent } = started;
  const at = new Date(nowMs).toISOString();
  const inserted = await db
    .insertInto('cases')
    .values({
      id: started.id,
      site_id: started.siteId,
      rule_id: started.ruleId,
      rule_version: started.ruleVersion,
      dedup_key: hash64(
        String(started.siteId),
        started.ruleId,
        started.visitorId,
        started.key,
        intent.page_id,
        String(intent.seq),
      ),
      visitor_id: started.visitorId,
      session_id: intent.session_id,
      key: started.key,
      state: 'waiting',
      reason: null,
      intent: JSON.stringify(intent),
      occurred_at: new Date(started.occurredMs).toISOString(),
      occurred_seq: started.occurredSeq,
      received_at_ms: started.receivedAtMs,
      due_at_ms: started.dueAtMs,
      abandoned_at: null,
      notified_at: null,
      recovered_at: null,
      created_at: at,
      value: intent.value,
      currency: intent.currency,
    })
    .onConflict((conflict) => conflict.column('dedup_key').doNothing())
    .executeTakeFirstOrThrow();
  if (inserted.numInsertedOrUpdatedRows !== 1n) return;
  await addHistory(db, {
    case_id: started.id,
    at,
    state: 'waiting',
    reason: null,
    note: `${intent.name} on ${intent.path} at ${new Date(fromTimestamp(intent.ts)).toISOString()}.`,
  });
}

async function finishCase(
  db: Db,
  { openCase, outcome, completion }: FinishedCase,
  { row, nowMs }: { row: CaseRow | undefined; nowMs: number },
): Promise<void> {
  const at = new Date(nowMs).toISOString();
  const note = `${completion.event} at ${new Date(completion.atMs).toISOString()}.`;
  switch (outcome) {
    case 'completed':
      await moveCase(db, { id: openCase.id, to: 'suppressed', reason: 'completed', at, note });
      return;
    case 'completed-unwritten':
      await noteUnwrittenRecovery(db, {
        id: openCase.id,
        at,
        reason: row?.reason ?? null,
        completion,
        note: `Completed later, without a message: ${note}`,
      });
      return;
    case 'recovered': {
      const isMoved = await moveCase(db, { id: openCase.id, to: 'recovered', at, note, completion });
      if (isMoved) await tellOfRecovery(db, { openCase, atMs: completion.atMs, nowMs });
      return;
    }
  }
}

/** Takes back what was not sent; whoever has, or may have, got a message is told that its case is over. */
async function tellOfRecovery(
  db: Db,
  { openCase, atMs, nowMs }: { openCase: OpenCase; atMs: number; nowMs: number },
): Promise<void> {
  const told = await recallMessages(db, { caseId: openCase.id, note: 'The visitor has completed it.' });
  if (told.size === 0) return;
  const sent = await db
    .selectFrom('deliveries')
    .innerJoin('endpoints', 'endpoints.id', 'deliveries.endpoint_id')
    .select(['deliveries.endpoint_id', 'deliveries.body', 'endpoints.events'])
    .where('deliveries.case_id', '=', openCase.id)
    .where('deliveries.type', '=', 'abandonment.created')
    .where('deliveries.endpoint_id', 'in', [...told])
    .where('endpoints.enabled', '=', 1)
    .where('endpoints.deleted_at', 'is', null)
    .orderBy('deliveries.follow_up')
    .execute();
  const recovered = (body: string): WebhookMessage => ({
    type: 'abandonment.recovered',
    timestamp: new Date(atMs).toISOString(),
    data: { ...(JSON.parse(body) as WebhookMessage).data, state: 'recovered' },
  });
  for (const { endpoint_id, body, events } of sent) {
    if (!subscribesTo({ events }, 'abandonment.recovered')) continue;
    await addToOutbox(db, {
      siteId: openCase.siteId,
      endpointId: endpoint_id,
      caseId: openCase.id,
      message: recovered(body),
      nextAtMs: nowMs,
      // Once for each endpoint, however many follow-ups it has got.
      once: [openCase.id],
      nowMs,
    });
  }
  const [first] = sent;
  if (!first) return;
  await announceToHooks(db, {
    siteId: openCase.siteId,
    caseId: openCase.id,
    message: recovered(first.body),
    once: [openCase.id],
    nowMs,
  });
}
