import type { LeadEventKind } from '../contract/leads.ts';
import { AppError } from '../errors.ts';
import { undoneEvents } from '../state/lead-fold.ts';
import { eventsOfPerson, type LeadRow, personOf } from '../state/lead-ledger.ts';
import type { Ledger } from './ledger.ts';
import { type LedgerSite, recordOnLead } from './record.ts';

/** What a person says and may take back. Merges have a way of their own; the rest follows from something else. */
const undoable: ReadonlySet<LeadEventKind> = new Set([
  'identified',
  'touch',
  'stage',
  'owner',
  'accepted',
  'rejected',
  'next_step',
  'note',
  'consent',
  'undone',
]);

/** Takes one event of a lead back; everything is then as if it had not been. Throws `not_found`, `conflict`. */
export async function undoEvent(
  ledger: Ledger,
  { site, leadId, eventId, actor }: { site: LedgerSite; leadId: string; eventId: string; actor: string },
): Promise<LeadRow> {
  const nowMs = ledger.now();
  return ledger.state.db.transaction().execute(async (trx) => {
    const person = await personOf(trx, { siteId: site.id, leadId });
    const events = await eventsOfPerson(trx, person.id);
    const event = events.find(({ id }) => id === eventId);
    if (!event) throw new AppError('not_found', { message: 'There is no such entry in the history of this lead.' });
    if (!undoable.has(event.kind)) throw new AppError('conflict', { message: 'This cannot be taken back.' });
    if (undoneEvents(events).has(eventId)) throw new AppError('conflict', { message: 'This was taken back before.' });
    const [first] = events;
    if (event.id === first?.id) {
      throw new AppError('conflict', {
        message: 'This is how the lead began. Erase the lead if it should not be there.',
      });
    }
    const { after } = await recordOnLead(trx, {
      site,
      leadId: event.leadId,
      events: [{ kind: 'undone', data: { event: eventId }, atMs: nowMs, actor }],
      nowMs,
      reactions: ledger.reactions,
    });
    return after;
  });
}
