import { type Match, matchedEvent } from '../contract/match.ts';
import type { Atlas, AtlasSign } from '../queries/leaks-atlas.ts';
import type { Place } from '../queries/leaks-counts.ts';
import { matchInWords } from '../queries/match.ts';

/** A goal of the site as the search for leaks needs it. */
export interface LeakGoal {
  name: string;
  match: Match;
  /** Worth of one conversion where its event carries none. */
  value: number | null;
}

/** A sign belongs to the way to a goal when at least this share of those who got there passed it. */
const wayShare = 0.4;
/** Below this many conversions nobody knows the way. */
const leastGoalSessions = 30;
/** A page shows intent when the goal follows it this much more often than it follows any visit. */
const intentLift = 1.3;
const mostSteps = 8;
const mostIntentPages = 8;
const mostGoals = 8;
const mostForms = 10;
const mostFields = 8;
const mostEvents = 20;

/**
 * The places worth watching, found from what sessions pass: the steps of the way to each goal, other pages that lead there, forms and
 * their fields, and for broken tracking every frequent event and the consent. Nobody has to configure any of it.
 */
export function findPlaces(atlas: Atlas, goals: readonly LeakGoal[]): Place[] {
  const places = [...goalPlaces(atlas, goals), ...formPlaces(atlas, goals)];
  return withoutTwins([...places, ...trackingPlaces(atlas, places)]);
}

/** Goals that were reached often enough to know the way to them, the most frequent first. */
export function usableGoals(atlas: Atlas, goals: readonly LeakGoal[]): number[] {
  return goals
    .map((_, index) => index)
    .filter((index) => sessionsOf(atlas, index) >= leastGoalSessions)
    .sort((one, other) => sessionsOf(atlas, other) - sessionsOf(atlas, one) || one - other)
    .slice(0, mostGoals);
}

function goalPlaces(atlas: Atlas, goals: readonly LeakGoal[]): Place[] {
  return usableGoals(atlas, goals).flatMap((index) => {
    const goal = goals[index];
    if (!goal) return [];
    const way = wayTo(atlas, index, goal);
    const value = worthOf(atlas, goals, index);
    const steps = way.map((step) => ({ ...step, match: toMatch(step.sign) }));
    // A form's own end is watched as a form.
    const isForm = matchedEvent(goal.match) === 'form_submit' && way.some(({ sign }) => sign.name === 'form_start');
    const ends: { match: Match; host: string }[] = steps.map(({ match, sign }) => ({ match, host: sign.host }));
    if (!isForm) ends.push({ match: goal.match, host: '' });
    const onWay = steps.flatMap(({ match, sign }, position): Place[] => {
      const next = ends[position + 1];
      if (!next) return [];
      const isHandOver = next.host !== '' && next.host !== sign.host;
      return [
        {
          kind: isHandOver ? 'hand-over' : sign.name === 'pageview' ? 'page' : 'step',
          where: isHandOver ? `${matchInWords(match)} → ${next.host}` : matchInWords(match),
          from: match,
          to: next.match,
          later: ends.slice(position + 2).map((end) => end.match),
          goal: goal.match,
          value,
          lost: 'missing-to',
        },
      ];
    });
    const beside = intentPages(atlas, index, way).flatMap(({ sign, seconds }): Place[] => {
      const position = steps.findIndex((step) => step.seconds < seconds);
      const form = matchedEvent(goal.match) === 'form_submit' ? formOn(atlas, sign.detail) : undefined;
      const next = form ?? (position < 0 ? ends.at(-1) : ends[position]);
      if (!next) return [];
      return [
        {
          kind: 'page',
          where: sign.detail,
          from: toMatch(sign),
          to: next.match,
          later: ends.slice((position < 0 ? ends.length - 1 : position) + 1).map((end) => end.match),
          goal: goal.match,
          value,
          lost: 'missing-to',
        },
      ];
    });
    return [...onWay, ...beside];
  });
}

/** The beginning of the form that lies on a page: from there on it is watched as a form. */
function formOn(atlas: Atlas, path: string): { match: Match; host: string } | undefined {
  const start = atlas.signs.find(({ name, detail, page }) => name === 'form_start' && detail !== '' && page === path);
  return start && { match: toMatch(start), host: start.host };
}

interface WayStep {
  sign: AtlasSign;
  /** Median time to the goal. */
  seconds: number;
}

