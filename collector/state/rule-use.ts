import type { Kysely } from 'kysely';
import type { RuleUse } from '../contract/rule.ts';
import type { StateSchema } from './schema.ts';

/** What deleting a rule, or switching it off, would stop. */
export async function ruleUse(
  db: Kysely<StateSchema>,
  { ruleId, enabled }: { ruleId: string; enabled: boolean },
): Promise<RuleUse> {
  const states = await db
    .selectFrom('cases')
    .select((eb) => ['state' as const, eb.fn.countAll<number>().as('count')])
    .where('rule_id', '=', ruleId)
    .where('state', 'in', ['waiting', 'abandoned', 'notified'])
    .groupBy('state')
    .execute();
  const { planned } = await db
    .selectFrom('deliveries')
    .innerJoin('cases', 'cases.id', 'deliveries.case_id')
    .select((eb) => eb.fn.countAll<number>().as('planned'))
    .where('cases.rule_id', '=', ruleId)
    .where('deliveries.type', '=', 'abandonment.created')
    .where('deliveries.state', '=', 'pending')
    .executeTakeFirstOrThrow();
  const count = (state: string) => states.find((row) => row.state === state)?.count ?? 0;
  const waiting = count('waiting');
  const open = count('abandoned') + count('notified');
  return {
    inUse: enabled || waiting > 0 || planned > 0,
    waiting,
    plannedMessages: planned,
    open,
    stops: [
      ...(enabled ? ['The rule is on: it would stop looking for new cases.'] : []),
      ...(waiting > 0 ? [`${cases(waiting)} waiting for the end of the wait would end without a message.`] : []),
      ...(planned > 0 ? [`${planned} planned ${planned === 1 ? 'message' : 'messages'} would be taken back.`] : []),
      ...(open > 0 ? [`${cases(open)} that can still be recovered stay open, and a recovery is still told.`] : []),
    ],
  };
}

function cases(count: number): string {
  return count === 1 ? '1 case' : `${count} cases`;
}
