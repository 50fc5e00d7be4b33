import { isbot } from 'isbot';
import type { LeadEvent, TouchData } from '../contract/leads.ts';

/** A person needs longer to see a new mail; a filter looks at it while it is delivered. */
const tooSoonMs = 10_000;
/** A filter follows all links of a mail at once, a person one after the other. */
const burstMs = 5_000;
const burstLinks = 3;

/** Programs that load pictures for a person who opens the mail: these opens are real. */
const proxies = /GoogleImageProxy|YahooMailProxy|ggpht/i;
/** Filters and programs that look at every mail; Apple's privacy proxy says nothing but this. */
const scanners =
  /barracuda|mimecast|proofpoint|safelinks|symantec|fireeye|trendmicro|python|curl|java\/|go-http|okhttp/i;

/** Whether an open or a click was made by a program. `before`: the touches of this lead about the same mail. */
export function isScanner(
  touch: TouchData,
  {
    atMs,
    userAgent = '',
    isBot = false,
    before,
  }: { atMs: number; userAgent?: string | undefined; isBot?: boolean | undefined; before: readonly MailTouch[] },
): boolean {
  if (touch.touch !== 'email_opened' && touch.touch !== 'email_clicked') return false;
  if (isBot || userAgent.trim() === 'Mozilla/5.0' || scanners.test(userAgent)) return true;
  if (userAgent !== '' && !proxies.test(userAgent) && isbot(userAgent)) return true;
  const sent = before.filter(({ data }) => data.touch === 'email_sent').map((mail) => mail.atMs);
  if (sent.some((sentMs) => atMs >= sentMs && atMs - sentMs < tooSoonMs)) return true;
  return touch.touch === 'email_clicked' && burstWith(touch, { atMs, before }).length + 1 >= burstLinks;
}

export type MailTouch = Extract<LeadEvent, { kind: 'touch' }>;

/** Clicks on other links of the same mail at nearly the same time. */
export function burstWith(
  touch: TouchData,
  { atMs, before }: { atMs: number; before: readonly MailTouch[] },
): MailTouch[] {
  const others = before.filter(
    (mail) =>
      mail.data.touch === 'email_clicked' && mail.data.link !== touch.link && Math.abs(mail.atMs - atMs) <= burstMs,
  );
  return [...new Map(others.map((mail) => [mail.data.link, mail])).values()];
}
