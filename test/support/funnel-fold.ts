import type { FunnelRequest } from '../../collector/contract/funnel.ts';
import { compileMatch } from '../../collector/contract/pattern.ts';
import { type EventRow, fromTimestamp } from '../../collector/contract/row.ts';
import { durationMs } from '../../collector/contract/time.ts';

/** The attempt that speaks for a unit. */
export interface Chain {
  unit: string;
  /** The last step passed, from 1. */
  reached: number;
  /** The event of each step up to `reached`; undefined: an optional step that was passed over. */
  events: (EventRow | undefined)[];
  /** When each of these steps counts as reached: its event's time, and in any order when all up to it had occurred. */
  times: (number | undefined)[];
  start: EventRow;
  stop: EventRow;
  /** Where the breakdown puts the unit: its least value at the moment of the start. */
  key: string;
  /** First thing done after the stop, within the window; undefined: nothing. */
  next: EventRow | undefined;
}

interface Attempt {
  start: EventRow;
  stop: EventRow;
  /** Required steps reached. */
  depth: number;
  events: Map<number, EventRow>;
  times: Map<number, number>;
}

/** What the walk over one unit's events needs to know. */
interface Walk {
  events: EventRow[];
  required: number[];
  optional: number[];
  fits: (row: EventRow, step: number) => boolean;
  inWindow: (start: EventRow, row: EventRow) => boolean;
  /** Whether an exclusion lies after a step served before and before this row, which would serve `step`. */
  isCut: (step: number, row: EventRow, servedAt: (step: number) => EventRow | undefined) => boolean;
}

/**
 * The meaning of a funnel, written the slow and obvious way: for each unit, for each event that may start an attempt, walk on
 * to the first matching event after it, step by step. The deepest attempt speaks, and of equally deep ones the latest.
 * `leadOf` says whose a visitor is, `isCounted` what passes the filters: everything else still happened, and may be the next thing.
 */
export function foldFunnel(
  rows: EventRow[],
  request: FunnelRequest,
  {
    leadOf = new Map(),
    isCounted = () => true,
  }: { leadOf?: Map<string, string>; isCounted?: (row: EventRow) => boolean } = {},
): Chain[] {
  const [fromMs, toMs] = [Date.parse(request.from), Date.parse(request.to)];
  const windowMs = durationMs(request.window);
  const matchers = request.steps.map(({ match }) => compileMatch(match));
  const numbers = request.steps.map((_, index) => index + 1);
  const required = numbers.filter((step) => !request.steps[step - 1]?.optional);
  const fits = (row: EventRow, step: number) => matchers[step - 1]?.(row) ?? false;
  const inRange = (row: EventRow) => ms(row) >= fromMs && ms(row) < toMs;
  const exclusions = (request.exclude ?? []).map(({ match, between }) => ({
    fits: compileMatch(match),
    from: between?.[0] ?? 0,
    to: between?.[1] ?? request.steps.length,
  }));
  const chains: Chain[] = [];
  for (const [unit, all] of groupByUnit(rows, request.by, leadOf)) {
    const happened = all.filter((row) => ms(row) >= fromMs && ms(row) < toMs + windowMs);
    const events = happened.filter(isCounted);
    // Of several at the very same moment the one of least value is taken, but one that has a value at all; any rule would do,
    // if both sides know it.
    events.sort((a, b) => order(a, b) || (a.value || 1e9) - (b.value || 1e9) || comparePages(a, b));
    const walk: Walk = {
      events,
      required,
      optional: numbers.filter((step) => !required.includes(step)),
      fits,
      inWindow: (start, row) => ms(row) - ms(start) <= windowMs,
      isCut: (step, row, servedAt) =>
        exclusions.some(({ fits: ends, from, to }) => {
          const first = servedAt(from);
          if (!first || from >= step || step > to) return false;
          return events.some((other) => ends(other) && order(first, other) < 0 && order(other, row) < 0);
        }),
    };
    const mayStart = (row: EventRow) =>
      inRange(row) && (request.order === 'any' ? required.some((step) => fits(row, step)) : fits(row, 1));
    const attempts = { ordered: walkOrdered, strict: walkStrict, any: walkAny };
    let best: Attempt | undefined;
    for (const start of events.filter(mayStart)) {
      const attempt = attempts[request.order](start, walk);
      const isLater = best === undefined || order(best.start, start) < 0;
      if (attempt.depth > (best?.depth ?? 0) || (attempt.depth === best?.depth && isLater)) best = attempt;
    }
    if (!best || best.depth === 0) continue;
    const { start, stop, events: served, times } = best;
    const reached = Math.max(...served.keys());
    const after = happened.filter(
      (row) =>
        order(stop, row) < 0 && ms(row) - ms(start) <= windowMs && !['engagement', 'form_field'].includes(row.name),
    );
    after.sort((a, b) => order(a, b) || compareTexts(a.name, b.name) || compareTexts(a.path, b.path));
    chains.push({
      unit,
      reached,
      events: numbers.slice(0, reached).map((step) => served.get(step)),
      times: numbers.slice(0, reached).map((step) => times.get(step)),
      start,
      stop,
      key: events
        .filter((row) => mayStart(row) && order(row, start) === 0)
        .map((row) => keyOf(row, request.breakdown))
        .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))[0] as string,
      next: after[0],
    });
  }
  return chains;
}