/** What most of those who reached the goal passed, in the order in which they did. */
function wayTo(atlas: Atlas, goal: number, { match }: LeakGoal): WayStep[] {
  const all = sessionsOf(atlas, goal);
  const isFormGoal = matchedEvent(match) === 'form_submit';
  const steps = leadingSigns(atlas, goal)
    .filter(({ sign, sessions }) => sessions >= wayShare * all && !isItself(sign, match))
    .filter(
      ({ sign }) =>
        sign.name === 'pageview' || !sign.name.startsWith('form_') || (isFormGoal && sign.name === 'form_start'),
    )
    .sort((one, other) => other.sessions - one.sessions)
    .slice(0, mostSteps)
    .sort((one, other) => other.seconds - one.seconds);
  const start = steps.findIndex(({ sign }) => sign.name === 'form_start');
  return start < 0 ? steps : steps.slice(0, start + 1);
}

/** Pages off the main way from which the goal is nevertheless often reached. */
function intentPages(atlas: Atlas, goal: number, way: readonly WayStep[]): WayStep[] {
  return leadingSigns(atlas, goal)
    .filter(({ sign }) => sign.name === 'pageview' && !way.some((step) => step.sign === sign))
    .filter(({ sessions }) => sessions >= leastGoalSessions)
    .sort((one, other) => other.sessions - one.sessions)
    .slice(0, mostIntentPages);
}

/** Signs after which the goal is likelier than after just any visit. */
function leadingSigns(atlas: Atlas, goal: number) {
  const usual = sessionsOf(atlas, goal) / Math.max(1, atlas.sessions);
  return atlas.signs.flatMap((sign) => {
    const before = sign.before.find((one) => one.goal === goal);
    if (!before || before.sessions / sign.sessions < intentLift * usual) return [];
    return [{ sign, sessions: before.sessions, seconds: before.seconds }];
  });
}

function formPlaces(atlas: Atlas, goals: readonly LeakGoal[]): Place[] {
  const starts = atlas.signs.filter(({ name, detail }) => name === 'form_start' && detail !== '').slice(0, mostForms);
  return starts.flatMap((start) => {
    const form = { props: { form: start.detail } };
    const submit: Match = { event: 'form_submit', ...form };
    const goal = goals.findIndex(
      ({ match }) =>
        matchedEvent(match) === 'form_submit' &&
        (!match.props || JSON.stringify(match.props) === JSON.stringify(form.props)),
    );
    const whole: Place = {
      kind: 'form',
      where: start.detail,
      from: { event: 'form_start', ...form },
      to: submit,
      later: [],
      goal: submit,
      value: goal < 0 ? null : worthOf(atlas, goals, goal),
      lost: 'missing-to',
    };
    const fields = atlas.signs
      .filter(({ name, detail, field }) => name === 'form_abandon' && detail === start.detail && field !== '')
      .slice(0, mostFields)
      .map(
        ({ field }): Place => ({
          ...whole,
          kind: 'field',
          where: `${start.detail} · ${field}`,
          at: { event: 'form_abandon', props: { form: start.detail, field } },
        }),
      );
    return [whole, ...fields];
  });
}

/** Frequent events that no other place ends in, each with the page it lies on, and the consent. Only faults are looked for there. */
function trackingPlaces(atlas: Atlas, known: readonly Place[]): Place[] {
  const watched = new Set(known.map(({ to }) => JSON.stringify(to)));
  const events = atlas.signs
    .filter(({ name }) => name !== 'pageview' && name !== 'form_abandon' && name !== 'form_submit')
    .filter((sign) => sign.page !== '' && !watched.has(JSON.stringify(toMatch(sign))))
    .slice(0, mostEvents)
    .map(
      (sign): Place => ({
        kind: 'tracking',
        where: matchInWords(toMatch(sign)),
        from: { path: sign.page },
        to: toMatch(sign),
        later: [],
        value: null,
        lost: 'missing-to',
      }),
    );
  const consent: Place = {
    kind: 'tracking',
    where: 'Consent',
    from: { event: 'pageview' },
    to: { event: 'pageview' },
    later: [],
    value: null,
    lost: 'cookieless',
  };
  return [...events, consent];
}

function withoutTwins(places: readonly Place[]): Place[] {
  const keyOf = ({ from, to, at, lost }: Place) => JSON.stringify([from, to, at, lost]);
  const seen = new Set<string>();
  return places.filter((place) => {
    const key = keyOf(place);
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function toMatch({ name, detail }: AtlasSign): Match {
  if (name === 'pageview') return { path: detail };
  return detail === '' ? { event: name } : { event: name, props: { form: detail } };
}

function isItself(sign: AtlasSign, goal: Match): boolean {
  if (sign.name !== matchedEvent(goal)) return false;
  return sign.name !== 'pageview' || goal.path === undefined || goal.path === sign.detail;
}

/** What the owner says a conversion is worth, else the mean of what the events say. */
function worthOf(atlas: Atlas, goals: readonly LeakGoal[], index: number): number | null {
  return atlas.goals[index]?.value ?? goals[index]?.value ?? null;
}

function sessionsOf(atlas: Atlas, goal: number): number {
  return atlas.goals[goal]?.sessions ?? 0;
}
