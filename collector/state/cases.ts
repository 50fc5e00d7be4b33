import type { ExpressionBuilder, Kysely, Selectable } from 'kysely';
import type { CaseCheck } from '../contract/abandonment.ts';
import { type CaseEvent, type CaseState, caseStates, type SuppressReason } from '../contract/names.ts';
import type { EventRow } from '../contract/row.ts';
import { type Keyset, parseCursor, toPage } from './keyset.ts';
import type { StateSchema } from './schema.ts';

export type CaseRow = Selectable<StateSchema['cases']>;

/** The columns of `intents` that a case keeps of the event that started it. */
export type IntentRow = Pick<
  EventRow,
  | 'received_at'
  | 'site_id'
  | 'ts'
  | 'seq'
  | 'visitor_id'
  | 'session_id'
  | 'page_id'
  | 'name'
  | 'path'
  | 'host'
  | 'origin'
  | 'title'
  | 'props'
  | 'value'
  | 'currency'
  | 'country'
  | 'device'
  | 'channel'
  | 'source'
  | 'medium'
  | 'campaign'
  | 'referrer'
  | 'persistent'
>;

export function intentOf(row: Pick<CaseRow, 'intent'>): IntentRow {
  return JSON.parse(row.intent) as IntentRow;
}

/** From which states a case may move where. Everything else is a mistake of ours. */
const moves: Record<CaseState, readonly CaseState[]> = {
  waiting: ['abandoned', 'suppressed'],
  // Not suppressed: a second run that judges the same case comes too late.
  abandoned: ['notified', 'recovered', 'expired'],
  notified: ['recovered', 'expired'],
  recovered: [],
  expired: [],
  suppressed: [],
};

export function mayMove(from: CaseState, to: CaseState): boolean {
  return moves[from].includes(to);
}

export interface CaseMove {
  id: string;
  to: Exclude<CaseState, 'waiting'>;
  at: string;
  reason?: SuppressReason;
  /** Why it moved on although nothing stops it, as `quiet-hours` of a message that waits. */
  remark?: SuppressReason;
  note?: string;
  /** Also set `abandoned_at`: a message was withheld although the wait had ended without a completion. */
  abandonedAt?: string;
  /** What the case was judged by. */
  judged?: { person: string; checks: readonly CaseCheck[] };
  /** Of the event that completed it. */
  completion?: Completion;
}

export interface Completion {
  atMs: number;
  event: string;
  /** Money it carries; 0: none. */
  value: number;
  currency: string;
}

/**
 * Moves a case, writes its history and what is to be told of it as an event. Answers false, and writes nothing, where the case is
 * in a state from which it may not move there: somebody else was first. Call it inside a transaction.
 */
export async function moveCase(db: Kysely<StateSchema>, move: CaseMove): Promise<boolean> {
  const from = caseStates.filter((state) => mayMove(state, move.to));
  const { numUpdatedRows } = await db
    .updateTable('cases')
    .set({
      state: move.to,
      reason: move.reason ?? null,
      ...(move.to === 'abandoned' ? { abandoned_at: move.at } : {}),
      ...(move.to === 'notified' ? { notified_at: move.at } : {}),
      ...(move.to === 'recovered' ? recoveredColumns(move.at, move.completion) : {}),
      ...(move.abandonedAt ? { abandoned_at: move.abandonedAt } : {}),
      ...(move.judged ? { person: move.judged.person, checks: JSON.stringify(move.judged.checks) } : {}),
    })
    .where('id', '=', move.id)
    .where('state', 'in', from)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) return false;
  const reason = move.reason ?? null;
  await addHistory(db, {
    case_id: move.id,
    at: move.at,
    state: move.to,
    reason: reason ?? move.remark ?? null,
    note: move.note ?? null,
  });
  const name = eventOf(move);
  if (name) {
    await addCaseEvent(db, { case_id: move.id, name, at_ms: Date.parse(move.at), state: move.to, reason });
  }
  return true;
}

/** A withheld case that was completed after all: no message tells of it, the reports count it. */
export async function noteUnwrittenRecovery(
  db: Kysely<StateSchema>,
  options: { id: string; at: string; reason: string | null; completion: Completion; note: string },
): Promise<void> {
  const { id, at, reason, completion, note } = options;
  const { numUpdatedRows } = await db
    .updateTable('cases')
    .set(recoveredColumns(at, completion))
    .where('id', '=', id)
    .where('recovered_at', 'is', null)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) return;
  await addHistory(db, { case_id: id, at, state: 'suppressed', reason, note });
  await addCaseEvent(db, {
    case_id: id,
    name: 'abandonment_recovered',
    at_ms: Date.parse(at),
    state: 'suppressed',
    reason,
  });
}

function recoveredColumns(at: string, completion: Completion | undefined) {
  return {
    recovered_at: at,
    recovered_value: completion && completion.value !== 0 ? completion.value : null,
    recovered_currency: completion && completion.value !== 0 ? completion.currency : null,
  };
}

/** What a move is called as an event; none where somebody finished in time, because that event is there already. */
function eventOf({ to, reason, abandonedAt }: CaseMove): CaseEvent | undefined {
  switch (to) {
    case 'abandoned':
      return 'abandonment';
    case 'notified':
      return 'abandonment_notified';
    case 'recovered':
      return 'abandonment_recovered';
    case 'expired':
      return 'abandonment_expired';
    case 'suppressed':
      if (abandonedAt) return 'abandonment';
      return reason === 'completed' ? undefined : 'abandonment_suppressed';
  }
}

async function addCaseEvent(
  db: Kysely<StateSchema>,
  event: { case_id: string; name: CaseEvent; at_ms: number; state: CaseState; reason: string | null },
): Promise<void> {
  await db
    .insertInto('case_events')
    .values(event)
    .onConflict((conflict) => conflict.columns(['case_id', 'name']).doNothing())
    .execute();
}