function walkOrdered(start: EventRow, walk: Walk): Attempt {
  const { events, required, optional, fits, inWindow, isCut } = walk;
  const served = new Map([[1, start]]);
  const servedAt = (step: number) => served.get(Math.max(step, 1));
  const firstAfter = (row: EventRow, step: number) =>
    events.find((other) => fits(other, step) && order(row, other) < 0);
  let last = start;
  for (const step of required.slice(1)) {
    const found = firstAfter(last, step);
    if (!found || !inWindow(start, found) || isCut(step, found, servedAt)) break;
    served.set(step, found);
    last = found;
  }
  const depth = served.size;
  for (const step of optional) {
    const [before, rival] = [required.findLast((other) => other < step), required.find((other) => other > step)];
    if (!before || !served.has(before)) break;
    const earlier = served.get(Math.max(...[...served.keys()].filter((other) => other < step))) as EventRow;
    const found = firstAfter(earlier, step);
    const limit = rival && served.get(rival);
    if (!found || !inWindow(start, found) || isCut(step, found, servedAt)) continue;
    if (limit && order(found, limit) >= 0) continue;
    served.set(step, found);
  }
  return attemptOf(start, depth, served);
}

function walkStrict(start: EventRow, walk: Walk): Attempt {
  const { events, required, optional, fits, inWindow, isCut } = walk;
  const served = new Map([[1, start]]);
  const servedAt = (step: number) => served.get(Math.max(step, 1));
  let here = start;
  for (const step of [...required, ...optional].sort((a, b) => a - b).slice(1)) {
    const next = events.find((row) => row.name !== 'engagement' && order(here, row) < 0);
    const atOnce = next ? events.filter((row) => row.name !== 'engagement' && order(row, next) === 0) : [];
    const found = atOnce.find((row) => fits(row, step));
    const rival = required.find((other) => other > step);
    const isTaken = optional.includes(step) && rival !== undefined && atOnce.some((row) => fits(row, rival));
    const ok = found && !isTaken && inWindow(start, found) && !isCut(step, found, servedAt);
    if (ok) {
      served.set(step, found);
      here = found;
    } else if (required.includes(step)) break;
  }
  return attemptOf(start, required.filter((step) => served.has(step)).length, served);
}

function walkAny(start: EventRow, walk: Walk): Attempt {
  const { events, required, optional, fits, inWindow, isCut } = walk;
  const window = events.filter((row) => order(start, row) <= 0 && inWindow(start, row));
  const done = new Map<number, EventRow>();
  const servedAt = (step: number) => (step === 0 ? start : done.get(step));
  for (const [index, step] of required.entries()) {
    const needed = required.slice(0, index + 1);
    const last = window.find((_, place) => canServe(window.slice(0, place + 1), needed, fits));
    if (!last || isCut(step, last, servedAt)) break;
    done.set(step, last);
  }
  const depth = done.size;
  const reached = required.slice(0, depth);
  const none = { start, stop: start, depth: 0, events: new Map(), times: new Map() };
  if (!reached.some((step) => fits(start, step))) return none;
  const served = new Map<number, EventRow>();
  const times = new Map<number, number>();
  const first = (step: number) => window.find((row) => fits(row, step));
  for (const step of reached) {
    served.set(step, first(step) as EventRow);
    times.set(step, ms(done.get(step) as EventRow));
  }
  for (const step of optional) {
    const before = required.findLast((other) => other < step);
    const found = first(step);
    if (!before || !done.has(before) || !found || isCut(step, found, servedAt)) continue;
    if (!canServe(window, [...reached, step], fits)) continue;
    served.set(step, found);
    times.set(step, ms(found));
  }
  return { start, stop: done.get(reached.at(-1) as number) as EventRow, depth, events: served, times };
}

/** Whether every step can have an event of its own (a matching in the sense of graphs, by augmenting paths). */
function canServe(rows: EventRow[], steps: number[], fits: Walk['fits']): boolean {
  const owner = new Map<EventRow, number>();
  const place = (step: number, tried: Set<EventRow>): boolean =>
    rows.some((row) => {
      if (tried.has(row) || !fits(row, step)) return false;
      tried.add(row);
      const other = owner.get(row);
      if (other !== undefined && !place(other, tried)) return false;
      owner.set(row, step);
      return true;
    });
  return steps.every((step) => place(step, new Set()));
}

function attemptOf(start: EventRow, depth: number, served: Map<number, EventRow>): Attempt {
  return {
    start,
    stop: served.get(Math.max(...served.keys())) as EventRow,
    depth,
    events: served,
    times: new Map([...served].map(([step, row]) => [step, ms(row)])),
  };
}

function keyOf(row: EventRow, breakdown: FunnelRequest['breakdown']): string {
  if (breakdown === undefined) return '';
  if (breakdown.startsWith('prop:')) return row.props[breakdown.slice('prop:'.length)] ?? '';
  return String(breakdown === 'event' ? row.name : row[breakdown as 'country' | 'path' | 'host']);
}

function groupByUnit(
  rows: EventRow[],
  by: FunnelRequest['by'],
  leadOf: ReadonlyMap<string, string>,
): Map<string, EventRow[]> {
  const units = new Map<string, EventRow[]>();
  for (const row of rows) {
    const unit = { session: row.session_id, visitor: row.visitor_id, lead: leadOf.get(row.visitor_id) }[by];
    if (unit !== undefined) units.set(unit, [...(units.get(unit) ?? []), row]);
  }
  return units;
}

function order(a: EventRow, b: EventRow): number {
  return ms(a) - ms(b) || a.seq - b.seq;
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function comparePages(a: EventRow, b: EventRow): number {
  return Number(BigInt(a.page_id) - BigInt(b.page_id));
}

function ms(row: EventRow): number {
  return fromTimestamp(row.ts);
}
