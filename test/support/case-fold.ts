import type { Match } from '../../collector/contract/match.ts';
import type { SuppressReason } from '../../collector/contract/names.ts';
import { type EventRow, fromTimestamp } from '../../collector/contract/row.ts';
import type { Rule } from '../../collector/contract/rule.ts';
import { isHeldOut } from '../../collector/detection/rules.ts';

/** A case as the reference sees it. */
export interface ExpectedCase {
  rule: Rule & { id: string };
  intent: Timed;
  key: string;
  state: 'waiting' | 'abandoned' | 'recovered' | 'expired' | 'suppressed';
  reason: SuppressReason | null;
  dueMs: number;
  abandonedMs: number | null;
  /** When the completion was noticed. */
  completedMs: number | null;
  messages: { followUp: number; endpoint: string; atMs: number; sent: boolean; cancelled: boolean }[];
  /** Endpoints that are told of the recovery. */
  told: string[];
}

/** A row with its times as numbers. */
type Timed = EventRow & { at: number; receivedAt: number };

export interface CaseFold {
  rules: (Rule & { id: string })[];
  /** Moments at which detection, and then delivery, runs; absent: at once, whenever something happens or is due. */
  ticks?: readonly number[];
  /** Nothing after this moment. */
  untilMs: number;
  /** Who a visitor is, and whether they have told an address. */
  personOf: (visitorId: string) => { id: string; isKnown: boolean };
  timezone: string;
}

/**
 * What rules do, written the slow and obvious way: person by person, moment by moment, look through everything that has arrived so
 * far. Every endpoint is on, and takes every message before anything else happens to its case.
 */
export function foldCases(rows: readonly EventRow[], fold: CaseFold): ExpectedCase[] {
  const people = new Map<string, EventRow[]>();
  for (const row of rows) {
    const { id } = fold.personOf(row.visitor_id);
    people.set(id, [...(people.get(id) ?? []), row]);
  }
  return [...people].flatMap(([person, own]) => foldPerson(person, own, fold));
}

function foldPerson(person: string, written: readonly EventRow[], fold: CaseFold): ExpectedCase[] {
  const rows = written.map((row) => ({
    ...row,
    at: fromTimestamp(row.ts),
    receivedAt: fromTimestamp(row.received_at),
  }));
  const { rules, personOf, timezone } = fold;
  const cases: ExpectedCase[] = [];
  let before = Number.NEGATIVE_INFINITY;
  for (const now of momentsOf(rows, fold)) {
    // At once: what became due since the last moment has gone out when it was due.
    if (!fold.ticks) send(cases, now - 1);
    const arrived = rows.filter((row) => received(row) > before && received(row) <= now).toSorted(inOrder);
    for (const row of arrived) {
      for (const one of cases) if (isCompletion(row, one)) complete(one, received(row), now);
      for (const rule of rules) {
        const key = keyOf(rule, row);
        if (!fits(rule.intent, row)) continue;
        if (cases.some((one) => one.rule.id === rule.id && one.key === key && one.state === 'waiting')) continue;
        const dueMs = received(row) + ms(rule.wait);
        cases.push(newCase({ rule, intent: row, key, dueMs }));
      }
    }
    const due = cases
      .filter((one) => one.state === 'waiting' && one.dueMs <= now)
      .toSorted((a, b) => a.dueMs - b.dueMs);
    for (const one of due) {
      const completion = rows.find((row) => received(row) <= now && isCompletion(row, one));
      if (completion) {
        Object.assign(one, { state: 'suppressed', reason: 'completed', completedMs: now });
        continue;
      }
      const reason = whyNot(one, { cases, now, person, isKnown: personOf(one.intent.visitor_id).isKnown });
      if (reason) Object.assign(one, { state: 'suppressed', reason });
      if (reason === null || reason !== 'cooldown') one.abandonedMs = now;
      if (reason) continue;
      one.state = 'abandoned';
      one.messages = one.rule.followUps.map(({ after, endpoint }, index) => ({
        followUp: index + 1,
        endpoint,
        atMs: afterQuietHours(now + ms(after), one.rule, timezone),
        sent: false,
        cancelled: false,
      }));
    }
    for (const one of cases) {
      if (one.state !== 'abandoned' || one.abandonedMs === null) continue;
      if (now > one.abandonedMs + ms(one.rule.recoveryWindow)) one.state = 'expired';
    }
    send(cases, now);
    before = now;
  }
  return cases;
}

function send(cases: readonly ExpectedCase[], now: number): void {
  for (const one of cases) {
    for (const message of one.messages) {
      if (message.sent || message.cancelled || message.atMs > now) continue;
      if (one.state === 'abandoned') message.sent = true;
      else message.cancelled = true;
    }
  }
}

