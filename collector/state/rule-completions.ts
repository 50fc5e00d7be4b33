import type { Match } from '../contract/match.ts';
import { rule as ruleSchema } from '../contract/rule.ts';
import type { State } from './database.ts';

/** What the rules of a site take for a completion, oldest rule first, each kind of event once. */
export async function listCompletions(
  state: State,
  siteId: number,
): Promise<{ rule: string; name: string; match: Match }[]> {
  const rows = await state.db
    .selectFrom('rules')
    .select(['id', 'definition'])
    .where('site_id', '=', siteId)
    .where('deleted_at', 'is', null)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  const found = rows.flatMap(({ id, definition }) =>
    ruleSchema
      .parse(JSON.parse(definition))
      .complete.map((match) => ({ rule: id, name: match.event ?? match.path ?? '', match })),
  );
  return [...new Map(found.map((completion) => [JSON.stringify(completion.match), completion])).values()];
}
