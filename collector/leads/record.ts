import type { Kysely } from 'kysely';
import { appendLeadEvents, type LedgerChange, type LedgerSettings, type NewLeadEvent } from '../state/lead-ledger.ts';
import type { StateSchema } from '../state/schema.ts';
import type { SiteRecord } from '../state/sites.ts';
import { announceLead } from './announce-lead.ts';
import { tellEvents } from './tell-events.ts';

export type LedgerSite = Pick<SiteRecord, 'id' | 'publicId' | 'timezone' | 'settings'>;

/** What follows from a change of a lead: events of the same lead, empty where nothing does. Its own events come back to it. */
export type Reaction = (happened: {
  trx: Kysely<StateSchema>;
  site: LedgerSite;
  change: LedgerChange;
  nowMs: number;
}) => Promise<NewLeadEvent[]>;

/** A reaction answers to what another one did; whoever needs more turns than this goes round in a circle. */
const mostTurns = 5;
const dayMs = 24 * 60 * 60 * 1000;

/**
 * Writes what happened to a lead, lets the house react to it, and tells the endpoints that have named what became of it. Everything
 * or nothing: call it inside a transaction.
 */
export async function recordOnLead(
  trx: Kysely<StateSchema>,
  {
    site,
    leadId,
    events,
    nowMs,
    reactions,
    isNew = false,
    isTold = true,
    visitorId,
  }: {
    site: LedgerSite;
    leadId: string;
    events: readonly NewLeadEvent[];
    nowMs: number;
    reactions: readonly Reaction[];
    /** The lead was made for these events. */
    isNew?: boolean;
    /** False: the touches among them are in the event store already. */
    isTold?: boolean;
    /** The browser in which it happened. */
    visitorId?: string | undefined;
  },
): Promise<LedgerChange> {
  const settings = ledgerSettings(site, nowMs);
  const append = (some: readonly NewLeadEvent[]) =>
    appendLeadEvents(trx, { ...settings, siteId: site.id, leadId, events: some });
  const whole = await append(events);
  for (let change = whole, turn = 0; change.written.length > 0 && turn < mostTurns; turn++) {
    const next: NewLeadEvent[] = [];
    for (const react of reactions) next.push(...(await react({ trx, site, change, nowMs })));
    if (next.length === 0) break;
    change = await append(next);
    whole.after = change.after;
    whole.written.push(...change.written);
  }
  if (whole.written.length > 0) {
    await tellEvents(trx, { change: whole, isNew, isTold, leadId, nowMs });
    await announceLead(trx, { site, change: whole, isNew, nowMs, visitorId });
  }
  return whole;
}

export function ledgerSettings({ settings }: LedgerSite, nowMs: number): LedgerSettings {
  return { staleMs: settings.staleDays * dayMs, nowMs };
}
