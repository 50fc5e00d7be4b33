import type { TouchData } from '../contract/leads.ts';
import { undoneEvents } from '../state/lead-fold.ts';
import { eventsOfPerson, type LeadRow, type NewLeadEvent } from '../state/lead-ledger.ts';
import type { InboundTouch } from './inbound-presets.ts';
import type { Ledger } from './ledger.ts';
import { burstWith, isScanner, type MailTouch } from './mail-scanner.ts';
import { type LedgerSite, recordOnLead } from './record.ts';
import { findOrMake, recordTouch } from './record-touch.ts';
import { momentOf } from './step-time.ts';
import { toTouchData } from './touches.ts';

/**
 * Writes a touch that another tool tells of. What mail filters open and click is kept and not counted; where it only shows at the
 * third link that it was one, the two before are taken back. Safe to repeat.
 */
export async function receiveTouch(
  ledger: Ledger,
  { site, said, actor }: { site: LedgerSite; said: InboundTouch; actor: string },
): Promise<void> {
  const { fields, touch, userAgent, isBot } = said;
  const of = { fields: Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) };
  if (touch.message === undefined) {
    await recordTouch(ledger, { site, of, touch, actor });
    return;
  }
  const atMs = touch.at === undefined ? ledger.now() : momentOf(touch.at, site);
  const lead = await findOrMake(ledger, { site, of, atMs });
  const before = await mailTouches(ledger, lead, touch.message);
  const data = toTouchData(touch);
  const isMachine = isScanner(data, { atMs, userAgent, isBot, before });
  await recordTouch(ledger, {
    site,
    of: { leadId: lead.id },
    touch,
    actor,
    notCounted: isMachine ? 'scanner' : undefined,
  });
  if (isMachine) await takeBack(ledger, { site, lead, burst: burstWith(data, { atMs, before }) });
}

async function mailTouches(ledger: Ledger, lead: LeadRow, message: string): Promise<MailTouch[]> {
  const events = await eventsOfPerson(ledger.state.db, lead.person_id);
  const undone = undoneEvents(events);
  return events.filter(
    (event): event is MailTouch => event.kind === 'touch' && event.data.message === message && !undone.has(event.id),
  );
}

/** Clicks that counted until the burst showed that a filter had made them. */
async function takeBack(
  ledger: Ledger,
  { site, lead, burst }: { site: LedgerSite; lead: LeadRow; burst: readonly MailTouch[] },
): Promise<void> {
  const counted = burst.filter(({ data }) => data.notCounted === undefined);
  if (counted.length < 2) return;
  const nowMs = ledger.now();
  const events = counted.flatMap(({ id, atMs, data }): NewLeadEvent[] => {
    const scanned: TouchData = { ...data, notCounted: 'scanner' };
    return [
      { kind: 'undone', data: { event: id }, atMs: nowMs, actor: 'system', sourceId: `scanner:${id}:undone` },
      { kind: 'touch', data: scanned, atMs, actor: 'system', sourceId: `scanner:${id}` },
    ];
  });
  await ledger.state.db.transaction().execute(async (trx) => {
    await recordOnLead(trx, { site, leadId: lead.id, events, nowMs, reactions: ledger.reactions });
  });
}
