import type { LeadDetail } from '../../../collector/contract/lead-answers.ts';
import type { NewLead } from '../../../collector/contract/leads.ts';
import { formatDay } from '../../format.ts';
import { leadName } from './words.ts';

/** What the quick entry holds. */
export interface Entry {
  name: string;
  phone: string;
  email: string;
  company: string;
  note: string;
  /** Where people are met; stays for the next one. */
  place: string;
  /** A date in the site's zone, or empty. */
  followUpOn: string;
  mine: boolean;
  consent: boolean;
}

export const blankEntry: Entry = {
  name: '',
  phone: '',
  email: '',
  company: '',
  note: '',
  place: '',
  followUpOn: '',
  mine: true,
  consent: false,
};

/** The entry for the next person: where we are and who looks after them stays. */
export function nextEntry({ place, mine, followUpOn }: Entry): Entry {
  return { ...blankEntry, place, mine, followUpOn };
}

const fields = ['name', 'phone', 'email', 'company'] as const;

/** Whether enough is known to keep it: one field, or a note beside a photo. */
export function isKnown(entry: Entry): boolean {
  return fields.some((field) => entry[field].trim() !== '');
}

/** What is sent. `photoOnly`: the person is only on a photo so far. */
export function toNewLead(entry: Entry, { me, photoOnly }: { me: string | undefined; photoOnly: boolean }): NewLead {
  const known = Object.fromEntries(
    fields.flatMap((field) => (entry[field].trim() === '' ? [] : [[field, entry[field].trim()]])),
  );
  const place = entry.place.trim();
  return {
    ...known,
    ...(photoOnly && !isKnown(entry) ? { name: 'Card to be read' } : {}),
    ...(place === '' ? {} : { channel: 'event', source: place }),
    ...(entry.note.trim() === '' ? {} : { note: entry.note.trim() }),
    ...(entry.followUpOn === ''
      ? {}
      : { nextStep: { text: place === '' ? 'Get in touch' : `Get in touch after ${place}`, at: entry.followUpOn } }),
    ...(entry.mine && me !== undefined ? { owner: me } : {}),
    ...(entry.consent ? { consent: 'granted' } : {}),
  };
}

/** What was kept, said to a person with little time. */
export function keptWords(
  lead: Pick<LeadDetail, 'name' | 'email' | 'phone' | 'company' | 'id' | 'stage' | 'number'>,
  { created, followUpOn, withPhoto }: { created: boolean; followUpOn: string; withPhoto: boolean },
): string[] {
  const rest = [lead.phone, lead.email, lead.company].filter((text) => text !== null && text !== leadName(lead));
  const missing = lead.phone === null && lead.email === null;
  return [
    created ? `${leadName(lead)} is kept.` : `${leadName(lead)} was known already. What is new was added.`,
    ...(rest.length > 0 ? [`With ${rest.join(', ')}${withPhoto ? ' and a photo' : ''}.`] : []),
    ...(rest.length === 0 && withPhoto ? ['With a photo.'] : []),
    followUpOn === '' ? 'No follow-up is planned yet.' : `Follow-up on ${formatDay(followUpOn)}.`,
    ...(missing ? ['An address or a telephone number is still missing; that can be added later.'] : []),
  ];
}
