import type { ClickHouse } from '../clickhouse/client.ts';
import type { CaseRow } from '../state/cases.ts';
import type { State } from '../state/database.ts';
import { visitorsOfSamePerson } from '../state/leads.ts';
import type { RuleBook } from '../state/rules.ts';
import { findCompletion } from './cases.ts';
import { compileRule } from './rules.ts';
import { earliestCompletion, scanVisitors } from './scan.ts';
import { toOpenCase } from './store-arrivals.ts';

export interface StillAbandonedDependencies {
  state: State;
  clickhouse: ClickHouse;
  rules: RuleBook;
  spool: { flush(): Promise<void> };
  now: () => number;
  /** For writing what is not shipped yet, and again for the question; 5 s where absent. */
  limitMs?: number;
}

/**
 * The question before each attempt at a message: is the case still abandoned at this moment? Everything acknowledged so far is
 * brought into the database first, so a completion that came before the message is known before the message goes out.
 */
export function createStillAbandoned(
  deps: StillAbandonedDependencies,
): (caseId: string) => Promise<'yes' | 'no' | 'unknown'> {
  const { state, clickhouse, rules, spool, now, limitMs = 5_000 } = deps;
  return async (caseId) => {
    const row = await readCase(state, caseId);
    if (!row || !isOpen(row)) return 'no';
    const rule = rules.version(row.rule_id, row.rule_version);
    if (!rule || rules.status(row.rule_id) !== 'enabled') return 'no';
    if (!(await isFlushed(spool, limitMs))) return 'unknown';
    const people = await visitorsOfSamePerson(state, row.site_id, [row.visitor_id]);
    try {
      const rows = await scanVisitors(clickhouse, {
        siteIds: [row.site_id],
        visitorIds: people.get(row.visitor_id) ?? [row.visitor_id],
        fromMs: earliestCompletion(row),
        throughMs: now(),
        signal: AbortSignal.timeout(limitMs),
      });
      return findCompletion(toOpenCase(row), { rows, rule: compileRule(rule) }) ? 'no' : 'yes';
    } catch {
      return 'unknown';
    }
  };
}

function readCase(state: State, id: string): Promise<CaseRow | undefined> {
  return state.db.selectFrom('cases').selectAll().where('id', '=', id).executeTakeFirst();
}

function isOpen(row: CaseRow): boolean {
  return row.state === 'abandoned' || row.state === 'notified';
}

async function isFlushed(spool: { flush(): Promise<void> }, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, limitMs, false);
  });
  const flushed = spool.flush().then(
    () => true,
    () => false,
  );
  const answer = await Promise.race([flushed, tooLate]);
  clearTimeout(timer);
  return answer;
}
