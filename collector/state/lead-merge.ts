import type { Kysely } from 'kysely';
import { type LeadRow, type LedgerSettings, refoldLead } from './lead-ledger.ts';
import type { StateSchema } from './schema.ts';

type Db = Kysely<StateSchema>;

/**
 * Makes one person of two: everything said of `from` belongs to `into` from here on, and its row is in no list. Both must be persons
 * (not merged into anybody). Nothing is rewritten, so that it can be taken back.
 */
export async function joinLeads(
  trx: Db,
  { into, from, settings }: { into: LeadRow; from: LeadRow; settings: LedgerSettings },
): Promise<void> {
  await trx.updateTable('leads').set({ merged_into: into.id }).where('id', '=', from.id).execute();
  await moveMembers(trx, await membersOf(trx, from), into.id);
  await trx.deleteFrom('lead_spans').where('lead_id', '=', from.id).execute();
  await refoldLead(trx, into, { ...settings, judgeAtMs: settings.nowMs });
}

/** Takes a lead out of the person it was merged into, with those that had been merged into it before. Answers it as it is then. */
export async function partLeads(
  trx: Db,
  { lead, person, settings }: { lead: LeadRow; person: LeadRow; settings: LedgerSettings },
): Promise<LeadRow> {
  await trx.updateTable('leads').set({ merged_into: null }).where('id', '=', lead.id).execute();
  await moveMembers(trx, await membersOf(trx, lead), lead.id);
  await refoldLead(trx, person, { ...settings, judgeAtMs: settings.nowMs });
  return refoldLead(trx, { ...lead, person_id: lead.id }, { ...settings, judgeAtMs: settings.nowMs });
}

/** A lead and all that were merged into it, also by way of others. */
async function membersOf(trx: Db, lead: LeadRow): Promise<string[]> {
  const members = [lead.id];
  for (const id of members) {
    const rows = await trx.selectFrom('leads').select('id').where('merged_into', '=', id).execute();
    members.push(...rows.map((row) => row.id));
  }
  return members;
}

async function moveMembers(trx: Db, members: readonly string[], personId: string): Promise<void> {
  await trx.updateTable('leads').set({ person_id: personId }).where('id', 'in', members).execute();
  await trx.updateTable('lead_visitors').set({ lead_id: personId }).where('said_lead_id', 'in', members).execute();
}
