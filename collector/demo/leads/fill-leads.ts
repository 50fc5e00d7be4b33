import { persistentVisitor } from '../../ingest/visitor-id.ts';
import { ledgerSettings } from '../../leads/record.ts';
import { tellEvents } from '../../leads/tell-events.ts';
import type { Collector } from '../../open-collector.ts';
import { cleanFields, takeIdentities } from '../../state/lead-identity.ts';
import { appendLeadEvents, insertLead } from '../../state/lead-ledger.ts';
import { tieVisitor } from '../../state/leads.ts';
import type { SiteRecord } from '../../state/sites.ts';
import type { DemoLead } from './demo-leads.ts';

/** A transaction holds up everything else for its time. */
const leadsPerBite = 25;

/** Puts leads with their whole past into the ledger. Nobody is told of them: what is long past is no news. Safe to repeat. */
export async function fillLeads(
  { state, now }: Pick<Collector, 'state' | 'now'>,
  { site, leads }: { site: SiteRecord; leads: readonly DemoLead[] },
): Promise<void> {
  const settings = ledgerSettings(site, now());
  for (let start = 0; start < leads.length; start += leadsPerBite) {
    await state.db.transaction().execute(async (trx) => {
      for (const { visitor, fields, source, startMs, events } of leads.slice(start, start + leadsPerBite)) {
        const visitorId = persistentVisitor(site.id, visitor).id;
        const sourceId = `demo:${visitor}`;
        const known = await trx
          .selectFrom('lead_events')
          .select('id')
          .where('site_id', '=', site.id)
          .where('source_id', '=', sourceId)
          .executeTakeFirst();
        if (known) continue;
        const lead = await insertLead(trx, { siteId: site.id, nowMs: settings.nowMs });
        const clean = cleanFields(fields, 'DE');
        await takeIdentities(trx, { lead, identities: clean.identities, at: new Date(startMs).toISOString() });
        await tieVisitor(trx, { visitorId, lead, at: new Date(startMs).toISOString() });
        const change = await appendLeadEvents(trx, {
          ...settings,
          siteId: site.id,
          leadId: lead.id,
          events: [
            {
              kind: 'identified',
              data: { ...clean.fields, ...source, kind: 'quote', complete: true, how: 'form', visitor: visitorId },
              atMs: startMs,
              actor: 'visitor',
              sourceId,
            },
            ...events,
          ],
        });
        await tellEvents(trx, { change, isNew: true, isTold: true, leadId: lead.id, nowMs: settings.nowMs });
      }
    });
  }
}
