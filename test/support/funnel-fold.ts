import type { FunnelRequest } from '../../collector/contract/funnel.ts';
import { compileMatch } from '../../collector/contract/pattern.ts';
import { type EventRow, fromTimestamp } from '../../collector/contract/row.ts';
import { durationMs } from '../../collector/contract/time.ts';

/** The attempt that speaks for a unit. */
export interface Chain {
  unit: string;
  reached: number;
  /** One event for each step up to `reached`. */
  events: EventRow[];
  /** First thing done after the last of them, within the window; undefined: nothing. */
  next: EventRow | undefined;
}

/**
 * The meaning of a funnel, written the slow and obvious way: for each unit, for each event that may start an attempt, walk on
 * to the first matching event after it, step by step. The deepest attempt speaks, and of equally deep ones the latest.
 */
export function foldFunnel(rows: EventRow[], request: FunnelRequest): Chain[] {
  const [fromMs, toMs] = [Date.parse(request.from), Date.parse(request.to)];
  const windowMs = durationMs(request.window);
  const matchers = request.steps.map(({ match }) => compileMatch(match));
  const matches = (row: EventRow, step: number) => matchers[step]?.(row) ?? false;
  const chains: Chain[] = [];
  for (const [unit, events] of groupByUnit(rows, request.by)) {
    // Of several at the very same moment the one of least value is taken, but one that has a value at all; any rule would do,
    // if both sides know it.
    events.sort((a, b) => order(a, b) || (a.value || 1e9) - (b.value || 1e9) || comparePages(a, b));
    let best: EventRow[] = [];
    for (const start of events) {
      if (!matches(start, 0) || ms(start) < fromMs || ms(start) >= toMs) continue;
      const chain = [start];
      for (let step = 1; step < request.steps.length; step += 1) {
        const last = chain[chain.length - 1] as EventRow;
        const found = events.find(
          (row) => matches(row, step) && order(last, row) < 0 && ms(row) - ms(start) <= windowMs,
        );
        if (!found) break;
        chain.push(found);
      }
      const isLater = best[0] === undefined || order(best[0], start) < 0;
      if (chain.length > best.length || (chain.length === best.length && isLater)) best = chain;
    }
    const [first, last] = [best[0], best.at(-1)];
    if (!first || !last) continue;
    const after = events.filter(
      (row) =>
        order(last, row) < 0 && ms(row) - ms(first) <= windowMs && !['engagement', 'form_field'].includes(row.name),
    );
    after.sort((a, b) => order(a, b) || comparePages(a, b));
    chains.push({ unit, reached: best.length, events: best, next: after[0] });
  }
  return chains;
}

function groupByUnit(rows: EventRow[], by: FunnelRequest['by']): Map<string, EventRow[]> {
  const units = new Map<string, EventRow[]>();
  for (const row of rows) {
    const unit = by === 'session' ? row.session_id : row.visitor_id;
    units.set(unit, [...(units.get(unit) ?? []), row]);
  }
  return units;
}

function order(a: EventRow, b: EventRow): number {
  return ms(a) - ms(b) || a.seq - b.seq;
}

function comparePages(a: EventRow, b: EventRow): number {
  return Number(BigInt(a.page_id) - BigInt(b.page_id));
}

function ms(row: EventRow): number {
  return fromTimestamp(row.ts);
}
