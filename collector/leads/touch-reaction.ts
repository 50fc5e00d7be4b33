import type { LeadEventData } from '../contract/leads.ts';
import { isReached } from '../state/lead-fold.ts';
import type { NewLeadEvent } from '../state/lead-ledger.ts';
import type { Reaction } from './record.ts';

/** What a touch does to the stage: both have spoken, so the lead was contacted; an appointment was made. */
export const reactToTouches: Reaction = async ({ change }) => {
  const events: NewLeadEvent[] = [];
  const { stage } = change.after;
  for (const event of change.written) {
    if (event.kind !== 'touch') continue;
    const add = <Kind extends 'stage' | 'next_step'>(kind: Kind, data: LeadEventData[Kind]) =>
      events.push({ kind, data, atMs: event.atMs, actor: 'system', sourceId: `${event.id}:${kind}` } as NewLeadEvent);
    const isEarly = stage === 'incomplete' || stage === 'new' || stage === 'contacted';
    if (event.data.touch === 'appointment_booked' && isEarly) {
      add('stage', { to: 'appointment' });
      if (event.data.plannedAt) add('next_step', { text: 'Appointment', atMs: Date.parse(event.data.plannedAt) });
    } else if (isReached(event.data) && stage === 'new') add('stage', { to: 'contacted' });
  }
  return events;
};
