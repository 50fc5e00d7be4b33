import type { FunnelRequest, FunnelStepResult } from '../../../collector/contract/funnel.ts';
import { limits } from '../../../collector/contract/limits.ts';
import type { Match } from '../../../collector/contract/match.ts';
import type { TrackerEvent } from '../../../collector/contract/names.ts';
import type { SeenAnswer } from '../../../collector/contract/overview.ts';
import { formatCount, formatRate, plural } from '../../format.ts';

export type Step = FunnelRequest['steps'][number];
export type Unit = FunnelRequest['by'];
export type Order = FunnelRequest['order'];
export type Exclusion = NonNullable<FunnelRequest['exclude']>[number];
export type Breakdown = NonNullable<FunnelRequest['breakdown']>;

export const orderNames: Record<Order, string> = {
  ordered: 'In this order',
  strict: 'Directly after each other',
  any: 'In any order',
};

const orderHelp: Record<Order, string> = {
  ordered: 'Steps must be taken in this order; other pages may lie between.',
  strict: 'Steps must follow each other directly, with no other page or event between.',
  any: 'Steps may be taken in any order.',
};

/** What the result counts, in words. */
export function resultHint(unit: Unit, order: Order): string {
  return `Each ${unit} counts once, at the deepest step reached. ${orderHelp[order]} The time runs from the first step.`;
}

/** The windows offered; any other duration in a link still works. */
export const windows = [
  { value: '30m', label: '30 minutes' },
  { value: '1h', label: '1 hour' },
  { value: '24h', label: '1 day' },
  { value: '7d', label: '7 days' },
  { value: '30d', label: '30 days' },
  { value: '90d', label: '90 days' },
];

/** A match in words: "/pricing", "booking_start where plan is pro". */
export function matchName(match: Match): string {
  const props = Object.entries(match.props ?? {}).map(([key, value]) => `${key} is ${value}`);
  const what =
    match.event && match.event !== 'pageview'
      ? [match.event, ...(match.path ? [`on ${match.path}`] : [])].join(' ')
      : (match.path ?? 'any page');
  return props.length === 0 ? what : `${what} where ${props.join(' and ')}`;
}

/** Reads the steps of a link; what is not a step is left out. */
export function parseSteps(value: unknown): Step[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const steps = value.flatMap((one: unknown): Step[] => {
    if (typeof one !== 'object' || one === null) return [];
    const { match, name, optional } = one as Record<string, unknown>;
    const parsed = parseMatch(match);
    if (!parsed) return [];
    return [
      {
        match: parsed,
        ...(typeof name === 'string' && name !== '' ? { name: name.slice(0, limits.nameLength) } : {}),
        ...(optional === true ? { optional: true } : {}),
      },
    ];
  });
  return steps.slice(0, limits.funnelSteps);
}

/** Reads one match of a link; undefined where it is none. */
export function parseMatch(value: unknown): Match | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { event, path, host, props } = value as Record<string, unknown>;
  const text = (one: unknown): one is string => typeof one === 'string';
  if (!text(event) && !text(path)) return undefined;
  const entries =
    typeof props === 'object' && props !== null
      ? Object.entries(props).filter((entry): entry is [string, string] => text(entry[1]))
      : [];
  return {
    ...(text(event) ? { event } : {}),
    ...(text(path) ? { path } : {}),
    ...(text(host) ? { host } : {}),
    ...(entries.length > 0 ? { props: Object.fromEntries(entries) } : {}),
  };
}

/** Reads the exclusions of a link; what is none is left out. */
export function parseExclusions(value: unknown): Exclusion[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const exclusions = value.flatMap((one: unknown): Exclusion[] => {
    const { match: written, between: steps } = (one ?? {}) as { match?: unknown; between?: unknown };
    const match = parseMatch(written);
    const between = parseBetween(steps);
    return match ? [{ match, ...(between ? { between } : {}) }] : [];
  });
  return exclusions.slice(0, mostExclusions);
}

function parseBetween(value: unknown): [number, number] | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [from, to]: unknown[] = value;
  const isStep = (one: unknown): one is number => Number.isInteger(one) && Number(one) >= 1;
  return isStep(from) && isStep(to) && from < to ? [from, to] : undefined;
}

/** As many as the server takes. */
export const mostExclusions = 10;

/**
 * Exclusions as the server may be asked: half-written ones wait. `between` counts the steps of the builder, of which half-written ones
 * are not asked about; where it names one of these, or an optional one, the exclusion holds on the whole way.
 */
export function askableExclusions(exclusions: Exclusion[], steps: Step[]): Exclusion[] {
  const asked = steps.flatMap((step, index) => (isComplete(step) ? [index + 1] : []));
  return exclusions.filter(isComplete).map(({ match, between }) => {
    const known = between?.every((step) => requiredSteps(steps).includes(step));
    const [from, to] = (between ?? []).map((step) => asked.indexOf(step) + 1);
    return {
      match: askableMatch(match),
      ...(known && from !== undefined && to !== undefined ? { between: [from, to] } : {}),
    };
  });
}

/** The steps between which an exclusion can lie: the written ones that nobody may leave out, by their number from 1. */
export function requiredSteps(steps: Step[]): number[] {
  return steps.flatMap((step, index) => (isComplete(step) && !step.optional ? [index + 1] : []));
}

/** Whether a step can be asked about: half-written ones wait in the builder. */
export function isComplete(step: { match: Match }): boolean {
  return Boolean(step.match.event?.trim() || step.match.path?.trim());
}

