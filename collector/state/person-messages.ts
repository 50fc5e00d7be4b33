import type { Kysely } from 'kysely';
import type { StateSchema } from './schema.ts';

/** More than this many messages are not looked through; the newest count. */
const mostMessages = 50_000;

/** Messages about abandonments by visitor, as the cap per person sees them: when each was planned, and for when. */
export async function messagesOfPeople(
  db: Kysely<StateSchema>,
  { siteId, fromMs, exceptRuleId }: { siteId: number; fromMs: number; exceptRuleId: string },
): Promise<Map<string, { knownAtMs: number; atMs: number }[]>> {
  const rows = await db
    .selectFrom('deliveries')
    .innerJoin('cases', 'cases.id', 'deliveries.case_id')
    .select(['cases.visitor_id', 'deliveries.created_at', 'deliveries.next_at_ms'])
    .where('deliveries.site_id', '=', siteId)
    .where('deliveries.type', '=', 'abandonment.created')
    .where('deliveries.state', 'in', ['pending', 'delivered'])
    .where('deliveries.created_at', '>=', new Date(fromMs).toISOString())
    .where('cases.rule_id', '!=', exceptRuleId)
    .orderBy('deliveries.created_at', 'desc')
    .limit(mostMessages)
    .execute();
  const found = new Map<string, { knownAtMs: number; atMs: number }[]>();
  for (const { visitor_id, created_at, next_at_ms } of rows) {
    const message = { knownAtMs: Date.parse(created_at), atMs: next_at_ms };
    found.set(visitor_id, [...(found.get(visitor_id) ?? []), message]);
  }
  return found;
}
