import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { LeadFilter, LeadSort } from '../contract/lead-answers.ts';
import { AppError } from '../errors.ts';
import { parseCursor, toPage } from './keyset.ts';
import type { LeadRow } from './lead-ledger.ts';
import type { StateSchema } from './schema.ts';

type Db = Kysely<StateSchema>;
type Filter = Exclude<keyof LeadListQuestion, 'siteId' | 'sort' | 'nowMs'>;

/**
 * By which column a list is sorted, and which way; and the filters, besides none at all, with which the index of that order finds a
 * page without reading on. Everything else reads `leads_listed`, which has all that is asked about.
 */
const orders: Record<
  LeadSort,
  {
    column: 'began_at_ms' | 'active_at_ms' | 'score' | 'leaks_at_ms' | 'next_step_at_ms';
    descending: boolean;
    indexed: readonly Filter[];
  }
> = {
  newest: { column: 'began_at_ms', descending: true, indexed: ['stage', 'owner', 'source'] },
  active: { column: 'active_at_ms', descending: true, indexed: [] },
  score: { column: 'score', descending: true, indexed: [] },
  urgent: { column: 'leaks_at_ms', descending: false, indexed: ['leaking'] },
  'next-step': { column: 'next_step_at_ms', descending: false, indexed: ['dueMs'] },
};

/** What a list of leads is asked with; times in milliseconds since 1970. */
export interface LeadListQuestion extends Omit<LeadFilter, 'due'> {
  siteId: number;
  sort: LeadSort;
  dueMs?: number | undefined;
  nowMs: number;
}

/** A page of leads, and how many there are on all pages. Throws `invalid_request` for a cursor of another order. */
export async function listLeads(
  db: Db,
  question: LeadListQuestion,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{ rows: LeadRow[]; total: number; next: string | null }> {
  const { column, descending } = orders[question.sort];
  const after = parseCursor(cursor);
  if (after && !Number.isFinite(Number(after.sort))) throw new AppError('invalid_request');
  const place = sql`(${sql.ref(column)}, id)`;
  const direction = sql.raw(descending ? 'DESC' : 'ASC');
  const order = sql`ORDER BY ${sql.ref(column)} ${direction}, id ${direction}`;
  const behind = after
    ? sql`WHERE ${place} ${sql.raw(descending ? '<' : '>')} (${Number(after.sort)}, ${after.id})`
    : sql``;
  // What no index serves is read once, for the page and for the number.
  const [index, isRead] = isServed(question)
    ? [sql``, sql`NOT MATERIALIZED`]
    : [sql`INDEXED BY leads_listed`, sql`MATERIALIZED`];
  const { rows: found } = await sql<LeadRow & { total: number }>`
    WITH fitting AS ${isRead} (SELECT id, ${sql.ref(column)} FROM leads ${index} WHERE ${fits(question)})
    SELECT *, (SELECT count(*) FROM fitting) AS total FROM leads
    WHERE id IN (SELECT id FROM fitting ${behind} ${order} LIMIT ${limit + 1}) ${order}`.execute(db);
  const { rows, next } = toPage(found, { limit, sortOf: (row) => String(row[column]) });
  return { rows: rows.map(({ total: _, ...lead }) => lead), total: found[0]?.total ?? 0, next };
}

/** Everybody the question is about, a thousand at a time, in its order. */
export async function* allLeads(db: Db, question: LeadListQuestion): AsyncGenerator<LeadRow[]> {
  let cursor: string | undefined;
  do {
    const { rows, next } = await listLeads(db, question, { limit: 1_000, cursor });
    yield rows;
    cursor = next ?? undefined;
  } while (cursor !== undefined);
}

/** Whether the index of the order finds a page. Where few leads fit, SQLite would read nearly all of them from the table with it. */
function isServed({ siteId: _, nowMs: __, sort, ...filters }: LeadListQuestion): boolean {
  const { indexed } = orders[sort];
  const named = Object.entries(filters).flatMap(([name, value]) => (value === undefined ? [] : [name as Filter]));
  const [first] = named;
  return first === undefined || (named.length === 1 && indexed.includes(first));
}

function fits(question: LeadListQuestion): RawBuilder<unknown> {
  const { siteId, stage, temperature, owner, source, kind, search, leaking, dueMs, nowMs, sort } = question;
  const all: RawBuilder<unknown>[] = [sql`site_id = ${siteId} AND merged_into IS NULL`];
  if (stage) all.push(sql`stage IN (${sql.join(stage)})`);
  if (temperature) all.push(sql`temperature IN (${sql.join(temperature)})`);
  if (owner !== undefined) all.push(owner === 'none' ? sql`owner_id IS NULL` : sql`owner_id = ${owner}`);
  if (source !== undefined) all.push(sql`first_source = ${source}`);
  if (kind !== undefined) all.push(sql`kind = ${kind}`);
  if (leaking === 'true') all.push(sql`leaks_at_ms IS NOT NULL AND leaks_at_ms <= ${nowMs}`);
  if (leaking === 'false') all.push(sql`(leaks_at_ms IS NULL OR leaks_at_ms > ${nowMs})`);
  if (dueMs !== undefined) all.push(sql`next_step_at_ms IS NOT NULL AND next_step_at_ms < ${dueMs}`);
  if (sort === 'urgent') all.push(sql`leaks_at_ms IS NOT NULL`);
  if (sort === 'next-step') all.push(sql`next_step_at_ms IS NOT NULL`);
  if (search !== undefined) all.push(isFound(search));
  return sql.join(all, sql` AND `);
}

/** Any part of what is known; of one or two characters, the beginning of a word. A telephone is found however it is written. */
function isFound(search: string): RawBuilder<unknown> {
  const digits = /^[\d\s()+/.-]{4,}$/.test(search) ? search.replace(/\D/g, '').replace(/^0+/, '') : '';
  const part = (digits.length >= 3 ? digits : search).toLowerCase();
  return [...part].length < 3
    ? sql`instr(' ' || search_text, ${` ${part}`}) > 0`
    : sql`instr(search_text, ${part}) > 0`;
}