/** Events that say little about intent and would only clutter a suggestion. */
const background: ReadonlySet<string> = new Set<TrackerEvent>([
  'pageview',
  'engagement',
  'form_field',
  'outbound_click',
  'file_download',
  'rage_click',
  'dead_click',
  'not_found',
  'form_abandon',
]);
const startsSomething = /start|begin|open|initiat|add.?to.?cart|request/i;
const endsSomething = /done|complete|success|purchase|submit|confirm|finish|paid|thank|sign.?up|created/i;

/**
 * A first funnel from what was seen: the page that earns the most intent (or the most viewed one), then an event
 * that starts something, then one that ends it; without events, the most viewed pages.
 */
export function suggestSteps(seen: SeenAnswer): Step[] {
  const pages = [...seen.pages].sort((a, b) => b.count - a.count);
  const events = [...seen.events].filter((event) => !background.has(event.name)).sort((a, b) => b.count - a.count);
  const entry = pages.find((page) => /pric|plans|product|quote/i.test(page.path)) ?? pages[0];
  const ending = events.find((event) => endsSomething.test(event.name) && !startsSomething.test(event.name));
  const start =
    events.find((event) => event !== ending && startsSomething.test(event.name)) ??
    events.find((event) => event !== ending);
  const steps: Step[] = [
    ...(entry ? [{ match: { path: entry.path } }] : []),
    ...(start ? [{ match: { event: start.name } }] : []),
    ...(ending ? [{ match: { event: ending.name } }] : []),
  ];
  if (steps.length >= 2) return steps;
  const more = pages.filter((page) => page !== entry).slice(0, 3 - steps.length);
  return [...steps, ...more.map((page) => ({ match: { path: page.path } }))];
}

export interface FunnelBar {
  index: number;
  name: string;
  count: number;
  /** 0–1 of the widest bar: width of the filled part. */
  share: number;
  /** 0–1: width of the part lost since the step before. */
  lostShare: number;
  rateFromFirst: number;
  rateFromPrevious: number;
  dropped: number;
  /** 0–1 of this step's own count. */
  dropRate: number;
  secondsFromPrevious: number | null;
  optional: boolean;
}

/** Bars of the drawing, widths relative to the first step. Nobody is lost by leaving out an optional step. */
export function funnelBars(steps: FunnelStepResult[], optional: ReadonlySet<number> = new Set()): FunnelBar[] {
  const widest = Math.max(1, ...steps.map((step) => step.count));
  const required = (before: number) => steps.slice(0, before).findLast((step) => !optional.has(step.index));
  return steps.map((step, index) => ({
    index: step.index,
    name: step.name,
    count: step.count,
    optional: optional.has(step.index),
    share: step.count / widest,
    lostShare: optional.has(step.index)
      ? 0
      : Math.max(0, ((required(index)?.count ?? step.count) - step.count) / widest),
    rateFromFirst: step.rateFromFirst,
    rateFromPrevious: step.rateFromPrevious,
    dropped: step.dropped,
    dropRate: step.count === 0 ? 0 : step.dropped / step.count,
    secondsFromPrevious: step.secondsFromPrevious?.p50 ?? null,
  }));
}

/** The step after which most are lost; the earlier one where two lose as many. Null where nobody is lost. */
export function biggestLeak(
  steps: FunnelStepResult[],
  optional: ReadonlySet<number> = new Set(),
): { from: FunnelStepResult; to: FunnelStepResult } | null {
  let worst: { from: FunnelStepResult; to: FunnelStepResult } | null = null;
  steps.forEach((from, index) => {
    const to = steps.slice(index + 1).find((step) => !optional.has(step.index));
    if (to && from.dropped > (worst?.from.dropped ?? 0)) worst = { from, to };
  });
  return worst;
}

/** The funnel in one sentence. */
export function leakSentence(steps: FunnelStepResult[], unit: Unit, optional: ReadonlySet<number> = new Set()): string {
  const first = steps[0];
  const last = steps.at(-1);
  if (!first || !last || first.count === 0) return `No ${unit} reached the first step in this range.`;
  if (steps.length === 1)
    return `${plural(first.count, unit)} reached ${first.name}. Add a second step to see who goes on.`;
  const leak = biggestLeak(steps, optional);
  if (!leak) return `Nothing leaks: all ${plural(first.count, unit)} went the whole way.`;
  const { from, to } = leak;
  const rate = formatRate(from.dropped / from.count);
  return `Biggest leak: ${from.name} → ${to.name}. ${formatCount(from.dropped)} of ${plural(from.count, unit)} (${rate}) went no further; ${formatRate(last.rateFromFirst)} went the whole way.`;
}

/** A copy with the step at `index` moved by `by` places; unchanged at the ends. */
export function moveStep(steps: Step[], index: number, by: -1 | 1): Step[] {
  const target = index + by;
  const moved = steps[index];
  const other = steps[target];
  if (!moved || !other) return steps;
  const copy = [...steps];
  copy[index] = other;
  copy[target] = moved;
  return copy;
}

/** The steps as the server may be asked: half-written steps and half-written properties are left out. */
export function askableSteps(steps: Step[]): Step[] {
  return steps.filter(isComplete).map((step) => ({ ...step, match: askableMatch(step.match) }));
}

export function askableMatch({ props, ...match }: Match): Match {
  const written = Object.entries(props ?? {}).filter(([key]) => key.trim() !== '');
  return { ...match, ...(written.length > 0 ? { props: Object.fromEntries(written) } : {}) };
}
