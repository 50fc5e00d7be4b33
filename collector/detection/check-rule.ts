import type { ClickHouse } from '../clickhouse/client.ts';
import { type Match, matchedEvent } from '../contract/match.ts';
import { trackerEvents } from '../contract/names.ts';
import { compileMatch } from '../contract/pattern.ts';
import type { Rule, RuleCheck, RuleRemark } from '../contract/rule.ts';
import { seen } from '../queries/seen.ts';
import { seenProps } from '../queries/seen-props.ts';
import type { State } from '../state/database.ts';
import { subscribesTo } from '../state/endpoints.ts';
import type { RuleBook } from '../state/rules.ts';

export interface CheckRuleDependencies {
  state: State;
  clickhouse: ClickHouse;
  rules: Pick<RuleBook, 'mistakes'>;
  now: () => number;
}

/** What saving this rule would say: what it is refused for, events this site never sent, and what may not mean what was meant. */
export async function checkRule(deps: CheckRuleDependencies, siteId: number, rule: Rule): Promise<RuleCheck> {
  const { clickhouse, rules, state, now } = deps;
  const errors = await rules.mistakes(siteId, rule);
  const known = await seen(clickhouse, { siteId, nowMs: now() });
  const events = known.events.map(({ name }) => name);
  // A site that has sent nothing yet is being set up: everything is unknown there.
  const isUsed = events.length > 0 || known.pages.length > 0;
  const unknown = isUsed ? unknownEvents(rule, events) : [];
  return {
    errors,
    unknown,
    warnings: [
      ...(isUsed
        ? unknownPaths(
            rule,
            known.pages.map(({ path }) => path),
          )
        : []),
      ...(isUsed && unknown.length === 0 ? await unknownKey(clickhouse, { siteId, nowMs: now(), rule }) : []),
      ...(await silentEndpoints(state, siteId, rule)),
      ...pointlessHoldout(rule),
    ],
  };
}

function placesOf({ intent, complete }: Rule): { path: string; match: Match }[] {
  return [{ path: 'intent', match: intent }, ...complete.map((match, index) => ({ path: `complete.${index}`, match }))];
}

function unknownEvents(rule: Rule, events: readonly string[]): RuleRemark[] {
  return placesOf(rule).flatMap(({ path, match }) => {
    const name = matchedEvent(match);
    if (trackerEvents.some((own) => own === name) || events.includes(name)) return [];
    const similar = events.find((other) => isSimilar(other, name));
    const hint = similar ? ` Did you mean ${similar}?` : '';
    return [
      {
        path: `${path}.event`,
        message: `This site has sent no event ${name} in the last 30 days.${hint} Check the name, or save the rule with ?unknown=allow where the event is yet to come.`,
      },
    ];
  });
}

/** Only a warning: the list of pages is cut, and a rare page is a page all the same. */
function unknownPaths(rule: Rule, paths: readonly string[]): RuleRemark[] {
  return placesOf(rule).flatMap(({ path, match }) => {
    if (match.path === undefined || matchedEvent(match) !== 'pageview') return [];
    const matches = compileMatch({ path: match.path });
    return paths.some((seenPath) => matches({ name: 'pageview', path: seenPath, host: '', props: {} }))
      ? []
      : [
          {
            path: `${path}.path`,
            message: `None of the most visited pages of the last 30 days is ${match.path}. Check the address.`,
          },
        ];
  });
}

async function unknownKey(
  clickhouse: ClickHouse,
  { siteId, nowMs, rule }: { siteId: number; nowMs: number; rule: Rule },
): Promise<RuleRemark[]> {
  if (rule.key === undefined) return [];
  const event = matchedEvent(rule.intent);
  const key = rule.key.slice('prop:'.length);
  const { items } = await seenProps(clickhouse, { siteId, nowMs, event });
  if (items.some((item) => item.key === key)) return [];
  return [
    {
      path: 'key',
      message: `No ${event} of the last 30 days carries the property ${key}, so there would be one case for each person, not for each ${key}.`,
    },
  ];
}

async function silentEndpoints({ db }: State, siteId: number, { followUps }: Rule): Promise<RuleRemark[]> {
  if (followUps.length === 0) return [];
  const rows = await db
    .selectFrom('endpoints')
    .select(['id', 'name', 'events', 'enabled'])
    .where('site_id', '=', siteId)
    .where('deleted_at', 'is', null)
    .execute();
  return followUps.flatMap(({ endpoint }, index) => {
    const row = rows.find(({ id }) => id === endpoint);
    if (!row) return [];
    const path = `followUps.${index}.endpoint`;
    if (row.enabled === 0)
      return [{ path, message: `${row.name} is off, so it gets no message until it is on again.` }];
    if (subscribesTo(row, 'abandonment.created')) return [];
    return [{ path, message: `${row.name} does not take abandonment.created. Add it to the messages it gets.` }];
  });
}

function pointlessHoldout({ holdout, followUps }: Rule): RuleRemark[] {
  return holdout > 0 && followUps.length === 0
    ? [{ path: 'holdout', message: 'The rule sends no message, so holding people out of it measures nothing.' }]
    : [];
}

/** Whether the names differ by at most two letters, or only in case and in how words are joined. */
function isSimilar(one: string, other: string): boolean {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (plain(one) === plain(other)) return true;
  return Math.min(one.length, other.length) >= 5 && editDistance(one, other) <= 2;
}

/** Letters to add, drop or replace (Levenshtein). */
function editDistance(one: string, other: string): number {
  let before = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (const [row, letter] of [...one].entries()) {
    const after = [row + 1];
    for (const [column, wanted] of [...other].entries()) {
      after.push(
        Math.min(
          (before[column + 1] ?? 0) + 1,
          (after[column] ?? 0) + 1,
          (before[column] ?? 0) + (letter === wanted ? 0 : 1),
        ),
      );
    }
    before = after;
  }
  return before[other.length] ?? 0;
}
