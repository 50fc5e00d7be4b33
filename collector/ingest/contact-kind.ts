/** What each way of talking to the owner is called, by the scheme or the host of its link. */
const kinds: Record<string, string> = {
  'tel:': 'phone',
  'callto:': 'phone',
  'facetime:': 'phone',
  'facetime-audio:': 'phone',
  'mailto:': 'email',
  'sms:': 'sms',
  'whatsapp:': 'whatsapp',
  'wa.me': 'whatsapp',
  'api.whatsapp.com': 'whatsapp',
  'web.whatsapp.com': 'whatsapp',
  'tg:': 'telegram',
  't.me': 'telegram',
  'm.me': 'messenger',
  'sgnl:': 'signal',
  'signal.me': 'signal',
  'line.me': 'line',
};

/** The `kind` of a `contact_click`. The tracker sends the bare scheme or host, so that it stays small; others may send what they like. */
export function contactKind(said: string): string {
  return kinds[said] ?? said.replace(/:$/, '');
}
