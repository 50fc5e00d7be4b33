import type { Match } from '../contract/match.ts';
import { rule } from '../contract/rule.ts';
import type { State } from '../state/database.ts';
import { listGoals } from '../state/goals.ts';
import type { LeakGoal } from './find-places.ts';

/** Names under which conversions are usually sent. Which of them a site has, its events say. */
const usualNames = [
  'booking_done',
  'purchase',
  'order',
  'order_completed',
  'checkout_completed',
  'payment',
  'signup',
  'sign_up',
  'signup_done',
  'subscribe',
  'generate_lead',
  'lead',
  'demo_requested',
  'quote_requested',
  'appointment_booked',
  'form_submit',
];
const mostCandidates = 50;

/** The site's goals; where none are set up, what completes its rules, and events with the usual names of conversions. */
export async function goalsOfSite(state: State, siteId: number): Promise<LeakGoal[]> {
  const goals = await listGoals(state, siteId);
  if (goals.length > 0) return goals.map(({ name, match, value }) => ({ name, match, value: value ?? null }));
  const rows = await state.db
    .selectFrom('rules')
    .select('definition')
    .where('site_id', '=', siteId)
    .where('deleted_at', 'is', null)
    .execute();
  const completions = rows.flatMap(({ definition }) => rule.parse(JSON.parse(definition)).complete);
  const candidates: Match[] = [...completions, ...usualNames.map((event) => ({ event }))];
  const distinct = new Map(candidates.map((match) => [JSON.stringify(match), match]));
  return [...distinct.values()]
    .slice(0, mostCandidates)
    .map((match) => ({ name: match.event ?? match.path ?? '', match, value: null }));
}