export async function addHistory(
  db: Kysely<StateSchema>,
  entry: { case_id: string; at: string; state: CaseState; reason: string | null; note: string | null },
): Promise<void> {
  await db.insertInto('case_history').values(entry).execute();
}

/** Ends every waiting case of a rule and takes back its messages that were not sent. */
export async function closeCasesOfRule(
  db: Kysely<StateSchema>,
  { ruleId, reason, at }: { ruleId: string; reason: 'rule-disabled' | 'rule-deleted'; at: string },
): Promise<void> {
  const waiting = await db
    .selectFrom('cases')
    .select('id')
    .where('rule_id', '=', ruleId)
    .where('state', '=', 'waiting')
    .execute();
  for (const { id } of waiting) await moveCase(db, { id, to: 'suppressed', reason, at });
  await db
    .updateTable('deliveries')
    .set({
      state: 'cancelled',
      state_note: reason === 'rule-deleted' ? 'The rule was deleted.' : 'The rule was switched off.',
    })
    .where('state', '=', 'pending')
    .where('type', '=', 'abandonment.created')
    .where('case_id', 'in', (open) => open.selectFrom('cases').select('id').where('rule_id', '=', ruleId))
    .execute();
}

/** How far a case came: its wait ended without a completion, a message about it arrived, it was completed after all. */
export const caseMilestones = ['abandoned', 'notified', 'recovered'] as const;
export type CaseMilestone = (typeof caseMilestones)[number];
const milestoneColumn = { abandoned: 'abandoned_at', notified: 'notified_at', recovered: 'recovered_at' } as const;

export interface CaseFilter {
  siteId: number;
  state?: CaseState | undefined;
  ruleId?: string | undefined;
  reason?: string | undefined;
  /** Cases that came this far, whatever became of them since. */
  reached?: CaseMilestone | undefined;
  visitorIds?: readonly string[] | undefined;
  /** Of `occurred_at`, half-open, ISO 8601. */
  from?: string | undefined;
  to?: string | undefined;
}

/** Newest intent first. `total` counts every row of the filter. */
export async function listCases(
  db: Kysely<StateSchema>,
  filter: CaseFilter,
  page: { limit: number; cursor?: string | undefined },
): Promise<{ rows: CaseRow[]; total: number; next: string | null }> {
  const after = parseCursor(page.cursor);
  const rows = await filtered(db, filter)
    .selectAll()
    .$if(after !== undefined, (query) => query.where((eb) => isBefore(eb, after ?? { sort: '', id: '' })))
    .orderBy('occurred_at', 'desc')
    .orderBy('id', 'desc')
    .limit(page.limit + 1)
    .execute();
  const { total } = await filtered(db, filter)
    .select((eb) => eb.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow();
  return { ...toPage(rows, { limit: page.limit, sortOf: (row) => row.occurred_at }), total };
}

/** How many cases `listCases` would find in each state, with the same filter. */
export async function countCases(db: Kysely<StateSchema>, filter: CaseFilter): Promise<Record<CaseState, number>> {
  const rows = await filtered(db, filter)
    .select((eb) => ['state' as const, eb.fn.countAll<number>().as('count')])
    .groupBy('state')
    .execute();
  const found = new Map(rows.map((row) => [row.state, row.count]));
  return Object.fromEntries(caseStates.map((state) => [state, found.get(state) ?? 0])) as Record<CaseState, number>;
}

function filtered(db: Kysely<StateSchema>, filter: CaseFilter) {
  const { siteId, state, ruleId, reason, reached, visitorIds, from, to } = filter;
  return db
    .selectFrom('cases')
    .where('site_id', '=', siteId)
    .$if(state !== undefined, (query) => query.where('state', '=', state ?? 'waiting'))
    .$if(ruleId !== undefined, (query) => query.where('rule_id', '=', ruleId ?? ''))
    .$if(reason !== undefined, (query) => query.where('reason', '=', reason ?? ''))
    .$if(reached !== undefined, (query) => query.where(milestoneColumn[reached ?? 'abandoned'], 'is not', null))
    .$if(visitorIds !== undefined, (query) => query.where('visitor_id', 'in', visitorIds ?? []))
    .$if(from !== undefined, (query) => query.where('occurred_at', '>=', from ?? ''))
    .$if(to !== undefined, (query) => query.where('occurred_at', '<', to ?? ''));
}

/** How many cases each version of a rule has made. */
export async function casesByVersion(db: Kysely<StateSchema>, ruleId: string): Promise<Map<number, number>> {
  const rows = await db
    .selectFrom('cases')
    .select((eb) => ['rule_version' as const, eb.fn.countAll<number>().as('count')])
    .where('rule_id', '=', ruleId)
    .groupBy('rule_version')
    .execute();
  return new Map(rows.map((row) => [row.rule_version, row.count]));
}

/** The columns that sums over cases need, of every case of the filter that was abandoned or waits. */
export async function casesToSum(db: Kysely<StateSchema>, filter: CaseFilter) {
  return filtered(db, filter)
    .select([
      'state',
      'occurred_at',
      'abandoned_at',
      'notified_at',
      'recovered_at',
      'value',
      'currency',
      'recovered_value',
      'recovered_currency',
    ])
    .where((eb) => eb.or([eb('abandoned_at', 'is not', null), eb('state', '=', 'waiting')]))
    .execute();
}

function isBefore(eb: ExpressionBuilder<StateSchema, 'cases'>, after: Keyset) {
  return eb.or([
    eb('occurred_at', '<', after.sort),
    eb.and([eb('occurred_at', '=', after.sort), eb('id', '<', after.id)]),
  ]);
}
