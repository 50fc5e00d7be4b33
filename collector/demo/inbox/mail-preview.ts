import type { AbandonmentData } from '../../contract/webhooks.ts';
import type { Treatment } from '../salon/treatments.ts';

/** A mail that a marketing automation would write after an abandonment. Telltale itself sends no mail. */
export interface MailPreview {
  subject: string;
  text: string;
  /** Where the mail's button leads: back to where the person stopped. */
  link: string | null;
}

type Payload = Partial<Pick<AbandonmentData, 'name' | 'followUp' | 'resumeUrl' | 'detectedAt'>>;

/** First follow-up: details of the treatment looked at. Every later one: free times and 10 % off. */
export function mailPreview({ data, treatment }: { data: Payload; treatment: Treatment | null }): MailPreview {
  const hello = data.name ? `Hello ${data.name.split(' ')[0]},` : 'Hello,';
  const link = data.resumeUrl || null;
  const mail = (data.followUp ?? 1) <= 1 ? details(treatment) : offer(treatment, data.detectedAt);
  return { subject: mail.subject, text: [hello, ...mail.lines, 'Warmly, Amara'].join('\n\n'), link };
}

function details(treatment: Treatment | null): { subject: string; lines: string[] } {
  if (!treatment) {
    return {
      subject: 'Did you find what you were looking for?',
      lines: ['You had a look around. If a question is left, simply answer this mail.'],
    };
  }
  return {
    subject: `Your ${lowerFirst(treatment.title)}: what to expect`,
    lines: [
      `You looked at our ${lowerFirst(treatment.title)}: ${treatment.minutes} minutes, €${treatment.price}.`,
      ...treatment.details,
      'Your choice is kept: one click and you are back where you stopped.',
    ],
  };
}

function offer(treatment: Treatment | null, detectedAt: string | undefined): { subject: string; lines: string[] } {
  const what = treatment ? `your ${lowerFirst(treatment.title)}` : 'an hour for yourself';
  const price = treatment ? `€${(treatment.price * 0.9).toFixed(2)} instead of €${treatment.price}` : '10 % less';
  return {
    subject: `Free times for ${what}, and 10 % off`,
    lines: [
      'These times are still free:',
      freeTimes(detectedAt)
        .map((time) => `• ${time}`)
        .join('\n'),
      `Book until Sunday and pay ${price}.`,
    ],
  };
}

/** Three made-up times on the next days. */
function freeTimes(detectedAt: string | undefined): string[] {
  const from = Date.parse(detectedAt ?? '');
  if (Number.isNaN(from)) return ['tomorrow, 11:00'];
  const format = new Intl.DateTimeFormat('en', { weekday: 'long', day: 'numeric', month: 'long', timeZone: 'UTC' });
  return [
    [1, '11:00'],
    [2, '14:00'],
    [3, '16:30'],
  ].map(([days, time]) => `${format.format(from + Number(days) * 86_400_000)}, ${time}`);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
