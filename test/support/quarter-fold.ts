import type { LeadEventData } from '../../collector/contract/leads.ts';
import type { Act, Person } from './quarter.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** What the reference knows of one person. */
export interface SlowLead {
  person: Person;
  stage: string;
  stageMs: number;
  owner: string | null;
  ownerMs: number;
  accepted: boolean;
  stepMs: number | null;
  activeMs: number;
  waitsMs: number;
  raised: boolean;
  wake: Pick<Partial<LeadEventData['stage']>, 'wakeAtMs' | 'wakeOn'>;
  clock: { name: string; dueMs: number } | null;
  told: { name: string; atMs: number }[];
  recycled: number;
  score: number;
  temperature: string;
  level: string;
  version: number;
  reachedMs: number | null;
  /** Since the week began: it was open, was opened again, came. */
  wasOpen: boolean;
  wasClosed: boolean;
  reopened: boolean;
  entered: Set<string>;
}

export interface SlowRules {
  version: number;
  /** Points of a look at prices. */
  prices: number;
  left: string[];
}

export function newSlowLead(person: Person): SlowLead {
  const { cameMs } = person;
  return {
    person,
    stage: 'new',
    stageMs: cameMs,
    owner: null,
    ownerMs: 0,
    accepted: false,
    stepMs: null,
    activeMs: cameMs,
    waitsMs: cameMs,
    raised: false,
    wake: {},
    clock: null,
    told: [],
    recycled: 0,
    score: 0,
    temperature: 'cold',
    level: 'none',
    version: 0,
    reachedMs: null,
    wasOpen: false,
    wasClosed: false,
    reopened: false,
    entered: new Set(),
  };
}

/** What somebody does, written down. */
export function actOn(lead: SlowLead, act: Act): void {
  if (act.kind === 'touch') {
    lead.activeMs = act.atMs;
    if (spoke(act)) lead.reachedMs ??= act.atMs;
  }
  if (act.kind === 'step') {
    lead.stepMs = act.untilMs;
    lead.activeMs = act.atMs;
  }
  if (act.kind === 'accept') {
    lead.accepted = true;
    lead.activeMs = act.atMs;
  }
  if (act.kind === 'stage') {
    enter(lead, act.to, act.atMs);
    lead.wake = act.to === 'nurture' ? act.more : {};
  }
}

function enter(lead: SlowLead, stage: string, atMs: number): void {
  if (stage !== lead.stage) {
    lead.stage = stage;
    lead.stageMs = atMs;
    lead.entered.add(stage);
    if (lead.wasClosed && stage !== 'won' && stage !== 'lost') lead.reopened = true;
  }
  if (stage === 'won' || stage === 'lost' || stage === 'nurture') {
    lead.stepMs = null;
    lead.clock = null;
  }
  lead.activeMs = atMs;
}

function spoke(act: Extract<Act, { kind: 'touch' }>): boolean {
  return (act.touch === 'call' && act.answered) || act.touch === 'email_replied';
}

function answered(lead: SlowLead, sinceMs: number, nowMs: number): boolean {
  return lead.person.acts.some(
    (act) =>
      act.kind === 'touch' && act.atMs >= sinceMs && act.atMs <= nowMs && (act.direction === 'out' || spoke(act)),
  );
}

