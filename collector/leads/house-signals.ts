import type { House } from '../contract/house.ts';
import type { Match } from '../contract/match.ts';
import { compileMatch } from '../contract/pattern.ts';
import type { EventRow } from '../contract/row.ts';
import type { Signal } from '../contract/signal.ts';
import type { HouseBook } from '../state/house-rules.ts';
import { signalKey } from './lead-facts.ts';

type WebSignal = Exclude<Signal, { kind: 'touch' }>;

/** Every lead that is judged asks. */
const signals = new WeakMap<House, Signal[]>();

/** Everything that the rules of a house ask about, each once. */
export function signalsOf(house: House): Signal[] {
  const found = signals.get(house) ?? collect(house);
  signals.set(house, found);
  return found;
}

function collect({ scoring, definition, clocks }: House): Signal[] {
  const { lead, marketing, sales } = definition.rules;
  const asked = [
    ...scoring.rules.rules.flatMap(({ when }) => (when.kind === 'field' ? [] : [when])),
    ...[...lead, ...marketing, ...sales].flatMap(({ check }) => (check.kind === 'behaviour' ? [check.of] : [])),
    ...clocks.rules.raised,
  ];
  return [...new Map(asked.map((signal) => [signalKey(signal), signal])).values()];
}

/** Those that are seen on the website, by key. */
export function webSignalsOf(house: House): Map<string, WebSignal> {
  return new Map(
    signalsOf(house).flatMap((signal): [string, WebSignal][] =>
      signal.kind === 'touch' ? [] : [[signalKey(signal), signal]],
    ),
  );
}

/** The events that a signal means. */
export function matchOf(signal: WebSignal): Match {
  switch (signal.kind) {
    case 'page':
      return { path: signal.path };
    case 'event':
      return signal.match;
    case 'form':
      return { event: 'form_submit', ...(signal.form === undefined ? {} : { props: { form: signal.form } }) };
  }
}

type Matcher = (row: EventRow) => boolean;

/**
 * For each site the tests of `others`, and those for events that its house looks at. Made once for each change of either, because
 * every event that comes in asks.
 */
export function withSignals(
  others: (siteId: number) => readonly Matcher[],
  book: HouseBook,
): (siteId: number) => readonly Matcher[] {
  const made = new Map<number, { house: House; own: readonly Matcher[]; all: Matcher[] }>();
  return (siteId) => {
    const house = book.of(siteId);
    const own = others(siteId);
    const known = made.get(siteId);
    if (known?.house === house && known.own === own) return known.all;
    const all = [...own, ...[...webSignalsOf(house).values()].map((signal) => compileMatch(matchOf(signal)))];
    made.set(siteId, { house, own, all });
    return all;
  };
}
