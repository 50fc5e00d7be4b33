import type { House } from '../contract/house.ts';
import type { LeadEvent, Qualified, Temperature } from '../contract/leads.ts';
import { durationMs } from '../contract/time.ts';
import type { LeadRow, NewLeadEvent } from '../state/lead-ledger.ts';
import { signalsOf } from './house-signals.ts';
import { judgeLevel } from './judge-level.ts';
import { isAnsweredSince, isTold, openClocks } from './lead-clocks.ts';
import { type Hit, type LeadFacts, signalKey } from './lead-facts.ts';
import { type OwnerLoad, routeLead } from './route-lead.ts';
import { scoreAt } from './score.ts';
import { wakingOf } from './wake-lead.ts';

/** Everything that is known of one person when it is judged. */
export interface KnownLead {
  lead: LeadRow;
  /** Of the person, in order; without those that were taken back. */
  events: readonly LeadEvent[];
  /** What the website saw, by signal. */
  webHits: ReadonlyMap<string, readonly Hit[]>;
  /** Where its last visit came from; '' where that is not known. */
  country: string;
  region: string;
}

export interface Verdict {
  score: number;
  /** What follows, in order; empty where all is as it should be. */
  events: NewLeadEvent[];
  /** Whom routing gave it to; null where it gave it to nobody. */
  given: string | null;
  /** When to look at it again if nothing happens; null: not before something does. */
  nextMs: number | null;
}

export interface JudgeContext {
  house: House;
  /** Of the site. */
  timezone: string;
  nowMs: number;
  /** First moment of tomorrow in the site's zone: owners have room again. */
  tomorrowMs: number;
  loads: ReadonlyMap<string, OwnerLoad>;
}

/** A week: whoever was put into nurture because everybody had enough to do is looked at again then. */
const fullAgainMs = 7 * 86_400_000;
/** Mails of which all must be opened to wake a lead that was put back. */
const wakingMails = 3;

/**
 * What the rules of the house say about a lead at a moment: score, temperature and level; whether it wakes up; who gets it; whether it
 * is put back; which clock runs, and whether one has run out. Decided from what is stored alone, so deciding twice gives the same.
 */
export function judgeLead(known: KnownLead, context: JudgeContext): Verdict {
  const { house, nowMs } = context;
  const facts = factsOf(known, house);
  const scored = scoreAt(house.scoring.rules, facts, nowMs);
  const level = judgeLevel(house.definition.rules, { facts, score: scored.score, atMs: nowMs });
  const way = new Way(known, context);
  way.wake(facts, scored.score);
  way.recycle();
  way.route();
  way.runClocks();
  way.judge(way.isRaised() ? 'hot' : scored.temperature, { score: scored.score, level: level.level });
  const { nextMs } = way;
  const next = Math.min(scored.nextMs ?? nextMs, level.nextMs ?? nextMs, nextMs);
  return {
    score: scored.score,
    events: way.events,
    given: way.given,
    nextMs: Number.isFinite(next) ? Math.max(next, nowMs + 1) : null,
  };
}

/** Since when somebody waits for an answer: it came in, or came back; and whether it came back by a raised hand. */
function waitingOf({ lead, events }: KnownLead): { sinceMs: number | null; raisedMs: number | null } {
  const woken = events.findLast(({ kind }) => kind === 'woken');
  if (woken?.kind === 'woken') return { sinceMs: woken.atMs, raisedMs: woken.data.raised ? woken.atMs : null };
  return { sinceMs: isImported(events) ? null : lead.began_at_ms, raisedMs: null };
}

/** Whether it has raised a hand after a silence and nobody has answered yet: it is hot, whatever its score. */
export function answerMissing(known: KnownLead): boolean {
  const { raisedMs } = waitingOf(known);
  return raisedMs !== null && known.lead.stage === 'new' && !isAnsweredSince(known.events, raisedMs);
}

