import type { Kysely, Selectable } from 'kysely';
import { type CaseState, caseStates, type SuppressReason } from '../contract/names.ts';
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
  abandoned: ['notified', 'recovered', 'expired', 'suppressed'],
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
  note?: string;
  /** Also set `abandoned_at`: a message was withheld although the wait had ended without a completion. */
  abandonedAt?: string;
}

/**
 * Moves a case and writes its history. Answers false, and writes nothing, where the case is in a state from which it may not
 * move there: somebody else was first. Call it inside a transaction.
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
      ...(move.to === 'recovered' ? { recovered_at: move.at } : {}),
      ...(move.abandonedAt ? { abandoned_at: move.abandonedAt } : {}),
    })
    .where('id', '=', move.id)
    .where('state', 'in', from)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) return false;
  await addHistory(db, {
    case_id: move.id,
    at: move.at,
    state: move.to,
    reason: move.reason ?? null,
    note: move.note ?? null,
  });
  return true;
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

export interface CaseFilter {
  siteId: number;
  state?: CaseState | undefined;
  ruleId?: string | undefined;
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

function filtered(db: Kysely<StateSchema>, { siteId, state, ruleId, from, to }: CaseFilter) {
  return db
    .selectFrom('cases')
    .where('site_id', '=', siteId)
    .$if(state !== undefined, (query) => query.where('state', '=', state ?? 'waiting'))
    .$if(ruleId !== undefined, (query) => query.where('rule_id', '=', ruleId ?? ''))
    .$if(from !== undefined, (query) => query.where('occurred_at', '>=', from ?? ''))
    .$if(to !== undefined, (query) => query.where('occurred_at', '<', to ?? ''));
}

function isBefore(eb: import('kysely').ExpressionBuilder<StateSchema, 'cases'>, after: Keyset) {
  return eb.or([
    eb('occurred_at', '<', after.sort),
    eb.and([eb('occurred_at', '=', after.sort), eb('id', '<', after.id)]),
  ]);
}
