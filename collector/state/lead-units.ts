import { AppError } from '../errors.ts';
import { hash64 } from '../hash.ts';
import type { State } from './database.ts';

/** They travel with every question by lead, so there is a bound. */
const mostVisitors = 50_000;

/**
 * The visitors of a site that are known people, and of each the number of its lead, which is always the same for a lead: two
 * lists of equal length, decimal UInt64. Throws limit_reached where there are too many.
 */
export async function leadUnits(state: State, siteId: number): Promise<{ visitors: string[]; leads: string[] }> {
  const rows = await state.db
    .selectFrom('lead_visitors')
    .select(['visitor_id', 'lead_id'])
    .where('site_id', '=', siteId)
    .orderBy('visitor_id')
    .limit(mostVisitors + 1)
    .execute();
  if (rows.length > mostVisitors) {
    throw new AppError('limit_reached', {
      message: `Leads can be counted up to ${mostVisitors} known browsers. Count visitors or sessions instead.`,
    });
  }
  return {
    visitors: rows.map((row) => row.visitor_id),
    leads: rows.map((row) => hash64('lead', row.lead_id)),
  };
}
