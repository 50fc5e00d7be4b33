import type { Lead, LeadName } from '../../../collector/contract/lead-answers.ts';
import type {
  LeadConsent,
  LeadStage,
  LeakReason,
  NotCounted,
  Outcome,
  Qualified,
  Temperature,
  TouchKind,
} from '../../../collector/contract/leads.ts';
import type { Channel } from '../../../collector/contract/names.ts';
import { formatRelative, plural } from '../../format.ts';

export const stageNames: Record<LeadStage, string> = {
  incomplete: 'Incomplete',
  new: 'New',
  contacted: 'Contacted',
  appointment: 'Appointment',
  proposal: 'Proposal',
  won: 'Won',
  lost: 'Lost',
  nurture: 'Nurture',
};

export const stageHelp: Record<LeadStage, string> = {
  incomplete: 'Something is known, not yet enough to answer.',
  new: 'Came in. Nobody has spoken with this person yet.',
  contacted: 'You have spoken with each other.',
  appointment: 'A date is fixed.',
  proposal: 'An offer is out.',
  won: 'Became a customer.',
  lost: 'Will not become one, with the reason.',
  nurture: 'Not ready yet. Marketing keeps in touch until it wakes up.',
};

/** In the order of the way a lead goes. */
export const stageOrder = Object.keys(stageNames) as LeadStage[];

export const temperatureNames: Record<Temperature, string> = { cold: 'Cold', warm: 'Warm', hot: 'Hot' };

export const qualifiedNames: Record<Qualified, string> = {
  none: 'Not a lead by your definition yet',
  lead: 'A lead by your definition',
  marketing: 'Qualified by marketing',
  sales: 'Qualified for sales',
};

export const consentNames: Record<LeadConsent, string> = {
  unknown: 'Not asked yet',
  granted: 'May be written to',
  denied: 'Does not want to be written to',
};

export const leakNames: Record<LeakReason, string> = {
  'no-owner': 'nobody owns it',
  'no-next-step': 'no next step',
  'next-step-passed': 'the next step is overdue',
  'clock-ran-out': 'nobody answered in time',
  stale: 'nothing was heard for long',
};

export const channelNames: Record<Channel, string> = {
  direct: 'Direct',
  organic_search: 'Search',
  paid_search: 'Search ads',
  organic_social: 'Social media',
  paid_social: 'Social ads',
  email: 'E-mail',
  referral: 'Other websites',
  display: 'Banners',
  affiliate: 'Partners',
  sms: 'Text message',
  phone: 'Phone',
  chat: 'Chat',
  meeting: 'Meeting',
  event: 'Trade show',
  letter: 'Letter',
  other: 'Other',
};

export const touchNames: Record<TouchKind, string> = {
  call: 'Phone call',
  sms: 'Text message',
  email_sent: 'E-mail sent',
  email_opened: 'E-mail opened',
  email_clicked: 'Link in an e-mail clicked',
  email_replied: 'E-mail answered',
  email_bounced: 'E-mail came back',
  chat: 'Chat',
  meeting: 'Meeting',
  appointment_booked: 'Appointment booked',
  appointment_cancelled: 'Appointment cancelled',
  trade_show: 'Met at an event',
  letter: 'Letter',
  other_touch: 'Other contact',
};

export const outcomeNames: Record<Outcome, string> = {
  answered: 'Spoke with each other',
  no_answer: 'No answer',
  voicemail: 'Voicemail',
  busy: 'Busy',
  wrong_number: 'Wrong number',
  no_show: 'Did not come',
};

export const notCountedNames: Record<NotCounted, string> = {
  scanner: 'Not counted: a mail filter did this, not the person',
  automatic: 'Not counted as an answer: sent by a machine',
};

/** Whom to call a lead: name, address, telephone, else its number. */
export function leadName(lead: LeadName & { number?: number; company?: string | null }): string {
  return (
    lead.name ??
    lead.email ??
    lead.phone ??
    lead.company ??
    (lead.number === undefined ? 'Somebody' : `Lead ${lead.number}`)
  );
}

/** What else tells people apart, in one line: what is known beside the name, then what it is about. */
export function leadDetails(lead: Pick<Lead, 'name' | 'email' | 'phone' | 'company' | 'kind' | 'first'>): string {
  const [, ...known] = [lead.name, lead.email, lead.phone, lead.company].filter((text) => text !== null);
  const about = [lead.kind, lead.first.source ?? (lead.first.channel ? channelNames[lead.first.channel] : '')];
  return [...known.slice(0, 1), ...about].filter((text) => text !== undefined && text !== '').join(' · ');
}

/** "Answer due in 40 minutes", "Answer was due 2 hours ago"; null where no clock runs. */
export function clockWords(clock: Lead['clock'], now: number): string | null {
  if (clock === null) return null;
  const what = clock.clock === 'acceptance' ? 'To be taken' : 'Answer';
  const isLate = Date.parse(clock.dueAt) <= now;
  return `${what} ${isLate ? 'was due' : 'due'} ${formatRelative(clock.dueAt, now)}`;
}

/** "Nobody owns it, no next step." Empty where nothing leaks. */
export function leakWords(reasons: readonly LeakReason[]): string {
  const text = reasons.map((reason) => leakNames[reason]).join(', ');
  return text === '' ? '' : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** How often a lead was given back, in words; null where it never was. */
export function recycleWords({ recycleCount }: Pick<Lead, 'recycleCount'>): string | null {
  if (recycleCount === 0) return null;
  const often = recycleCount === 1 ? 'once' : recycleCount === 2 ? 'twice' : plural(recycleCount, 'time');
  return `Went back to marketing ${often}`;
}