/** The score, rule by rule, hit by hit. */
export function slowScore({ person }: SlowLead, rules: SlowRules, nowMs: number): number {
  const newest = (fits: (act: Act) => boolean, most: number) =>
    person.acts
      .filter((act) => act.atMs <= nowMs && fits(act))
      .map(({ atMs }) => nowMs - atMs)
      .toSorted((a, b) => a - b)
      .slice(0, most);
  const faded = (points: number, ages: number[], halfLifeMs: number) =>
    Math.round(ages.reduce((sum, age) => sum + points * 0.5 ** (age / halfLifeMs), 0));
  const prices = faded(
    rules.prices,
    newest((act) => act.kind === 'page' && act.path === '/pricing', 3),
    14 * day,
  );
  const forms = faded(
    25,
    newest((act) => act.kind === 'form', 2),
    30 * day,
  );
  const opened = faded(
    5,
    newest((act) => act.kind === 'touch' && act.touch === 'email_opened', 4),
    7 * day,
  );
  const called = 20 * newest((act) => act.kind === 'touch' && act.touch === 'call' && act.direction === 'in', 1).length;
  const jobs = -20 * newest((act) => act.kind === 'page' && act.path.startsWith('/jobs/'), 1).length;
  return Math.min(60, prices + forms) + opened + called + jobs + (person.company ? 10 : 0);
}

/** Minutes in which the house is open, from a Monday at midnight UTC on: 8 to 18 in Berlin, Monday to Friday, but for one holiday. */
export function openMinutes(fromMs: number, toMs: number, holiday: string): Uint8Array {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: 'Europe/Berlin',
    weekday: 'short',
    dateStyle: undefined,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    hourCycle: 'h23',
  });
  const minutes = new Uint8Array((toMs - fromMs) / 60_000);
  for (let start = 0; start < minutes.length; start += 60) {
    const part = Object.fromEntries(
      format.formatToParts(fromMs + start * 60_000).map(({ type, value }) => [type, value]),
    );
    const isWeekend = part.weekday === 'lör' || part.weekday === 'sön';
    const isOpen =
      !isWeekend &&
      Number(part.hour) >= 8 &&
      Number(part.hour) < 18 &&
      `${part.year}-${part.month}-${part.day}` !== holiday;
    minutes.fill(isOpen ? 1 : 0, start, start + 60);
  }
  return minutes;
}

/** Counts open time off, minute by minute. */
export function slowDue(minutes: Uint8Array, originMs: number, fromMs: number, openMs: number): number {
  let left = openMs;
  for (let at = fromMs; ; ) {
    const minute = Math.floor((at - originMs) / 60_000);
    const ends = originMs + (minute + 1) * 60_000;
    if (minutes[minute] === 1) {
      if (left <= ends - at) return at + left;
      left -= ends - at;
    }
    at = ends;
    if (minute > minutes.length) return Number.POSITIVE_INFINITY;
  }
}

