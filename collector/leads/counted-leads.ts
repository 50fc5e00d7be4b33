import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { List } from '../contract/answers.ts';
import type { CountedLead } from '../contract/balance.ts';
import type { LeadStage } from '../contract/leads.ts';
import { parseCursor, toPage } from '../state/keyset.ts';
import type { StateSchema } from '../state/schema.ts';

/** A statement with one column, `lead_id`, and one row for each lead that is counted: the number and its names come from the same one. */
export type LeadSelection = RawBuilder<{ lead_id: string }>;

export async function countLeads(db: Kysely<StateSchema>, selection: LeadSelection): Promise<number> {
  const { rows } = await sql<{ count: number }>`SELECT count(*) AS count FROM (${selection})`.execute(db);
  return rows[0]?.count ?? 0;
}

/** The names behind a number, those that came in last first. */
export async function listLeads(
  db: Kysely<StateSchema>,
  selection: LeadSelection,
  { limit, cursor }: { limit: number; cursor: string | undefined },
): Promise<List<CountedLead>> {
  const after = parseCursor(cursor);
  const behind = after ? sql`WHERE (l.created_at, l.id) < (${after.sort}, ${after.id})` : sql``;
  const { rows } = await sql<CountedRow>`
    SELECT l.id, l.name, l.email, l.phone, l.company, l.stage, l.owner_id AS owner, l.score, l.created_at AS createdAt
    FROM (${selection}) AS counted JOIN leads AS l ON l.id = counted.lead_id ${behind}
    ORDER BY l.created_at DESC, l.id DESC LIMIT ${limit + 1}`.execute(db);
  const page = toPage(rows, { limit, sortOf: (row) => row.createdAt });
  return { items: page.rows, total: await countLeads(db, selection), next: page.next };
}

interface CountedRow extends CountedLead {
  stage: LeadStage;
}
