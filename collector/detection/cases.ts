import { fromTimestamp } from '../contract/row.ts';
import type { Completion, IntentRow } from '../state/cases.ts';
import { type CompiledRule, isHistory } from './rules.ts';

/** A case that an event may still change. */
export interface OpenCase {
  id: string;
  siteId: number;
  ruleId: string;
  ruleVersion: number;
  visitorId: string;
  key: string;
  /** `withheld`: abandoned, but suppressed before a message was sent; a completion is noted, nothing is sent. */
  state: 'waiting' | 'abandoned' | 'withheld';
  occurredMs: number;
  occurredSeq: number;
  /** Null while waiting. */
  abandonedAtMs: number | null;
}

export interface WatchedRule {
  siteId: number;
  ruleId: string;
  version: number;
  /** Server time; what arrived before does not start a case. */
  sinceMs: number;
  compiled: CompiledRule;
}

export interface StartedCase extends OpenCase {
  intent: IntentRow;
  receivedAtMs: number;
  dueAtMs: number;
}

export interface FinishedCase {
  openCase: OpenCase;
  outcome: 'completed' | 'recovered' | 'completed-unwritten';
  completion: Completion;
}

export interface FoldOptions {
  /** What arrived since the last run, by (ts, seq). */
  rows: readonly IntentRow[];
  watched: readonly WatchedRule[];
  open: readonly OpenCase[];
  /** Rule version of a case; undefined where it is gone. */
  ruleOf: (openCase: Pick<OpenCase, 'ruleId' | 'ruleVersion'>) => CompiledRule | undefined;
  /** All visitors of the same person, the given one included. */
  personOf: (siteId: number, visitorId: string) => readonly string[];
  newCaseId: (row: IntentRow, rule: WatchedRule) => string;
}

/**
 * What the arrived events do to the cases. Pure. An event first finishes what came before it, then may start a case. A person has
 * one waiting case for each rule and key: a second intent while one waits starts none, and the wait still runs from the first.
 */
export function foldArrivals(options: FoldOptions): { started: StartedCase[]; finished: FinishedCase[] } {
  const { rows, watched, ruleOf, personOf, newCaseId } = options;
  const open = new Map<string, OpenCase[]>();
  const add = (openCase: OpenCase) => {
    const place = placeOf(openCase.siteId, openCase.visitorId);
    open.set(place, [...(open.get(place) ?? []), openCase]);
  };
  for (const openCase of options.open) add(openCase);
  const started: StartedCase[] = [];
  const finished: FinishedCase[] = [];

  for (const row of rows) {
    const tsMs = fromTimestamp(row.ts);
    const receivedAtMs = fromTimestamp(row.received_at);
    const places = personOf(row.site_id, row.visitor_id).map((visitor) => placeOf(row.site_id, visitor));

    for (const place of places) {
      const stillOpen: OpenCase[] = [];
      for (const openCase of open.get(place) ?? []) {
        const rule = ruleOf(openCase);
        const isFinished =
          rule !== undefined &&
          isAfter({ tsMs, seq: row.seq }, openCase) &&
          (openCase.abandonedAtMs === null || receivedAtMs <= openCase.abandonedAtMs + rule.recoveryWindowMs) &&
          rule.isCompletion(row, openCase.key);
        if (isFinished) finished.push({ openCase, outcome: outcomes[openCase.state], completion: toCompletion(row) });
        else stillOpen.push(openCase);
      }
      open.set(place, stillOpen);
    }

    for (const rule of watched) {
      if (rule.siteId !== row.site_id || receivedAtMs < rule.sinceMs || isHistory({ tsMs, receivedAtMs })) continue;
      if (!rule.compiled.isIntent(row)) continue;
      const key = rule.compiled.keyOf(row);
      const isWaiting = places
        .flatMap((place) => open.get(place) ?? [])
        .some((other) => other.state === 'waiting' && other.ruleId === rule.ruleId && other.key === key);
      if (isWaiting) continue;
      const startedCase: StartedCase = {
        id: newCaseId(row, rule),
        siteId: row.site_id,
        ruleId: rule.ruleId,
        ruleVersion: rule.version,
        visitorId: row.visitor_id,
        key,
        state: 'waiting',
        occurredMs: tsMs,
        occurredSeq: row.seq,
        abandonedAtMs: null,
        intent: row,
        receivedAtMs,
        dueAtMs: receivedAtMs + rule.compiled.waitMs,
      };
      started.push(startedCase);
      add(startedCase);
    }
  }
  return { started, finished };
}

/** The first event among `rows` that completes the case, or null. Used once more when the wait is over. */
export function findCompletion(
  openCase: Pick<OpenCase, 'key' | 'occurredMs' | 'occurredSeq'>,
  { rows, rule }: { rows: readonly IntentRow[]; rule: CompiledRule },
): Completion | null {
  const row = rows.find(
    (one) => isAfter({ tsMs: fromTimestamp(one.ts), seq: one.seq }, openCase) && rule.isCompletion(one, openCase.key),
  );
  return row ? toCompletion(row) : null;
}

function toCompletion({ ts, name, value, currency }: IntentRow): Completion {
  return { atMs: fromTimestamp(ts), event: name, value, currency };
}

const outcomes: Record<OpenCase['state'], FinishedCase['outcome']> = {
  waiting: 'completed',
  abandoned: 'recovered',
  withheld: 'completed-unwritten',
};

function isAfter(
  event: { tsMs: number; seq: number },
  openCase: Pick<OpenCase, 'occurredMs' | 'occurredSeq'>,
): boolean {
  return event.tsMs > openCase.occurredMs || (event.tsMs === openCase.occurredMs && event.seq > openCase.occurredSeq);
}

function placeOf(siteId: number, visitorId: string): string {
  return `${siteId}:${visitorId}`;
}
