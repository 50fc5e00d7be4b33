import type { ClickHouse } from '../clickhouse/client.ts';
import type { SuppressReason } from '../contract/names.ts';
import type { BacktestAnswer, BacktestExample, BacktestRequest, Rule } from '../contract/rule.ts';
import { durationMs } from '../contract/time.ts';
import { type RuleEvent, ruleEvents, ruleSize } from '../queries/rule-events.ts';
import type { State } from '../state/database.ts';
import { type LeadSummary, leadOfVisitors, leadZones, visitorsOfSamePerson } from '../state/leads.ts';
import { messagesOfPeople } from '../state/person-messages.ts';
import type { SiteRecord } from '../state/sites.ts';
import { usableEndpointsOf } from '../state/usable-endpoints.ts';
import { hooksOf, withHooks } from './hooks.ts';
import { type ReplayedCase, replayRule } from './replay-rule.ts';

export interface BacktestDependencies {
  state: State;
  clickhouse: ClickHouse;
  now: () => number;
}

/** Events replayed at most; of more, one visitor in so many is looked at and the numbers are multiplied. */
const mostEvents = 100_000;
/** Nobody who acts himself causes more in three months. The newest count. */
const mostEventsOfPerson = 5_000;
const examplesOfOutcome = 4;
const dayMs = 86_400_000;
const draftId = 'draft';

/**
 * What a rule would have done over the last days: every person's events are replayed through the checks that detection makes. Events
 * count as arrived when they happened, and the endpoints as they are now.
 */
export async function backtest(
  { state, clickhouse, now }: BacktestDependencies,
  site: SiteRecord,
  { rule: written, days, ruleId = draftId }: BacktestRequest,
): Promise<BacktestAnswer> {
  const started = performance.now();
  const rule = withHooks(written, (await hooksOf(state, [site.id])).get(site.id) ?? []);
  const toMs = now();
  const span = { fromMs: toMs - days * dayMs, toMs };
  const size = await ruleSize(clickhouse, { siteId: site.id, span, rule });
  const sample = Math.max(1, Math.ceil(size.events / mostEvents));
  // Twice as many as expected: people come in lumps.
  const found = await ruleEvents(clickhouse, { siteId: site.id, span, rule, sample, limit: 2 * mostEvents - 1 });
  const people = await groupByPerson(state, site.id, found.events);
  const context = await loadContext(state, site, { rule, ruleId, fromMs: span.fromMs, people });
  const cases = [...people.values()].flatMap((person) =>
    replayRule({
      rule,
      ruleId,
      events: person.events.slice(-mostEventsOfPerson),
      person: {
        id: person.id,
        isIdentified: Boolean(person.lead?.email || person.lead?.phone),
        timezone: (person.lead && context.zones.get(person.lead.id)) ?? site.timezone,
        otherMessages: person.visitors.flatMap((visitor) => context.messages.get(visitor) ?? []),
      },
      usableEndpoints: context.usableEndpoints,
      untilMs: toMs,
    }),
  );
  return {
    from: new Date(span.fromMs).toISOString(),
    to: new Date(toMs).toISOString(),
    sample,
    ...countCases(cases, { sample, currency: site.settings.currency }),
    intents: sample * found.events.filter(({ intent }) => intent === 1).length,
    people: sample * [...people.values()].filter(({ events }) => events.some(({ intent }) => intent === 1)).length,
    ...waitCurveOf(cases, sample),
    examples: examplesOf(cases, people),
    elapsedMs: Math.round(performance.now() - started),
    rowsRead: size.rowsRead + found.rowsRead,
  };
}

interface Person {
  id: string;
  lead: LeadSummary | undefined;
  visitors: string[];
  events: RuleEvent[];
}

/** By visitor: all visitors of a lead share one entry. */
async function groupByPerson(state: State, siteId: number, events: readonly RuleEvent[]): Promise<Map<string, Person>> {
  const visitors = [...new Set(events.map(({ visitor }) => visitor))];
  const leads = await leadOfVisitors(state, siteId, visitors);
  const same = await visitorsOfSamePerson(state, siteId, visitors);
  const people = new Map<string, Person>();
  for (const event of events) {
    const lead = leads.get(event.visitor);
    const id = lead?.id ?? event.visitor;
    const person = people.get(id);
    if (person) person.events.push(event);
    else people.set(id, { id, lead, visitors: same.get(event.visitor) ?? [event.visitor], events: [event] });
  }
  return people;
}

async function loadContext(
  state: State,
  site: SiteRecord,
  options: { rule: Rule; ruleId: string; fromMs: number; people: Map<string, Person> },
) {
  const { rule, ruleId, fromMs, people } = options;
  const leadIds = [...people.values()].flatMap(({ lead }) => lead?.id ?? []);
  const capMs = durationMs(rule.perPersonCap);
  return {
    usableEndpoints: await usableEndpointsOf(state.db, site.id),
    zones: rule.quietHours?.zone === 'lead' ? await leadZones(state, leadIds) : new Map<string, string>(),
    messages:
      capMs > 0
        ? await messagesOfPeople(state.db, { siteId: site.id, fromMs: fromMs - capMs, exceptRuleId: ruleId })
        : new Map<string, { knownAtMs: number; atMs: number }[]>(),
  };
}