/** The fields and hits that conditions ask about. */
export function factsOf({ lead, events, webHits, country, region }: KnownLead, house: House): LeadFacts {
  const traits = JSON.parse(lead.traits) as Record<string, string | number | boolean>;
  const fields: Record<string, string | number | boolean | null | undefined> = {
    ...Object.fromEntries(Object.entries(traits).map(([key, value]) => [`trait:${key}`, value])),
    email: lead.email,
    phone: lead.phone,
    name: lead.name,
    company: lead.company,
    externalId: lead.external_id,
    kind: lead.kind,
    country: traits.country ?? country,
    region: traits.region ?? region,
    postcode: traits.postcode,
    source: lead.first_source,
    campaign: lead.first_campaign,
  };
  const hits = new Map(webHits);
  for (const signal of signalsOf(house)) {
    if (signal.kind !== 'touch') continue;
    const found = events.flatMap((event): Hit[] =>
      event.kind === 'touch' &&
      event.data.notCounted === undefined &&
      event.data.touch === signal.touch &&
      (signal.direction === undefined || signal.direction === event.data.direction)
        ? [{ atMs: event.atMs, id: event.id }]
        : [],
    );
    if (found.length > 0) hits.set(signalKey(signal), found.reverse());
  }
  return {
    fields: Object.fromEntries(
      Object.entries(fields).flatMap(([key, value]) =>
        value === null || value === undefined || value === '' ? [] : [[key, value]],
      ),
    ),
    hits,
  };
}

/** A lead while it is being decided on: each step sees what the steps before it did. */
class Way {
  readonly events: NewLeadEvent[] = [];
  given: string | null = null;
  nextMs = Number.POSITIVE_INFINITY;
  readonly #known: KnownLead;
  readonly #context: JudgeContext;
  #lead: LeadRow;
  #waitsSinceMs: number | null;
  #isRaised: boolean;

  constructor(known: KnownLead, context: JudgeContext) {
    this.#known = known;
    this.#context = context;
    this.#lead = known.lead;
    const { sinceMs } = waitingOf(known);
    this.#waitsSinceMs = sinceMs;
    this.#isRaised = answerMissing(known);
  }

