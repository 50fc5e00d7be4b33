import type { TimelineEntry } from '../../../collector/contract/lead-answers.ts';
import type { LeadEventData, LeadEventKind, TouchData } from '../../../collector/contract/leads.ts';
import { formatInstant, formatMoney, formatSeconds } from '../../format.ts';
import type { TimelinePart } from './search.ts';
import { channelNames, consentNames, notCountedNames, outcomeNames, stageNames, touchNames } from './words.ts';

/** One line of a timeline, in words. */
export interface TimelineWords {
  part: Exclude<TimelinePart, 'all'>;
  title: string;
  /** In smaller print, one after the other. */
  details: string[];
}

type Said = { [Kind in LeadEventKind]: { kind: Kind; data: LeadEventData[Kind] } }[LeadEventKind];

export interface Naming {
  ownerName: (id: string) => string;
  /** Of the site: dates that lay ahead when they were written are told as dates, whatever has become of them. */
  timezone: string;
}

const siteEventNames: Record<string, string> = {
  pageview: 'Page',
  form_start: 'Began a form',
  form_submit: 'Sent a form',
  form_abandon: 'Left a form',
  contact_click: 'Clicked a contact',
  outbound_click: 'Left for another site',
  file_download: 'Downloaded a file',
  not_found: 'Met a page that is not there',
};

/** An entry of the website or of the ledger, in words. */
export function timelineWords(entry: TimelineEntry, naming: Naming): TimelineWords {
  if (entry.from === 'ledger') return ledgerWords(entry as Said, naming);
  const isPage = entry.name === 'pageview';
  const props = Object.entries(entry.props).map(([key, value]) => `${key}: ${value}`);
  return {
    part: 'site',
    title: isPage ? entry.title || entry.path : (siteEventNames[entry.name] ?? entry.name),
    details: [entry.path, ...props].filter((text) => text !== ''),
  };
}

function ledgerWords(said: Said, naming: Naming): TimelineWords {
  if (said.kind === 'touch') return touchWords(said.data, naming);
  return { part: 'work', ...workWords(said, naming) };
}

function touchWords(touch: TouchData, { timezone }: Naming): TimelineWords {
  const plain = [
    touch.outcome ? outcomeNames[touch.outcome] : null,
    touch.seconds === undefined ? null : formatSeconds(touch.seconds),
    touch.subject ?? null,
    touch.text ?? null,
    touch.plannedAt ? `For ${formatInstant(touch.plannedAt, timezone)}` : null,
    touch.notCounted ? notCountedNames[touch.notCounted] : null,
  ];
  return {
    part: touchPart(touch),
    title: touch.touch === 'call' ? callTitle(touch) : touchNames[touch.touch],
    details: plain.filter((text) => text !== null),
  };
}

function callTitle({ direction }: TouchData): string {
  return direction === 'in' ? 'They called us' : 'We called them';
}

function touchPart({ touch, channel }: TouchData): TimelineWords['part'] {
  if (touch === 'call' || touch === 'sms' || channel === 'phone') return 'calls';
  if (touch.startsWith('email_') || touch === 'letter') return 'mails';
  return 'meetings';
}

type WorkSaid = Exclude<Said, { kind: 'touch' }>;

/** What each kind of entry is called. A kind that is missing here does not compile. */
function workWords(said: WorkSaid, { ownerName, timezone }: Naming): Omit<TimelineWords, 'part'> {
  switch (said.kind) {
    case 'identified':
      return identifiedWords(said.data);
    case 'stage': {
      const { to, reason, note, value, currency, wakeAtMs } = said.data;
      const money = value === undefined ? null : formatMoney(value, currency ?? null);
      const wake = wakeAtMs ? `To be woken ${formatInstant(new Date(wakeAtMs).toISOString(), timezone)}` : null;
      return line(`Moved to ${stageNames[to]}`, reason, note, money, wake);
    }
    case 'owner':
      return said.data.to === null
        ? line('Nobody owns it any more', whyWords(said.data.why))
        : line(`Given to ${ownerName(said.data.to)}`, whyWords(said.data.why));
    case 'accepted':
      return line('Taken by its owner');
    case 'rejected':
      return line('Rejected by sales', said.data.reason);
    case 'next_step':
      return said.data.text === null
        ? line('Next step taken away')
        : line(`Next: ${said.data.text}`, `Until ${formatInstant(new Date(said.data.atMs).toISOString(), timezone)}`);
    case 'note':
      return line('Note', said.data.text);
    case 'consent':
      return line(consentNames[said.data.to], said.data.how);
    case 'photo':
      return line('Photo added');
    case 'clock':
      return said.data.clock === null
        ? line('The clock stopped', said.data.why)
        : line(said.data.clock === 'acceptance' ? 'To be taken in time' : 'To be answered in time', said.data.why);
    case 'neglected':
      return line(
        said.data.clock === 'acceptance' ? 'Nobody took it in time' : 'Nobody answered in time',
        said.data.escalatedTo === null ? null : `${said.data.escalatedTo} is accountable`,
      );
    case 'recycled':
      return line('Went back to marketing', said.data.reason);
    case 'woken':
      return line('Woke up', said.data.why);
    case 'judged':
      return line(`Score ${said.data.score}`);
    case 'claim':
      return line('Another lead has this, too', said.data.value);
    case 'merged':
      return line('Another lead became part of this one');
    case 'unmerged':
      return line('A merge was taken back');
    case 'undone':
      return line('Something was taken back');
  }
}

const howNames: Record<string, string> = {
  api: 'from another system',
  form: 'by a form',
  'partial form': 'by a form that was not sent',
  import: 'from an imported list',
  touch: 'by a contact',
};

function identifiedWords(data: LeadEventData['identified']): Omit<TimelineWords, 'part'> {
  const known = [data.name, data.email, data.phone, data.company].filter((text) => typeof text === 'string');
  const from = [data.source, data.campaign, data.channel ? channelNames[data.channel] : undefined];
  const problems = Object.values(data.problems ?? {});
  const how = data.how === undefined ? undefined : (howNames[data.how] ?? data.how);
  return line('Became known', known.join(', '), how, from.filter(Boolean).join(', '), ...problems);
}

/** `person` needs no reason; else the rule of routing. */
function whyWords(why: string | undefined): string | undefined {
  return why === 'person' ? undefined : why;
}

function line(title: string, ...details: (string | null | undefined)[]): Omit<TimelineWords, 'part'> {
  return { title, details: details.filter((text) => typeof text === 'string' && text !== '') as string[] };
}

/** Who did it, as a person would say it. */
export function byWords(by: string): string {
  const known: Record<string, string> = { visitor: 'the person', system: 'Telltale', import: 'an import' };
  if (by.startsWith('hook:')) return by.slice(5);
  return known[by] ?? by;
}