type Counts = Pick<
  BacktestAnswer,
  | 'cases'
  | 'wouldFire'
  | 'messages'
  | 'recoveredLater'
  | 'selfRecovered'
  | 'cooledDown'
  | 'capped'
  | 'withheld'
  | 'waiting'
  | 'value'
  | 'currency'
>;

function countCases(
  cases: readonly ReplayedCase[],
  { sample, currency }: { sample: number; currency: string },
): Counts {
  const fired = cases.filter(({ outcome }) => outcome === 'fires');
  const withheld = new Map<SuppressReason, number>();
  for (const { reason } of cases) if (reason) withheld.set(reason, (withheld.get(reason) ?? 0) + sample);
  const own = fired.filter(({ intent }) => intent.currency === '' || intent.currency === currency);
  return {
    cases: sample * cases.length,
    wouldFire: sample * fired.length,
    messages: sample * fired.reduce((sum, { messages }) => sum + messages.length, 0),
    recoveredLater: sample * fired.filter(({ completedAtMs }) => completedAtMs !== null).length,
    selfRecovered: sample * cases.filter(({ outcome }) => outcome === 'self-recovered').length,
    cooledDown: withheld.get('cooldown') ?? 0,
    capped: withheld.get('person-cap') ?? 0,
    withheld: Object.fromEntries(withheld) as Counts['withheld'],
    waiting: sample * cases.filter(({ outcome }) => outcome === 'waiting').length,
    value: sample * own.reduce((sum, { intent }) => sum + intent.value, 0),
    currency,
  };
}

/** Waits that people choose, from a minute to two weeks. */
const usualWaits = [
  ...['1m', '2m', '5m', '10m', '15m', '20m', '25m', '30m', '35m', '40m', '45m', '50m', '60m', '75m', '90m'],
  ...['2h', '3h', '4h', '6h', '8h', '12h', '18h', '24h', '36h', '2d', '3d', '4d', '5d', '7d', '10d', '14d'],
];
/** With fewer people one of them moves the curve by more than a wait is worth. */
const leastFinishers = 20;
const enoughFinished = 0.9;

/** How the time from intent to completion is distributed among those who finish. */
export function waitCurveOf(
  cases: readonly Pick<ReplayedCase, 'intent' | 'completedAtMs'>[],
  sample: number,
): Pick<BacktestAnswer, 'waitCurve' | 'finishers' | 'suggestedWait' | 'sentence'> {
  const times = cases.flatMap(({ intent, completedAtMs }) =>
    completedAtMs === null ? [] : [completedAtMs - intent.at],
  );
  const finished = (wait: string) => times.filter((ms) => ms <= durationMs(wait)).length / times.length;
  const whole = times.length === 0 ? [] : usualWaits.map((wait) => ({ wait, finished: finished(wait) }));
  const last = whole.findIndex((point) => point.finished === 1);
  const waitCurve = last < 0 ? whole : whole.slice(0, last + 1);
  const suggested =
    times.length < leastFinishers ? undefined : waitCurve.find((point) => point.finished >= enoughFinished);
  return {
    waitCurve,
    finishers: sample * times.length,
    suggestedWait: suggested?.wait ?? null,
    sentence: sentenceOf(times.length, suggested),
  };
}

function sentenceOf(finishers: number, suggested: { wait: string; finished: number } | undefined): string {
  if (suggested) {
    return `After ${inWords(suggested.wait)}, ${Math.floor(suggested.finished * 100)}% of those who finish have finished.`;
  }
  if (finishers === 0) return 'Nobody finished in this time, so nothing says how long to wait.';
  if (finishers < leastFinishers) {
    return `Only ${finishers} finished in this time: too few to say how long to wait (at least ${leastFinishers}).`;
  }
  return 'Even after two weeks fewer than nine of ten have finished, so no wait stands out.';
}

function inWords(wait: string): string {
  const units: Record<string, string> = { m: 'min', h: 'h', d: 'days' };
  return `${Number.parseInt(wait, 10)} ${units[wait.slice(-1)] ?? ''}`;
}

function examplesOf(cases: readonly ReplayedCase[], people: ReadonlyMap<string, Person>): BacktestExample[] {
  const leads = new Map(
    [...people.values()].flatMap((person) => person.visitors.map((visitor) => [visitor, person.lead])),
  );
  const shown = (['fires', 'self-recovered', 'withheld'] as const).flatMap((outcome) =>
    cases
      .filter((one) => one.outcome === outcome)
      .toSorted((a, b) => b.intent.at - a.intent.at)
      .slice(0, examplesOfOutcome)
      .map((one): BacktestExample => {
        const { intent, reason, completedAtMs } = one;
        const lead = leads.get(intent.visitor);
        return {
          visitor: intent.visitor,
          name: lead?.name ?? null,
          email: lead?.email ?? null,
          at: new Date(intent.at).toISOString(),
          event: intent.name,
          path: intent.path,
          key: intent.key,
          value: intent.value === 0 ? null : intent.value,
          outcome,
          reason,
          completedAt: completedAtMs === null ? null : new Date(completedAtMs).toISOString(),
        };
      }),
  );
  return shown.toSorted((a, b) => (a.at < b.at ? 1 : -1));
}