/** All ticks, or every moment at which something arrives, is due, is to be sent or expires. */
function momentsOf(rows: readonly Timed[], { rules, ticks, untilMs }: CaseFold): number[] {
  const arrivals = rows.map(received);
  const moments =
    ticks ??
    arrivals.flatMap((at) => [
      at,
      ...rules.flatMap((rule) => [
        at + ms(rule.wait),
        at + ms(rule.wait) + ms(rule.recoveryWindow) + 1,
        ...rule.followUps.map(({ after }) => at + ms(rule.wait) + ms(after)),
      ]),
    ]);
  return [...new Set([...moments, untilMs])].filter((at) => at <= untilMs).sort((a, b) => a - b);
}

function complete(one: ExpectedCase, receivedMs: number, now: number): void {
  if (one.state === 'waiting') {
    Object.assign(one, { state: 'suppressed', reason: 'completed', completedMs: now });
    return;
  }
  if (one.completedMs !== null || one.abandonedMs === null) return;
  if (receivedMs > one.abandonedMs + ms(one.rule.recoveryWindow)) return;
  if (one.state === 'suppressed') {
    one.completedMs = now;
    return;
  }
  if (one.state !== 'abandoned') return;
  one.completedMs = now;
  one.state = 'recovered';
  one.told = [...new Set(one.messages.filter(({ sent }) => sent).map(({ endpoint }) => endpoint))];
  for (const message of one.messages) if (!message.sent) message.cancelled = true;
}

function whyNot(
  one: ExpectedCase,
  { cases, now, person, isKnown }: { cases: readonly ExpectedCase[]; now: number; person: string; isKnown: boolean },
): SuppressReason | null {
  const { rule, intent } = one;
  const others = cases.filter((other) => other !== one);
  const isResting = others.some(
    (other) => other.rule.id === rule.id && other.abandonedMs !== null && now - other.abandonedMs < ms(rule.cooldown),
  );
  if (isResting) return 'cooldown';
  if (rule.followUps.length === 0) return null;
  if (rule.audience === 'identified' && !isKnown) return 'not-identified';
  if (rule.audience === 'consented' && intent.persistent === 0) return 'no-consent';
  const cap = ms(rule.perPersonCap);
  const isCapped = others.some((other) => other.messages.some(({ cancelled, atMs }) => !cancelled && now - atMs < cap));
  if (cap > 0 && isCapped) return 'person-cap';
  if (rule.holdout > 0 && isHeldOut({ ruleId: rule.id, personId: person, share: rule.holdout })) return 'holdout';
  return null;
}

function newCase(part: Pick<ExpectedCase, 'rule' | 'intent' | 'key' | 'dueMs'>): ExpectedCase {
  return { ...part, state: 'waiting', reason: null, abandonedMs: null, completedMs: null, messages: [], told: [] };
}

function isCompletion(row: Timed, { rule, intent, key }: ExpectedCase): boolean {
  const isAfter = happened(row) > happened(intent) || (happened(row) === happened(intent) && row.seq > intent.seq);
  const own = keyOf(rule, row);
  return isAfter && rule.complete.some((match) => fits(match, row)) && (own === '' || key === '' || own === key);
}

/** Only what the rules of these tests ask for: a name or a whole path. */
function fits({ event, path }: Match, row: EventRow): boolean {
  return row.name === (event ?? 'pageview') && (path === undefined || row.path === path);
}

function keyOf({ key }: Rule, row: EventRow): string {
  return key === undefined ? '' : (row.props[key.slice('prop:'.length)] ?? '');
}

/** Minute by minute until the clock on the wall says that it is over. */
function afterQuietHours(at: number, { quietHours }: Rule, timezone: string): number {
  if (!quietHours) return at;
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
  const isQuiet = (ms: number) => {
    const [day = '', time = ''] = format.format(ms).split(/[ ,]+/);
    const { from, to, days } = quietHours;
    if (days.some((quiet) => quiet === day.toLowerCase())) return true;
    return from <= to ? time >= from && time < to : time >= from || time < to;
  };
  if (!isQuiet(at)) return at;
  let minute = Math.floor(at / 60_000) * 60_000;
  while (isQuiet(minute)) minute += 60_000;
  return minute;
}

function inOrder(a: Timed, b: Timed): number {
  return happened(a) - happened(b) || a.seq - b.seq;
}

const received = (row: Timed) => row.receivedAt;
const happened = (row: Timed) => row.at;

function ms(duration: string): number {
  const unit = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[duration.slice(-1)] ?? 0;
  return Number.parseInt(duration, 10) * unit;
}
