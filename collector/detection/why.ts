import type { ClickHouse } from '../clickhouse/client.ts';
import type { CaseCheck, WhyAnswer, WhyIntent, WhyOutcome } from '../contract/abandonment.ts';
import type { CaseCheckName } from '../contract/names.ts';
import type { StoredRule } from '../contract/rule.ts';
import type { Delivery } from '../contract/webhooks.ts';
import { type RuleEvent, ruleEvents } from '../queries/rule-events.ts';
import { type CaseRow, intentOf } from '../state/cases.ts';
import type { State } from '../state/database.ts';
import { listDeliveries } from '../state/deliveries.ts';
import type { LeadSummary } from '../state/leads.ts';
import type { RuleBook } from '../state/rules.ts';
import type { SiteRecord } from '../state/sites.ts';

export interface WhyDependencies {
  state: State;
  clickhouse: ClickHouse;
  rules: Pick<RuleBook, 'get' | 'watchingSince'>;
  now: () => number;
}

export interface WhyQuestion {
  ruleId: string;
  /** All visitors of the person. */
  visitorIds: readonly string[];
  lead: LeadSummary | null;
}

/** As long as the table that detection reads keeps its rows. */
const lookBackMs = 60 * 86_400_000;
const shownIntents = 20;
const mostEvents = 5_000;
/** Detection reads every 15 seconds by default; an event that is older and unread was never going to start a case. */
const unreadMs = 5 * 60_000;

/** Why did a rule write about somebody, or why not? Each check that was made, in order, for each intent of the person. */
export async function why(
  { state, clickhouse, rules, now }: WhyDependencies,
  site: SiteRecord,
  { ruleId, visitorIds, lead }: WhyQuestion,
): Promise<WhyAnswer> {
  const rule = rules.get(site.id, ruleId);
  const nowMs = now();
  const span = { fromMs: nowMs - lookBackMs, toMs: nowMs + 1 };
  const { events } = await ruleEvents(clickhouse, {
    siteId: site.id,
    span,
    rule,
    sample: 1,
    visitorIds,
    limit: mostEvents,
  });
  const cases = await state.db
    .selectFrom('cases')
    .selectAll()
    .where('site_id', '=', site.id)
    .where('rule_id', '=', ruleId)
    .where('visitor_id', 'in', visitorIds)
    .orderBy('occurred_at', 'desc')
    .limit(mostEvents)
    .execute();
  const facts: Facts = { state, site, rule, sinceMs: rules.watchingSince(site.id, ruleId), nowMs };
  const intents: WhyIntent[] = [];
  // Newest first.
  for (const event of events.filter(({ intent }) => intent === 1).toReversed()) {
    if (intents.length === shownIntents) break;
    intents.push(await explain(event, caseOf(event, cases), facts));
  }
  const newest = intents[0] ?? (await explainWithoutEvent(cases[0], facts));
  return {
    rule: { id: rule.id, name: rule.name, version: rule.version, enabled: rule.enabled },
    lead: lead ? { id: lead.id, name: lead.name, email: lead.email } : null,
    visitors: [...visitorIds],
    outcome: newest.outcome,
    sentence: newest.sentence,
    checks: newest.checks,
    intents,
  };
}

interface Facts {
  state: State;
  site: SiteRecord;
  rule: StoredRule;
  /** Since when the rule looks for its intent; null: it is off. */
  sinceMs: number | null;
  nowMs: number;
}

/** The case that this event started, else the one that waited for the same thing when it came. */
function caseOf(event: RuleEvent, cases: readonly CaseRow[]): { row: CaseRow; isOwn: boolean } | undefined {
  const own = cases.find((row) => {
    const intent = intentOf(row);
    return intent.page_id === event.page && intent.seq === event.seq;
  });
  if (own) return { row: own, isOwn: true };
  const waited = cases.find(
    (row) => row.key === event.key && Date.parse(row.occurred_at) <= event.at && event.at <= row.due_at_ms,
  );
  return waited && { row: waited, isOwn: false };
}

