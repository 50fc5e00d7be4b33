import type { ClickHouse } from '../clickhouse/client.ts';
import type { CaseRow } from '../state/cases.ts';
import type { State } from '../state/database.ts';
import { visitorsOfSamePerson } from '../state/leads.ts';
import type { RuleBook } from '../state/rules.ts';
import { findCompletion } from './cases.ts';
import { compileRule } from './rules.ts';
import { earliestCompletion, inOrder, scanVisitors } from './scan.ts';
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

type Answer = 'yes' | 'no' | 'unknown';

/** Cases of one question: the statement names their visitors. */
const mostAtOnce = 500;

/**
 * The question before each attempt at a message: is the case still abandoned at this moment? Everything acknowledged so far is
 * brought into the database first, so a completion that came before the message is known before the message goes out. What is asked
 * while a question is under way is answered together by the next one.
 */
export function createStillAbandoned(deps: StillAbandonedDependencies): (caseId: string) => Promise<Answer> {
  let waiting: { caseId: string; answer: (answer: Answer) => void }[] = [];
  let isAsking = false;

  const work = async () => {
    isAsking = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, mostAtOnce);
      waiting = waiting.slice(mostAtOnce);
      const answers = await askAll(
        deps,
        batch.map(({ caseId }) => caseId),
      ).catch(() => new Map<string, Answer>());
      for (const { caseId, answer } of batch) answer(answers.get(caseId) ?? 'unknown');
    }
    isAsking = false;
  };

  return (caseId) =>
    new Promise((answer) => {
      waiting.push({ caseId, answer });
      if (!isAsking) void work();
    });
}

async function askAll(
  { state, clickhouse, rules, spool, now, limitMs = 5_000 }: StillAbandonedDependencies,
  caseIds: readonly string[],
): Promise<Map<string, Answer>> {
  const answers = new Map<string, Answer>(caseIds.map((id) => [id, 'no']));
  const rows = await state.db
    .selectFrom('cases')
    .selectAll()
    .where('id', 'in', [...answers.keys()])
    .execute();
  const asked = rows.flatMap((row) => {
    const rule = rules.version(row.rule_id, row.rule_version);
    if (!isOpen(row) || !rule || rules.status(row.rule_id) !== 'enabled') return [];
    answers.set(row.id, 'unknown');
    return [{ row, rule: compileRule(rule) }];
  });
  if (asked.length === 0 || !(await isFlushed(spool, limitMs))) return answers;
  const people = new Map<string, string[]>();
  for (const siteId of new Set(asked.map(({ row }) => row.site_id))) {
    const visitors = asked.filter(({ row }) => row.site_id === siteId).map(({ row }) => row.visitor_id);
    const same = await visitorsOfSamePerson(state, siteId, visitors);
    for (const [visitor, all] of same) people.set(`${siteId}:${visitor}`, all);
  }
  const events = await scanVisitors(clickhouse, {
    siteIds: [...new Set(asked.map(({ row }) => row.site_id))],
    visitorIds: [...new Set([...people.values()].flat())],
    fromMs: Math.min(...asked.map(({ row }) => earliestCompletion(row))),
    throughMs: now(),
    signal: AbortSignal.timeout(limitMs),
  });
  for (const { row, rule } of asked) {
    const visitors = people.get(`${row.site_id}:${row.visitor_id}`) ?? [row.visitor_id];
    const own = events.filter((one) => one.site_id === row.site_id && visitors.includes(one.visitor_id));
    answers.set(row.id, findCompletion(toOpenCase(row), { rows: inOrder(own), rule }) ? 'no' : 'yes');
  }
  return answers;
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
