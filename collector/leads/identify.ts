import type { LeadData } from '../contract/webhooks.ts';
import type { Identity } from '../contract/wire.ts';
import type { State } from '../state/database.ts';
import { type LeadRow, upsertLead } from '../state/leads.ts';
import { announce } from '../webhooks/outbox.ts';

/**
 * Ties a visitor to the lead that the identity names, making it where it is new. The same e-mail address is the same lead; a
 * visitor who gives another one is tied to that one's lead from then on. Endpoints that have named `lead.created` or `lead.updated`
 * are told. Null where the identity names nobody: neither e-mail address, nor id, nor phone number.
 */
export async function identifyLead(
  state: State,
  { siteId, visitorId, identity, now }: { siteId: number; visitorId: string; identity: Identity; now: number },
): Promise<{ leadId: string; created: boolean } | null> {
  return state.db.transaction().execute(async (trx) => {
    const at = new Date(now).toISOString();
    const change = await upsertLead(trx, { siteId, visitorId, identity, at });
    if (!change) return null;
    const { lead } = change;
    if (change.change !== 'unchanged') {
      const site = await trx.selectFrom('sites').select('public_id').where('id', '=', siteId).executeTakeFirst();
      await announce(trx, {
        siteId,
        message: {
          type: change.change === 'created' ? 'lead.created' : 'lead.updated',
          timestamp: at,
          data: leadData(lead, { site: site?.public_id ?? '', visitorId }),
        },
        // Two changes within one millisecond are told apart by what they say.
        once: [lead.id, at, lead.email ?? '', lead.phone ?? '', lead.name ?? '', lead.traits],
        nowMs: now,
      });
    }
    return { leadId: lead.id, created: change.change === 'created' };
  });
}

function leadData(lead: LeadRow, { site, visitorId }: { site: string; visitorId: string }): LeadData {
  return {
    id: lead.id,
    site,
    email: lead.email,
    phone: lead.phone,
    name: lead.name,
    company: lead.company,
    externalId: lead.external_id,
    visitor: visitorId,
    createdAt: lead.created_at,
    traits: JSON.parse(lead.traits) as unknown,
  };
}