  wake(facts: LeadFacts, score: number): void {
    const { stage, wake_at_ms } = this.#lead;
    if (stage !== 'nurture' && stage !== 'lost') return;
    const { house, nowMs } = this.#context;
    const { events } = this.#known;
    const waking = wakingOf(this.#lead, { clocks: house.clocks.rules, facts, score, events, nowMs });
    if (!waking) {
      if (stage === 'nurture' && wake_at_ms !== null) this.#lookAt(wake_at_ms);
      return;
    }
    const { why, raised } = waking;
    this.#add({ kind: 'woken', data: raised ? { why, raised } : { why } });
    this.#enter('new', why);
    this.#waitsSinceMs = nowMs;
    this.#isRaised = raised;
  }

  /** Puts back to marketing what nobody has worked on for too long. A next step that lies ahead is work. */
  recycle(): void {
    const { stage, active_at_ms, next_step_at_ms } = this.#lead;
    const { house, nowMs } = this.#context;
    if (stage !== 'new' && stage !== 'contacted' && stage !== 'appointment' && stage !== 'proposal') return;
    const time = house.clocks.rules.stalled[stage];
    if (time === undefined) return;
    const activeMs = Math.max(active_at_ms, this.#waitsSinceMs ?? 0);
    const stallsMs = Math.max(activeMs + durationMs(time), next_step_at_ms ?? 0);
    if (stallsMs > nowMs) {
      this.#lookAt(stallsMs);
      return;
    }
    const reason = `Nobody worked on it for ${time}.`;
    this.#add({ kind: 'recycled', data: { reason } });
    const wakeOn = { score: house.scoring.rules.hot, mails: { opened: wakingMails, of: wakingMails } };
    this.#enter('nurture', reason, { wakeOn });
    if (this.#lead.owner_id !== null) this.#give(null, 'put back to marketing');
  }

  route(): void {
    const { stage, owner_id } = this.#lead;
    if (stage === 'won' || stage === 'lost' || stage === 'nurture') return;
    const { house, nowMs, loads, tomorrowMs } = this.#context;
    const owner = house.routing.rules.owners.find(({ id }) => id === owner_id);
    if (owner_id !== null && !owner?.left) return;
    const routed = routeLead(house.routing.rules, this.#routedLead(), loads);
    if (routed.to === 'wait') this.#lookAt(tomorrowMs);
    if (routed.to === 'nurture') {
      this.#enter('nurture', `Given to nurture ${routed.why}.`, { wakeAtMs: nowMs + fullAgainMs });
    }
    if (routed.to === 'owner') {
      this.#give(routed.ownerId, routed.route);
      this.given = routed.ownerId;
    } else if (owner_id !== null) {
      this.#give(null, `${owner?.name ?? owner_id} has left`);
    }
  }

  runClocks(): void {
    const { house, timezone, nowMs } = this.#context;
    const { events } = this.#known;
    const lead = { ...this.#lead, waitsSinceMs: this.#waitsSinceMs };
    const open = openClocks(lead, { clocks: house.clocks.rules, timezone, events });
    const told = (clock: (typeof open)[number]) => isTold(events, clock);
    // What ran out and was told stays on the lead only where nothing else runs.
    const running = open.find((clock) => !told(clock) && clock.dueMs > nowMs) ?? open.at(-1);
    for (const clock of open) {
      if (clock.dueMs > nowMs) this.#lookAt(clock.dueMs);
      else if (!told(clock)) {
        const escalatedTo = house.clocks.rules.accountable?.email ?? null;
        this.#add({ kind: 'neglected', data: { ...clock, escalatedTo } });
      }
    }
    const { clock, clock_due_ms } = this.#lead;
    if ((running?.clock ?? null) === clock && (running?.dueMs ?? null) === clock_due_ms) return;
    this.#add({ kind: 'clock', data: { clock: running?.clock ?? null, dueMs: running?.dueMs ?? null } });
  }

  judge(temperature: Temperature, { score, level }: { score: number; level: Qualified }): void {
    const { lead } = this.#known;
    const definitionVersion = this.#context.house.definition.version;
    const isSame =
      lead.temperature === temperature && lead.qualified === level && lead.definition_version === definitionVersion;
    if (isSame) return;
    this.#add({ kind: 'judged', data: { score, temperature, qualified: level, definitionVersion } });
  }

  /** Whether it has raised a hand and has not been answered; not where it was put away again. */
  isRaised(): boolean {
    return this.#isRaised && this.#lead.stage === 'new';
  }

  #routedLead() {
    const { lead } = this.#known;
    const traits = JSON.parse(lead.traits) as Record<string, unknown>;
    const text = (value: unknown) => (value === undefined || value === null ? '' : String(value));
    return {
      country: text(traits.country) || this.#known.country,
      region: text(traits.region) || this.#known.region,
      postcode: text(traits.postcode),
      channel: lead.first_channel,
      source: lead.first_source,
      campaign: lead.first_campaign,
      kind: lead.kind,
    };
  }

  #give(to: string | null, why: string): void {
    this.#add({ kind: 'owner', data: { to, why } });
    const owner_at_ms = to === null ? null : this.#context.nowMs;
    this.#lead = { ...this.#lead, owner_id: to, owner_at_ms, accepted_at_ms: null };
  }

  #enter(
    to: 'new' | 'nurture',
    reason: string,
    wake: { wakeAtMs?: number; wakeOn?: { score?: number; mails?: { opened: number; of: number } } } = {},
  ): void {
    this.#add({ kind: 'stage', data: { to, reason, ...wake } });
    this.#lead = { ...this.#lead, stage: to, stage_at_ms: this.#context.nowMs, active_at_ms: this.#context.nowMs };
    if (to === 'nurture') {
      this.#lead = { ...this.#lead, clock: null, clock_due_ms: null, next_step: null, next_step_at_ms: null };
      if (wake.wakeAtMs !== undefined) this.#lookAt(wake.wakeAtMs);
    }
  }

  #add(event: Pick<NewLeadEvent, 'kind' | 'data'>): void {
    // The two halves were paired by whoever called.
    this.events.push({ ...event, atMs: this.#context.nowMs, actor: 'system' } as NewLeadEvent);
  }

  #lookAt(ms: number): void {
    this.nextMs = Math.min(this.nextMs, ms);
  }
}

/** Nobody waits for an answer who was found in a list. */
function isImported(events: readonly LeadEvent[]): boolean {
  const first = events.find(({ kind }) => kind === 'identified');
  return first?.kind === 'identified' && first.data.how === 'import';
}
