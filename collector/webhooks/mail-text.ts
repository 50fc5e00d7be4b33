import type { LeadData, LeakData, WebhookMessage, WeeklyReportData } from '../contract/webhooks.ts';
import { assignedMail, type MailPlace, neglectedMail } from './lead-mail-text.ts';

export interface MailText {
  subject: string;
  text: string;
  /** The one person it is for; absent: whoever gets the reports. */
  to?: string;
}

/** What a message says as a mail; null for a type that is not sent by mail. Plain text: every mail program shows it, and nothing in it runs. */
export function mailText(message: WebhookMessage<unknown>, place: MailPlace): MailText | null {
  switch (message.type) {
    case 'report.weekly':
      return weekly(message.data as WeeklyReportData);
    case 'leak.detected':
      return leak(message.data as LeakData);
    case 'lead.neglected':
      return neglectedMail(message.data as LeadData, place);
    case 'lead.assigned':
      return assignedMail(message.data as LeadData, place);
    case 'webhook.test':
      return { subject: 'Telltale: test', text: 'Mail from Telltale arrives here.\n' };
    default:
      return null;
  }
}

function weekly(data: WeeklyReportData): MailText {
  const rows: [string, number, number][] = [
    ['Visitors', data.visitors, data.visitorsBefore],
    ['Conversions', data.conversions, data.conversionsBefore],
    ['Abandoned', data.abandoned, data.abandonedBefore],
    ['Written about', data.notified, data.notifiedBefore],
    ['Recovered', data.recovered, data.recoveredBefore],
    [`Recovered ${data.currency}`, Math.round(data.recoveredValue), Math.round(data.recoveredValueBefore)],
  ];
  const shown = (value: number) => value.toLocaleString('en').padStart(10);
  const questions: [string, number][] = [
    ['How many leads came in?', data.leadsIn],
    ['How many did we reach?', data.leadsReached],
    ['How many appointments?', data.appointments],
    ['How many proposals?', data.proposals],
    ['How many closed deals?', data.closedDeals],
  ];
  const sources = data.cameFrom.map(({ source, leads }) => `${source} ${leads.toLocaleString('en')}`).join(', ');
  const leaks = data.leaks.map(({ sentence }) => `- ${sentence}`);
  return {
    subject: `${data.siteName}, week ${data.week.slice(-2)}: ${data.summary}`,
    text: [
      `${data.siteName}, ${data.from} to ${data.to} (the last day not included)`,
      '',
      `${''.padEnd(16)}${'last week'.padStart(10)}${'before'.padStart(10)}`,
      ...rows.map(([name, now, before]) => `${name.padEnd(16)}${shown(now)}${shown(before)}`),
      '',
      ...questions.map(([question, count]) => `${question.padEnd(26)}${shown(count)}`),
      `Where did they come from? ${sources || 'nobody came'}`,
      ...(data.leadsLeaking > 0
        ? [`${data.leadsLeaking.toLocaleString('en')} leads are leaking: nobody has them, or nobody is due to act.`]
        : []),
      '',
      ...(leaks.length > 0 ? ['Where most is lost:', ...leaks] : ['No leak stood out.']),
      '',
    ].join('\n'),
  };
}

function leak(data: LeakData): MailText {
  const money =
    data.moneyAtRisk === null ? [] : [`At risk: ${Math.round(data.moneyAtRisk).toLocaleString('en')} ${data.currency}`];
  return {
    subject: `${data.siteName}: a new leak at ${data.where}`,
    text: [
      data.sentence,
      '',
      `Lost: ${data.lost.toLocaleString('en')} of ${data.reached.toLocaleString('en')}`,
      ...money,
      ...(data.segment === null ? [] : [`Most of all: ${data.segment}`]),
      '',
    ].join('\n'),
  };
}
