import { AppError } from '../errors.ts';
import { type LeadRow, personOf } from '../state/lead-ledger.ts';
import { joinLeads, partLeads } from '../state/lead-merge.ts';
import type { Ledger } from './ledger.ts';
import { type LedgerSite, ledgerSettings, recordOnLead } from './record.ts';

/**
 * Makes one person of two leads; `leadId` stays, and speaks for both. Everything that was known of both is then known of it, in order
 * of time. Throws `not_found`, and `conflict` where they are one already.
 */
export async function mergeLeads(
  ledger: Ledger,
  { site, leadId, from, actor }: { site: LedgerSite; leadId: string; from: string; actor: string },
): Promise<LeadRow> {
  const nowMs = ledger.now();
  return ledger.state.db.transaction().execute(async (trx) => {
    const into = await personOf(trx, { siteId: site.id, leadId });
    const other = await personOf(trx, { siteId: site.id, leadId: from });
    if (into.id === other.id) throw new AppError('conflict', { message: 'These two are one person already.' });
    await joinLeads(trx, { into, from: other, settings: ledgerSettings(site, nowMs) });
    const { after } = await recordOnLead(trx, {
      site,
      leadId: into.id,
      events: [{ kind: 'merged', data: { lead: other.id }, atMs: nowMs, actor }],
      nowMs,
      reactions: ledger.reactions,
    });
    return after;
  });
}

/** Takes a merge back: `leadId` is a person of its own again, with everything that was said of it. Throws `not_found`, `conflict`. */
export async function unmergeLead(
  ledger: Ledger,
  { site, leadId, actor }: { site: LedgerSite; leadId: string; actor: string },
): Promise<LeadRow> {
  const nowMs = ledger.now();
  return ledger.state.db.transaction().execute(async (trx) => {
    const person = await personOf(trx, { siteId: site.id, leadId });
    const lead = await trx.selectFrom('leads').selectAll().where('id', '=', leadId).executeTakeFirstOrThrow();
    if (lead.merged_into === null) {
      throw new AppError('conflict', { message: 'This lead is not part of another one.' });
    }
    await partLeads(trx, { lead, person, settings: ledgerSettings(site, nowMs) });
    const { reactions } = ledger;
    const note = { atMs: nowMs, actor };
    const record = (id: string, other: string) =>
      recordOnLead(trx, {
        site,
        leadId: id,
        events: [{ kind: 'unmerged', data: { lead: other }, ...note }],
        nowMs,
        reactions,
      });
    await record(person.id, lead.id);
    return (await record(lead.id, person.id)).after;
  });
}