async function explain(
  event: RuleEvent,
  found: { row: CaseRow; isOwn: boolean } | undefined,
  facts: Facts,
): Promise<WhyIntent> {
  const at = iso(event.at);
  const intent: CaseCheck = {
    check: 'intent',
    at,
    result: 'passed',
    note: `${event.name} on ${event.path || 'no page'}${event.key ? `, ${facts.rule.key?.slice('prop:'.length)} ${event.key}` : ''}.`,
  };
  const shown = { at, event: event.name, path: event.path, key: event.key };
  if (found) {
    const part = await explainCase(found.row, facts);
    const joined: CaseCheck[] = found.isOwn
      ? []
      : [
          {
            check: 'arrival',
            at,
            result: 'stopped',
            note: 'A case of this person was waiting for the same thing already, so this started none. Its checks follow.',
          },
        ];
    return { ...shown, caseId: found.row.id, ...part, checks: [intent, ...joined, ...part.checks] };
  }
  const stop = whyNoCase(event, facts);
  return {
    ...shown,
    caseId: null,
    outcome: stop.result === 'waiting' ? 'waiting' : 'no-case',
    sentence: stop.note,
    checks: [intent, stop],
  };
}

function whyNoCase(event: RuleEvent, { rule, sinceMs, nowMs }: Facts): CaseCheck {
  if (sinceMs === null) {
    return { check: 'rule', at: rule.updatedAt, result: 'stopped', note: 'The rule is off.' };
  }
  if (event.at < sinceMs) {
    return {
      check: 'rule',
      at: iso(sinceMs),
      result: 'stopped',
      note: `The rule looks for this since ${iso(sinceMs)}; what came before starts no case.`,
    };
  }
  if (nowMs - event.at < unreadMs) {
    return { check: 'arrival', at: null, result: 'waiting', note: 'It has just come and is about to be read.' };
  }
  return {
    check: 'arrival',
    at: null,
    result: 'stopped',
    note: 'It reached the server more than a day after it happened, or was imported: old events start no case.',
  };
}

/** Nothing to show of the events: they are too old, or the person never had the intent. */
async function explainWithoutEvent(
  row: CaseRow | undefined,
  facts: Facts,
): Promise<Pick<WhyIntent, 'outcome' | 'sentence' | 'checks'>> {
  if (row) return explainCase(row, facts);
  const note =
    'This person has no event of the last 60 days that matches the intent. Known bots, and visitors without the consent that the site asks for, are not stored at all.';
  return {
    outcome: 'no-intent',
    sentence: note,
    checks: [{ check: 'intent', at: null, result: 'stopped', note }],
  };
}

async function explainCase(
  row: CaseRow,
  { state, site, nowMs }: Facts,
): Promise<Pick<WhyIntent, 'outcome' | 'sentence' | 'checks'>> {
  const history = await state.db
    .selectFrom('case_history')
    .select(['at', 'state', 'reason', 'note'])
    .where('case_id', '=', row.id)
    .orderBy('id')
    .execute();
  const deliveries = await listDeliveries(state.db, { siteId: site.id, caseId: row.id }, { limit: 100 });
  const arrival: CaseCheck = {
    check: 'arrival',
    at: iso(row.received_at_ms),
    result: 'passed',
    note: `It reached the server, and case ${row.id} began with version ${row.rule_version} of the rule.`,
  };
  const isOver = row.state !== 'waiting';
  const wait: CaseCheck = {
    check: 'wait',
    at: iso(row.due_at_ms),
    result: isOver ? 'passed' : 'waiting',
    note: isOver ? 'The wait is over.' : `The wait runs until ${iso(row.due_at_ms)}.`,
  };
  const stored = row.checks === null ? undefined : (JSON.parse(row.checks) as CaseCheck[]);
  if (!isOver) return { outcome: 'waiting', sentence: wait.note, checks: [arrival, wait] };
  const stopped = history.find((entry) => entry.state === 'suppressed');
  if (stopped && !stored) {
    // Ended before the wait was over: completed, or the rule was switched off.
    const check: CaseCheckName = row.reason === 'completed' ? 'completion' : 'rule';
    const note =
      stopped.note ?? (row.reason === 'rule-deleted' ? 'The rule was deleted.' : 'The rule was switched off.');
    return {
      outcome: row.reason === 'completed' ? 'completed' : 'withheld',
      sentence: row.reason === 'completed' ? `Finished in time: ${note}` : note,
      checks: [arrival, { check, at: stopped.at, result: 'stopped', note }],
    };
  }
  const judged = stored ?? [];
  const after = [...messageChecks(deliveries.items, row), recoveryCheck(row, nowMs)];
  const stop = judged.find(({ result }) => result === 'stopped');
  return {
    ...outcomeOf(row, { stop, deliveries: deliveries.items }),
    checks: [arrival, wait, ...judged, ...(stop && row.abandoned_at === null ? [] : after)],
  };
}