/** Everything the house looks at in one person at a moment, but for whom it gives the lead to. Answers whether it needs an owner. */
export function judgeSlowly(lead: SlowLead, { rules, nowMs }: { rules: SlowRules; nowMs: number }): boolean {
  const { person } = lead;
  const happened = person.acts.filter((act) => act.atMs <= nowMs);
  lead.score = slowScore(lead, rules, nowMs);
  const visits = happened.filter(
    (act) => act.kind === 'page' && act.path === '/pricing' && act.atMs > nowMs - 14 * day,
  );
  lead.level = lead.score < 25 ? 'lead' : visits.length >= 2 ? 'sales' : 'marketing';
  lead.version = rules.version;

  if (lead.stage === 'nurture' || lead.stage === 'lost') {
    const since = happened.filter((act) => act.atMs > lead.stageMs);
    const raised = since.some(
      (act) =>
        act.kind === 'form' ||
        (act.kind === 'touch' && ((act.touch === 'call' && act.direction === 'in') || act.touch === 'email_replied')),
    );
    const { wakeAtMs, wakeOn } = lead.wake;
    const counts = (act: Act) =>
      (act.kind === 'page' && act.path !== '/') ||
      act.kind === 'form' ||
      (act.kind === 'touch' &&
        (act.touch === 'email_opened' ||
          act.touch === 'email_replied' ||
          (act.touch === 'call' && act.direction === 'in')));
    const mails = since
      .filter((act) => act.kind === 'touch' && act.touch === 'email_sent')
      .slice(-(wakeOn?.mails?.of ?? 0));
    const opens = since.filter((act) => act.kind === 'touch' && act.touch === 'email_opened');
    const opened = mails.filter((mail, index) =>
      opens.some(({ atMs }) => atMs >= mail.atMs && atMs < (mails[index + 1]?.atMs ?? Infinity)),
    );
    const wakes =
      lead.stage === 'nurture' &&
      ((wakeAtMs !== undefined && wakeAtMs !== null && wakeAtMs <= nowMs) ||
        (wakeOn?.score !== undefined && lead.score >= wakeOn.score && since.some(counts)) ||
        (wakeOn?.visit !== undefined && since.some((act) => act.kind === 'page')) ||
        (wakeOn?.mails !== undefined && opened.length >= wakeOn.mails.opened));
    if (raised || wakes) {
      enter(lead, 'new', nowMs);
      lead.wake = {};
      lead.waitsMs = nowMs;
      lead.raised = raised;
    }
  }
  const days = { new: 20, contacted: 20, appointment: 20, proposal: 30 }[lead.stage];
  if (days !== undefined) {
    const stallsMs = Math.max(Math.max(lead.activeMs, lead.waitsMs) + days * day, lead.stepMs ?? 0);
    if (stallsMs <= nowMs) {
      enter(lead, 'nurture', nowMs);
      lead.wake = { wakeOn: { score: 60, mails: { opened: 3, of: 3 } } };
      lead.recycled += 1;
      lead.owner = null;
    }
  }
  const isWorked = lead.stage !== 'won' && lead.stage !== 'lost' && lead.stage !== 'nurture';
  if (isWorked && lead.owner !== null && rules.left.includes(lead.owner)) lead.owner = null;
  return isWorked && lead.owner === null;
}

/** The clock that runs after all that, and whether one has run out. */
export function clockSlowly(
  lead: SlowLead,
  { nowMs, due }: { nowMs: number; due: (fromMs: number, openMs: number) => number },
): void {
  const open: { name: string; sinceMs: number; dueMs: number }[] = [];
  if (lead.stage === 'new') {
    if (lead.owner !== null && !lead.accepted && !answered(lead, lead.ownerMs, nowMs)) {
      open.push({ name: 'acceptance', sinceMs: lead.ownerMs, dueMs: due(lead.ownerMs, 6 * hour) });
    }
    if (!answered(lead, lead.waitsMs, nowMs)) {
      const openMs = lead.person.leadKind === 'quote' ? hour : 24 * hour;
      open.push({ name: 'response', sinceMs: lead.waitsMs, dueMs: due(lead.waitsMs, openMs) });
    }
  }
  open.sort((one, other) => one.dueMs - other.dueMs);
  const running = open.find(({ dueMs }) => dueMs > nowMs) ?? open.at(-1);
  for (const { name, sinceMs, dueMs } of open) {
    const isTold = lead.told.some((one) => one.name === name && one.atMs >= sinceMs);
    if (dueMs <= nowMs && !isTold) lead.told.push({ name, atMs: nowMs });
  }
  lead.clock = running ? { name: running.name, dueMs: running.dueMs } : null;
  const isHot = lead.raised && lead.stage === 'new' && !answered(lead, lead.waitsMs, nowMs);
  lead.temperature = isHot || lead.score >= 60 ? 'hot' : lead.score >= 25 ? 'warm' : 'cold';
}

/** Where the lead is at a moment, in the words of the balance. */
export function slowTerm(lead: SlowLead, atMs: number): string {
  if (lead.stage === 'won' || lead.stage === 'lost' || lead.stage === 'nurture') return lead.stage;
  const dates = [lead.stepMs, lead.clock?.dueMs ?? null].filter((ms) => ms !== null);
  if (lead.owner === null || dates.length === 0) return 'leaking';
  return Math.min(...dates, lead.activeMs + 14 * day) < atMs ? 'leaking' : 'progress';
}
