import type { Match } from '../../collector/contract/match.ts';
import { compileMatch } from '../../collector/contract/pattern.ts';
import type { Atlas, AtlasSign } from '../../collector/queries/leaks-atlas.ts';
import {
  leakDimensions,
  type Place,
  type PlaceCounts,
  type PlaceSeries,
} from '../../collector/queries/leaks-counts.ts';
import { stepMs, type TrafficStep, trafficDays, type Visit } from './leak-traffic.ts';

/** The atlas of queries/leaks-atlas.ts as a loop over visits; without its limits on how rare or many signs may be. */
export function foldAtlas(visits: Iterable<Visit>, goals: readonly Match[]): Atlas {
  const tests = goals.map(compileMatch);
  const goalsOf = remember((step) => tests.flatMap((test, index) => (test(step) ? [index] : [])));
  const signs = new Map<string, Counted>();
  const keyOf = remember(signKey);
  let sessions = 0;
  const totals = goals.map(() => ({ sessions: 0, worth: 0, paid: 0 }));
  for (const { steps } of visits) {
    if (steps.length === 0) continue;
    sessions += 1;
    const last = new Map<number, number>();
    const first = new Map<string, number>();
    steps.forEach((step, index) => {
      for (const goal of goalsOf(step)) {
        last.set(goal, index);
        const total = totals[goal];
        if (total && step.value > 0) {
          total.worth += step.value;
          total.paid += 1;
        }
      }
      const key = keyOf(step);
      if (!first.has(key)) first.set(key, index);
    });
    for (const goal of last.keys()) {
      const total = totals[goal];
      if (total) total.sessions += 1;
    }
    for (const [key, at] of first) {
      const step = steps[at];
      if (!step) continue;
      const sign = signs.get(key) ?? { ...blank(step), seconds: goals.map(() => []) };
      signs.set(key, sign);
      sign.sessions += 1;
      for (const [goal, end] of last) if (end > at) sign.seconds[goal]?.push(((end - at) * stepMs) / 1000);
    }
  }
  return {
    sessions,
    goals: totals.map(({ sessions: count, worth, paid }) => ({
      sessions: count,
      value: paid > 0 ? worth / paid : null,
    })),
    signs: [...signs.values()]
      .filter((sign) => sign.sessions >= 20)
      .map(({ seconds, ...sign }) => ({
        ...sign,
        before: seconds.flatMap((times, goal) =>
          times.length >= 20
            ? [
                {
                  goal,
                  sessions: times.length,
                  seconds: times.sort((one, other) => one - other)[Math.floor(times.length / 2)] ?? 0,
                },
              ]
            : [],
        ),
      }))
      .sort((one, other) => other.sessions - one.sessions || compareTexts(signKey(one), signKey(other))),
  };
}

interface Counted extends AtlasSign {
  seconds: number[][];
}

function blank({ name, path, host, props }: TrafficStep): AtlasSign {
  const isForm = ['form_start', 'form_submit', 'form_abandon'].includes(name);
  return {
    name,
    detail: name === 'pageview' ? path : isForm ? (props.form ?? '') : '',
    field: name === 'form_abandon' ? (props.field ?? '') : '',
    sessions: 0,
    page: path,
    host,
    before: [],
  };
}

function signKey(step: TrafficStep | AtlasSign): string {
  const { name, detail, field } = 'detail' in step ? step : blank(step);
  return `${name}\n${detail}\n${field}`;
}