function outcomeOf(
  row: CaseRow,
  { stop, deliveries }: { stop: CaseCheck | undefined; deliveries: readonly Delivery[] },
): { outcome: WhyOutcome; sentence: string } {
  if (row.reason === 'completed')
    return { outcome: 'completed', sentence: `Finished in time. ${stop?.note ?? ''}`.trim() };
  if (row.state === 'suppressed') return { outcome: 'withheld', sentence: stop?.note ?? 'It was withheld.' };
  if (row.state === 'recovered') {
    return { outcome: 'recovered', sentence: `Abandoned, and finished after all at ${row.recovered_at ?? ''}.` };
  }
  const sent = deliveries.find((one) => one.type === 'abandonment.created' && one.state === 'delivered');
  if (sent) return { outcome: 'sent', sentence: `It fired: ${sent.endpoint} has the message.` };
  const planned = deliveries.find((one) => one.type === 'abandonment.created' && one.state === 'pending');
  if (planned) {
    return {
      outcome: 'planned',
      sentence: `It fired: a message to ${planned.endpoint} waits for ${planned.nextAttemptAt ?? 'its turn'}.`,
    };
  }
  const failed = deliveries.find((one) => one.type === 'abandonment.created');
  if (failed) return { outcome: 'withheld', sentence: `It fired, but ${failed.endpoint} did not take the message.` };
  return { outcome: 'sent', sentence: 'It fired. The rule sends no message, so the case is only shown.' };
}

function messageChecks(deliveries: readonly Delivery[], row: CaseRow): CaseCheck[] {
  const created = deliveries.filter(({ type }) => type === 'abandonment.created').toReversed();
  if (created.length === 0) {
    const note = row.state === 'suppressed' ? 'No message.' : 'The rule sends no message.';
    return [{ check: 'message', at: null, result: 'skipped', note }];
  }
  const results = { delivered: 'passed', pending: 'waiting', failed: 'stopped', cancelled: 'stopped' } as const;
  return created.map((one) => {
    const last = one.attempts.at(-1);
    const words = {
      delivered: `${one.endpoint} took the message ${one.id}.`,
      pending: `The message ${one.id} to ${one.endpoint} waits for ${one.nextAttemptAt ?? 'its turn'}.`,
      failed: `${one.endpoint} did not take the message ${one.id}: ${last?.error ?? 'no answer'}.`,
      cancelled: `The message ${one.id} to ${one.endpoint} was taken back before it was sent.`,
    };
    return { check: 'message', at: last?.at ?? one.createdAt, result: results[one.state], note: words[one.state] };
  });
}

function recoveryCheck(row: CaseRow, nowMs: number): CaseCheck {
  if (row.recovered_at !== null) {
    return { check: 'recovery', at: row.recovered_at, result: 'passed', note: 'Finished after all.' };
  }
  if (row.state === 'expired') {
    return {
      check: 'recovery',
      at: iso(nowMs),
      result: 'stopped',
      note: 'Did not come back within the recovery window.',
    };
  }
  return { check: 'recovery', at: null, result: 'waiting', note: 'May still come back within the recovery window.' };
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
