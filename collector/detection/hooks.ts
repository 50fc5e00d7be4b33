import type { Rule } from '../contract/rule.ts';
import type { State } from '../state/database.ts';
import { subscribesTo } from '../state/endpoints.ts';

/** Endpoints by site that get every abandonment, because a no-code tool has subscribed to them. */
export async function hooksOf({ db }: State, siteIds: readonly number[]): Promise<Map<number, string[]>> {
  const rows = await db
    .selectFrom('endpoints')
    .select(['id', 'site_id', 'events'])
    .where('site_id', 'in', siteIds)
    .where('kind', '=', 'hook')
    .where('enabled', '=', 1)
    .where('deleted_at', 'is', null)
    .execute();
  const asked = rows.filter((row) => subscribesTo(row, 'abandonment.created'));
  return new Map(siteIds.map((siteId) => [siteId, asked.filter((row) => row.site_id === siteId).map(({ id }) => id)]));
}

/** A subscription is a follow-up at once: the audience, the cap, the holdout and the quiet hours of the rule are about it too. */
export function withHooks(rule: Rule, hooks: readonly string[]): Rule {
  return { ...rule, followUps: [...rule.followUps, ...hooks.map((endpoint) => ({ after: '0s', endpoint }))] };
}
