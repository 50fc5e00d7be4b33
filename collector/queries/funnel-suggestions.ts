import type { ClickHouse } from '../clickhouse/client.ts';
import { literal, param, type Sql, sql } from '../clickhouse/sql.ts';
import type { FunnelSuggestionsAnswer } from '../contract/funnel.ts';
import { limits } from '../contract/limits.ts';
import type { Match } from '../contract/match.ts';
import type { TrackerEvent } from '../contract/names.ts';
import type { Range } from '../contract/time.ts';

import { matchInWords, matchSql } from './match.ts';
import { toSpan, withinSql } from './range.ts';

/*
 * Which ways do people take to a goal? For each goal the three most travelled.
 *
 * One row for each way, the most travelled first:
 *   pages  the last different pages before the goal, at most three, in the order in which they were last seen
 *   count  sessions that came to the goal (for the first time in the session) by exactly these pages
 *
 * The page of the goal itself is no part of its way. Sessions that came without any other page before are not counted.
 */

export interface SuggestedGoal {
  /** Id of the goal, or the name of its event where it was found. */
  goal: string;
  name: string;
  match: Match;
}

export interface SuggestionsQuestion {
  siteId: number;
  timezone: string;
  request: Range;
  /** What the site calls a conversion; where empty, the most frequent events of its own are taken. */
  goals: readonly SuggestedGoal[];
}

const ways = 3;
const pagesOfWay = 3;
/** Each goal is a query of its own. */
const mostGoals = 8;
/** Events that happen along the way and are the goal of nobody. */
const neverGoals: TrackerEvent[] = [
  'pageview',
  'engagement',
  'form_start',
  'form_field',
  'form_abandon',
  'rage_click',
  'dead_click',
  'not_found',
  'outbound_click',
  'file_download',
];

export function waysSql(question: SuggestionsQuestion, match: Match): Sql {
  const rows = withinSql(question.siteId, toSpan(question.request, question.timezone));
  const goal = matchSql(match);
  // Of each page the last view before the goal: these, newest first, are the way back.
  return sql`
SELECT pages, toFloat64(count()) AS count
FROM (
  SELECT session_id, arrayReverse(arraySlice(arrayDistinct(arrayMap(view -> view.3,
      arrayReverseSort(view -> (view.1, view.2), arrayFilter(view -> (view.1, view.2) < reached AND view.3 != goal_page, views)))), 1, ${literal(pagesOfWay)})) AS pages
  FROM (
    SELECT session_id, minIf((ts, seq), ${goal}) AS reached, argMinIf(toString(path), (ts, seq), ${goal}) AS goal_page,
      groupArrayIf(1000)((ts, seq, toString(path)), name = 'pageview' AND length(path) <= ${literal(limits.patternLength)}) AS views
    FROM events
    WHERE ${rows} AND (name = 'pageview' OR ${goal})
    GROUP BY session_id
    HAVING countIf(${goal}) > 0
  )
)
WHERE notEmpty(pages)
GROUP BY pages
ORDER BY count DESC, pages
LIMIT ${literal(ways)}`;
}

export function ownEventsSql({ siteId, timezone, request }: SuggestionsQuestion): Sql {
  return sql`
SELECT toString(name) AS name, toFloat64(uniqExact(session_id)) AS count
FROM events
WHERE ${withinSql(siteId, toSpan(request, timezone))} AND name NOT IN ${param.strings(neverGoals)}
GROUP BY name
ORDER BY count DESC, name
LIMIT 3`;
}

export async function funnelSuggestions(
  clickhouse: ClickHouse,
  question: SuggestionsQuestion,
): Promise<FunnelSuggestionsAnswer> {
  const goals = question.goals.length > 0 ? question.goals : await ownEvents(clickhouse, question);
  const found = await Promise.all(
    goals.slice(0, mostGoals).map(async ({ goal, name, match }) => {
      const statement = waysSql(question, match);
      const { rows } = await clickhouse.query<{ pages: string[]; count: number }>(statement, { name: 'funnel-ways' });
      return rows.map(({ pages, count }) => ({
        goal,
        name: `${pages.join(' → ')} → ${name}`,
        count,
        steps: [...pages.map((path) => ({ match: { path } })), { match }],
      }));
    }),
  );
  return { items: found.flat() };
}

async function ownEvents(clickhouse: ClickHouse, question: SuggestionsQuestion): Promise<SuggestedGoal[]> {
  const { rows } = await clickhouse.query<{ name: string }>(ownEventsSql(question), { name: 'funnel-own-events' });
  return rows.map(({ name }) => ({ goal: name, name: matchInWords({ event: name }), match: { event: name } }));
}
