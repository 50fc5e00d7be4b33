import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import type { LeadFilter, LeadSort } from '../contract/lead-answers.ts';
import { AppError } from '../errors.ts';
import { parseCursor, toPage } from './keyset.ts';
import type { LeadRow } from './lead-ledger.ts';
import type { StateSchema } from './schema.ts';

type Db = Kysely<StateSchema>;
type Leads = SelectQueryBuilder<StateSchema, 'leads', object>;

/** By which column a list is sorted, and which way. Each has an index. */
const orders: Record<
  LeadSort,
  { column: 'began_at_ms' | 'active_at_ms' | 'score' | 'leaks_at_ms' | 'next_step_at_ms'; descending: boolean }
> = {
  newest: { column: 'began_at_ms', descending: true },
  active: { column: 'active_at_ms', descending: true },
  score: { column: 'score', descending: true },
  urgent: { column: 'leaks_at_ms', descending: false },
  'next-step': { column: 'next_step_at_ms', descending: false },
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
  const direction = descending ? 'desc' : 'asc';
  const after = parseCursor(cursor);
  if (after && !Number.isFinite(Number(after.sort))) throw new AppError('invalid_request');
  const [page, count] = await Promise.all([
    leadsOf(db, question)
      .selectAll()
      .$if(after !== undefined, (query) =>
        query.where(
          sql<boolean>`(${sql.ref(column)}, id) ${sql.raw(descending ? '<' : '>')} (${Number(after?.sort)}, ${after?.id ?? ''})`,
        ),
      )
      .orderBy(column, direction)
      .orderBy('id', direction)
      .limit(limit + 1)
      .execute(),
    leadsOf(db, question)
      .select(({ fn }) => fn.countAll<number>().as('total'))
      .executeTakeFirstOrThrow(),
  ]);
  const { rows, next } = toPage(page, { limit, sortOf: (row) => String(row[column]) });
  return { rows, total: count.total, next };
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

function leadsOf(db: Db, question: LeadListQuestion): Leads {
  const { siteId, stage, temperature, owner, source, kind, search, leaking, dueMs, nowMs, sort } = question;
  let query = db.selectFrom('leads').where('site_id', '=', siteId).where('merged_into', 'is', null);
  if (stage) query = query.where('stage', 'in', stage);
  if (temperature) query = query.where('temperature', 'in', temperature);
  if (owner !== undefined)
    query = owner === 'none' ? query.where('owner_id', 'is', null) : query.where('owner_id', '=', owner);
  if (source !== undefined) query = query.where('first_source', '=', source);
  if (kind !== undefined) query = query.where('kind', '=', kind);
  if (leaking === 'true') query = query.where('leaks_at_ms', 'is not', null).where('leaks_at_ms', '<=', nowMs);
  if (leaking === 'false')
    query = query.where((or) => or.or([or('leaks_at_ms', 'is', null), or('leaks_at_ms', '>', nowMs)]));
  if (dueMs !== undefined) query = query.where('next_step_at_ms', 'is not', null).where('next_step_at_ms', '<', dueMs);
  if (sort === 'urgent') query = query.where('leaks_at_ms', 'is not', null);
  if (sort === 'next-step') query = query.where('next_step_at_ms', 'is not', null);
  if (search !== undefined) query = query.where(searched(siteId, search));
  return query;
}

/**
 * The index of the search knows runs of three characters; shorter texts begin a name or an address. The beginning of an address is
 * looked up among the addresses, because parts of it such as "com" are in every row.
 */
function searched(siteId: number, text: string) {
  const digits = /^[\d\s()+/.-]{4,}$/.test(text) ? text.replace(/\D/g, '').replace(/^0+/, '') : '';
  const word = (digits.length >= 3 ? digits : text).toLowerCase();
  if (/^[^\s@]+@/.test(word)) {
    return sql<boolean>`id IN (SELECT said.person_id FROM lead_identities AS i JOIN leads AS said ON said.id = i.lead_id
      WHERE i.site_id = ${siteId} AND i.kind = 'email' AND i.value >= ${word} AND i.value < ${`${word}\u{10ffff}`})`;
  }
  if ([...word].length < 3) {
    const beginning = `${word.replace(/[\\%_]/g, '\\$&')}%`;
    return sql<boolean>`(name LIKE ${beginning} ESCAPE '\\' OR email LIKE ${beginning} ESCAPE '\\')`;
  }
  return sql<boolean>`number IN (SELECT rowid FROM lead_search WHERE text MATCH ${`"${word.replaceAll('"', '""')}"`})`;
}
