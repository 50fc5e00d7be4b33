import type { LeadData } from '../contract/webhooks.ts';
import type { MailText } from './mail-text.ts';

/** What a mail about a lead needs to know besides the lead. */
export interface MailPlace {
  siteName: string;
  timezone: string;
  /** Where Telltale is reached; null where nobody has said. */
  publicUrl: string | null;
}

/** To the accountable person: a clock ran out. Null where nobody is. */
export function neglectedMail(lead: LeadData, place: MailPlace): MailText | null {
  const { neglected, owner } = lead;
  if (!neglected || neglected.accountable === null) return null;
  const who = nameOf(lead);
  const [since, due] = [neglected.since, neglected.dueAt].map((at) => localTime(at, place));
  const waits = neglected.clock === 'response';
  return letter(lead, place, {
    to: neglected.accountable,
    subject: waits ? `${who} is still waiting for an answer` : `Nobody has taken ${who} yet`,
    news: waits
      ? [
          `${who}${kindOf(lead)} has been waiting for an answer since ${since}.`,
          `It was promised until ${due}, and so far nobody has got in touch.`,
        ]
      : [
          `${who}${kindOf(lead)} was given to ${owner ?? 'somebody'} on ${since}, to be taken until ${due}.`,
          'So far nobody has taken the lead.',
        ],
    more:
      owner === null
        ? 'Nobody has this lead yet. Please give it to somebody, or call: it is not too late.'
        : `${owner} has this lead. Perhaps something came in between: please have a look together, it is not too late.`,
    why: `You get this mail once, because the rules of the house of ${place.siteName} say that you are told when a clock runs out.`,
  });
}

/** To a new owner. Null where no address is known. */
export function assignedMail(lead: LeadData, place: MailPlace): MailText | null {
  const { owner, answerBy, nextStep, nextStepAt } = lead;
  if (owner === null || !owner.includes('@')) return null;
  const until = (at: string | null) => (at === null ? '' : ` until ${localTime(at, place)}`);
  return letter(lead, place, {
    to: owner,
    subject: `A lead is yours now: ${nameOf(lead)}`,
    news: [
      `${nameOf(lead)}${kindOf(lead)} is yours now.`,
      ...(answerBy === null ? [] : [`Please answer${until(answerBy)}.`]),
    ],
    more: nextStep === null ? null : `Next step: ${nextStep}${until(nextStepAt)}`,
    why: `You get this mail because the rules of the house of ${place.siteName} say that whoever gets a lead is told.`,
  });
}

function letter(
  lead: LeadData,
  { publicUrl }: MailPlace,
  { to, subject, news, more, why }: { to: string; subject: string; news: string[]; more: string | null; why: string },
): MailText {
  const reach = [lead.phone, lead.email].filter((one) => one !== null).join(', ');
  const link = publicUrl === null ? null : `${publicUrl}/sites/${lead.site}/leads/${lead.id}`;
  return {
    to,
    subject,
    text: [
      'Hello,',
      '',
      ...news,
      '',
      ...(more === null ? [] : [more, '']),
      ...(reach === '' ? [] : [`To reach them: ${reach}`]),
      link === null ? 'Everything that is known stands under Leads in Telltale.' : `Everything that is known: ${link}`,
      '',
      why,
      '',
    ].join('\n'),
  };
}

/** Whoever fills in a form chooses the name: it stays on its line. */
function nameOf({ name, company, email, phone }: LeadData): string {
  return (name ?? company ?? email ?? phone ?? 'Somebody').replace(/\s+/g, ' ').slice(0, 80);
}

function kindOf({ kind }: LeadData): string {
  return kind === '' ? '' : ` (${kind})`;
}

function localTime(at: string, { timezone }: MailPlace): string {
  const parts = { weekday: 'long', day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' } as const;
  return new Intl.DateTimeFormat('en-GB', { ...parts, timeZone: timezone }).format(new Date(at));
}