/** The counts of queries/leaks-counts.ts as a loop over visits. */
export function foldCounts(visits: Iterable<Visit>, places: readonly Place[], keepValues = 8): PlaceCounts[] {
  const tests = places.map(({ from, to, at, goal, later }) => ({
    from: remember(compileMatch(from)),
    to: remember(compileMatch(to)),
    at: at && remember(compileMatch(at)),
    goal: goal && remember(compileMatch(goal)),
    later: later.map((match) => remember(compileMatch(match))),
  }));
  /** Places that begin with a step, so that most places need not be looked at. */
  const beginning = remember((step) => tests.flatMap((test, index) => (test.from(step) ? [index] : [])));
  /** Every value of every dimension is a slot; a place holds one number for each slot and day. */
  const slots: { dimension: string; value: string }[] = [{ dimension: '', value: '' }];
  const slotOf = leakDimensions.map((dimension) => ({ dimension, byValue: new Map<string, number>() }));
  const slotsOf = (visit: Visit) => {
    const own = [0];
    for (const { dimension, byValue } of slotOf) {
      const value = visit[dimension];
      let slot = byValue.get(value);
      if (slot === undefined) {
        slot = slots.push({ dimension, value }) - 1;
        byValue.set(value, slot);
      }
      own.push(slot);
    }
    return own;
  };
  const numbers = () => new Float64Array(mostSlots * trafficDays);
  const counted = places.map(() => ({ reached: numbers(), lost: numbers(), skipped: numbers(), won: numbers() }));
  const count = (numbersOf: Float64Array, own: readonly number[], day: number) => {
    for (const slot of own) numbersOf[slot * trafficDays + day] = (numbersOf[slot * trafficDays + day] ?? 0) + 1;
  };
  for (const visit of visits) {
    const { steps, day } = visit;
    const own = slotsOf(visit);
    const after = (is: (step: TrafficStep) => boolean, from: number) =>
      steps.some((step, position) => position > from && is(step));
    const seen: number[] = [];
    for (const [began, step] of steps.entries()) {
      for (const index of beginning(step)) {
        const [place, test, numbersOf] = [places[index], tests[index], counted[index]];
        if (seen.includes(index) || !place || !test || !numbersOf) continue;
        seen.push(index);
        let isLost = !after(test.to, began);
        if (test.at) {
          const left = steps.findIndex(test.at);
          isLost = left >= 0 && !after(test.to, left);
        }
        if (place.lost === 'cookieless') isLost = visit.persistent === 0;
        count(numbersOf.reached, own, day);
        if (isLost) count(numbersOf.lost, own, day);
        if (isLost && test.later.some((is) => after(is, began))) count(numbersOf.skipped, own, day);
        if (!isLost && test.goal !== undefined && after(test.goal, began)) count(numbersOf.won, own, day);
      }
    }
  }
  return places.map((place, index) => {
    const numbersOf = counted[index];
    const series = slots.map(({ dimension, value }, slot): PlaceSeries => {
      const days = (all: Float64Array | undefined) => [
        ...(all ?? []).slice(slot * trafficDays, (slot + 1) * trafficDays),
      ];
      return {
        dimension,
        value,
        reached: days(numbersOf?.reached),
        lost: days(numbersOf?.lost),
        skipped: days(numbersOf?.skipped),
        won: days(numbersOf?.won),
      };
    });
    return {
      place,
      series: mostFrequent(
        series.filter(({ reached }) => reached.some((people) => people > 0)),
        keepValues,
      ),
    };
  });
}

/** Values of all dimensions together: the traffic has about thirty. */
const mostSlots = 64;

function mostFrequent(series: PlaceSeries[], keep: number): PlaceSeries[] {
  const total = ({ reached }: PlaceSeries) => reached.reduce((sum, count) => sum + count, 0);
  const ranked = series.sort(
    (one, other) =>
      compareTexts(one.dimension, other.dimension) || total(other) - total(one) || compareTexts(one.value, other.value),
  );
  return ranked.filter((one) => ranked.filter(({ dimension }) => dimension === one.dimension).indexOf(one) < keep);
}

function compareTexts(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Steps are shared by all visits, so each answer is worked out once. */
function remember<Answer>(answer: (step: TrafficStep) => Answer): (step: TrafficStep) => Answer {
  const known = new Map<TrafficStep, Answer>();
  return (step) => {
    const found = known.get(step);
    if (found !== undefined) return found;
    const fresh = answer(step);
    known.set(step, fresh);
    return fresh;
  };
}
