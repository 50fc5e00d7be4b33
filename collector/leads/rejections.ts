import type { RejectionCount } from '../contract/lead-definition.ts';
import type { LeadEvent, LeadEventData } from '../contract/leads.ts';
import type { State } from '../state/database.ts';
import type { HouseBook } from '../state/house-rules.ts';
import { undoneEvents } from '../state/lead-fold.ts';
import { eventsOfPersons } from '../state/lead-ledger.ts';

interface Rejection extends Pick<LeadEventData['rejected'], 'reason'> {
  leadId: string;
  atMs: number;
  condition: string | null;
  /** That had judged the lead; 0: none had. */
  version: number;
}

/**
 * Which conditions of the definition sales does not believe: rejections of a site by the version that had judged the lead and by the
 * condition that was named, most frequent first. What was taken back does not count.
 */
export async function rejectionReport(
  { state, house }: { state: State; house: HouseBook },
  { siteId, span }: { siteId: number; span: { fromMs: number; toMs: number } },
): Promise<RejectionCount[]> {
  const rejections = await rejectionsWithin(state, siteId, span);
  const judgedBy = await judgedLeads(state, siteId, rejections);
  const counts = new Map<string, RejectionCount>();
  for (const { version, condition, leadId, reason, atMs } of rejections) {
    const key = `${version}:${condition ?? ''}`;
    const count = counts.get(key) ?? {
      condition,
      name: condition === null ? 'No condition was named' : nameOf(house, { siteId, version, condition }),
      version,
      rejected: 0,
      judged: judgedBy(version),
      reasons: [],
    };
    if (!count.reasons.some((one) => one.leadId === leadId)) count.rejected += 1;
    count.reasons.push({ reason, leadId, at: new Date(atMs).toISOString() });
    counts.set(key, count);
  }
  return [...counts.values()].toSorted((one, other) => other.rejected - one.rejected);
}

/** In the order of time. */
async function rejectionsWithin(
  { db }: State,
  siteId: number,
  { fromMs, toMs }: { fromMs: number; toMs: number },
): Promise<Rejection[]> {
  const people = await db
    .selectFrom('lead_events')
    .innerJoin('leads', 'leads.id', 'lead_events.lead_id')
    .select('leads.person_id')
    .distinct()
    .where('lead_events.site_id', '=', siteId)
    .where('lead_events.kind', '=', 'rejected')
    .where('lead_events.at_ms', '>=', fromMs)
    .where('lead_events.at_ms', '<', toMs)
    .execute();
  const known = await eventsOfPersons(
    db,
    people.map(({ person_id }) => person_id),
  );
  const found = [...known].flatMap(([leadId, events]) => {
    const undone = undoneEvents(events);
    return events.flatMap((event): Rejection[] => {
      if (event.kind !== 'rejected' || undone.has(event.id) || event.atMs < fromMs || event.atMs >= toMs) return [];
      const { reason, condition = null } = event.data;
      return [{ leadId, atMs: event.atMs, reason, condition, version: versionBefore(events, event.seq) }];
    });
  });
  return found.toSorted((one, other) => one.atMs - other.atMs);
}

function versionBefore(events: readonly LeadEvent[], seq: number): number {
  const judged = events
    .filter((event) => event.kind === 'judged' && event.seq < seq)
    .toSorted((one, other) => one.seq - other.seq)
    .at(-1);
  return (judged?.kind === 'judged' ? judged.data.definitionVersion : null) ?? 0;
}

/** How many leads each version has made marketing's or sales', as they are now; whoever was rejected as such is one of them. */
async function judgedLeads(
  { db }: State,
  siteId: number,
  rejections: readonly Rejection[],
): Promise<(version: number) => number> {
  const qualified = db
    .selectFrom('leads')
    .where('site_id', '=', siteId)
    .where('merged_into', 'is', null)
    .where('qualified', 'in', ['marketing', 'sales']);
  const rows = await qualified
    .select(({ fn }) => ['definition_version as version', fn.countAll<number>().as('leads')])
    .groupBy('definition_version')
    .execute();
  const ids = [...new Set(rejections.map(({ leadId }) => leadId))];
  const still = await qualified.select(['id', 'definition_version']).where('id', 'in', ids).execute();
  return (version) => {
    const own = new Set(rejections.flatMap((one) => (one.version === version ? [one.leadId] : [])));
    for (const { id, definition_version } of still) if (definition_version === version) own.delete(id);
    return (rows.find((row) => row.version === version)?.leads ?? 0) + own.size;
  };
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
