import type { ClickHouse } from '../clickhouse/client.ts';
import { literal, param, type Sql, sql } from '../clickhouse/sql.ts';
import type { FunnelSuggestionsAnswer } from '../contract/funnel.ts';
import { limits } from '../contract/limits.ts';
import type { Match } from '../contract/match.ts';
import type { TrackerEvent } from '../contract/names.ts';
import type { Range } from '../contract/time.ts';
import { matchInWords, matchSql } from './match.ts';
import { elementSql, knowingStart, neededSql, type PathsQuestion, pathsSpan } from './path-chains.ts';
import { nodeOfLabelSql } from './path-labels.ts';
import { nameNodes } from './path-names.ts';
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

export function waysSql(question: PathsQuestion, match: Match): Sql {
  const span = pathsSpan(question);
  const goal = matchSql(match);
  const view = elementSql(span, nodeOfLabelSql(sql`path`));
  // Of each page the last view before the goal: these, newest first, are the way back.
  return sql`
SELECT way, toFloat64(count()) AS count
FROM (
  SELECT session_id, arrayReverse(arraySlice(arrayDistinct(arrayMap(view -> toUInt64(view), arrayReverseSort(
      arrayFilter(view -> bitShiftRight(view, 64) < bitShiftRight(reached, 64) AND toUInt64(view) != toUInt64(reached), views)))), 1, ${literal(pagesOfWay)})) AS way
  FROM (
    SELECT session_id, minIf(${view}, ${goal}) AS reached,
      groupArrayIf(1000)(${view}, name = 'pageview' AND length(path) <= ${literal(limits.patternLength)}) AS views
    FROM events
    WHERE ${withinSql(question.siteId, span)} AND (name = 'pageview' OR ${goal}) AND session_id != 0 AND ${neededSql(question, span)}
    GROUP BY session_id
    HAVING countIf(${goal}) > 0
  )
)
WHERE notEmpty(way)
GROUP BY way
ORDER BY count DESC, way
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
  const items: FunnelSuggestionsAnswer['items'] = [];
  // One after the other: a suggestion is no reason to let every other question wait.
  for (const goal of goals.slice(0, mostGoals)) items.push(...(await waysTo(clickhouse, question, goal)));
  return { items };
}

async function waysTo(
  clickhouse: ClickHouse,
  { siteId, timezone, request }: SuggestionsQuestion,
  { goal, name, match }: SuggestedGoal,
): Promise<FunnelSuggestionsAnswer['items']> {
  const question: PathsQuestion = {
    siteId,
    timezone,
    request: { ...request, end: match, by: 'session', events: false, group: false, depth: pagesOfWay + 1, limit: ways },
  };
  const statement = waysSql(await knowingStart(clickhouse, question), match);
  const { rows } = await clickhouse.query<{ way: string[]; count: number }>(statement, { name: 'funnel-ways' });
  const named = await nameNodes(clickhouse, question, [...new Set(rows.flatMap(({ way }) => way))]);
  const paths = new Map(named.rows.map(({ node, text }) => [node, text]));
  return rows.map(({ way, count }) => {
    // One that was erased in between has no name any more.
    const pages = way.flatMap((node) => paths.get(node) ?? []);
    return {
      goal,
      name: `${pages.join(' → ')} → ${name}`,
      count,
      steps: [...pages.map((path) => ({ match: { path } })), { match }],
    };
  });
}

async function ownEvents(clickhouse: ClickHouse, question: SuggestionsQuestion): Promise<SuggestedGoal[]> {
  const { rows } = await clickhouse.query<{ name: string }>(ownEventsSql(question), { name: 'funnel-own-events' });
  return rows.map(({ name }) => ({ goal: name, name: matchInWords({ event: name }), match: { event: name } }));
}
