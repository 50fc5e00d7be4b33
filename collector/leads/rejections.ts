import type { RejectionCount } from '../contract/lead-definition.ts';
import type { LeadEventData } from '../contract/leads.ts';
import type { State } from '../state/database.ts';
import type { HouseBook } from '../state/house-rules.ts';

/**
 * Which conditions of the definition sales does not believe: rejections of a site by the version that had judged the lead and by the
 * condition that was named, most frequent first.
 */
export async function rejectionReport(
  { state, house }: { state: State; house: HouseBook },
  { siteId, span }: { siteId: number; span: { fromMs: number; toMs: number } },
): Promise<RejectionCount[]> {
  const rejected = await state.db
    .selectFrom('lead_events')
    .innerJoin('leads', 'leads.id', 'lead_events.lead_id')
    .select(['lead_events.seq', 'lead_events.at_ms', 'lead_events.data', 'leads.person_id'])
    .where('lead_events.site_id', '=', siteId)
    .where('lead_events.kind', '=', 'rejected')
    .where('lead_events.at_ms', '>=', span.fromMs)
    .where('lead_events.at_ms', '<', span.toMs)
    .orderBy('lead_events.at_ms')
    .execute();
  const judged = await state.db
    .selectFrom('leads')
    .select(({ fn }) => ['definition_version as version', fn.countAll<number>().as('leads')])
    .where('site_id', '=', siteId)
    .where('merged_into', 'is', null)
    .where('qualified', 'in', ['marketing', 'sales'])
    .groupBy('definition_version')
    .execute();
  const counts = new Map<string, RejectionCount>();
  for (const row of rejected) {
    const { reason, condition = null } = JSON.parse(row.data) as LeadEventData['rejected'];
    const version = await versionThen(state, { leadId: row.person_id, before: row.seq });
    const key = `${version}:${condition ?? ''}`;
    const count = counts.get(key) ?? {
      condition,
      name: condition === null ? 'No condition was named' : nameOf(house, { siteId, version, condition }),
      version,
      rejected: 0,
      judged: judged.find((one) => one.version === version)?.leads ?? 0,
      reasons: [],
    };
    count.rejected += 1;
    count.reasons.push({ reason, leadId: row.person_id, at: new Date(row.at_ms).toISOString() });
    counts.set(key, count);
  }
  return [...counts.values()].toSorted((one, other) => other.rejected - one.rejected);
}

/** By which version the lead had been judged when sales refused it; 0 where it had not been. */
async function versionThen(state: State, { leadId, before }: { leadId: string; before: number }): Promise<number> {
  const row = await state.db
    .selectFrom('lead_events')
    .select('data')
    .where('lead_id', '=', leadId)
    .where('kind', '=', 'judged')
    .where('seq', '<', before)
    .orderBy('seq', 'desc')
    .executeTakeFirst();
  return row ? ((JSON.parse(row.data) as LeadEventData['judged']).definitionVersion ?? 0) : 0;
}

function nameOf(
  house: HouseBook,
  { siteId, version, condition }: { siteId: number; version: number; condition: string },
): string {
  const saved = house.versions(siteId, 'definition').find((one) => one.version === version);
  if (!saved || !('lead' in saved.rules)) return condition;
  const { lead, marketing, sales } = saved.rules;
  return [...lead, ...marketing, ...sales].find(({ id }) => id === condition)?.name ?? condition;
}
