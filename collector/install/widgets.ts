import type { WidgetKind } from '../contract/install.ts';

export interface Widget {
  name: string;
  kind: WidgetKind;
  /** Where it comes from; sub-domains too. A word without a dot is the name under any ending, such as `treatwell.de`. */
  hosts: readonly string[];
  /**
   * What to put into the page so that Telltale hears when somebody finished: nobody can look into a frame of another site. Null where
   * the vendor documents no such message; then the vendor's own webhook can send the event.
   */
  finish?: string;
}

const whenMessage = (condition: string, event: string) =>
  `<script>addEventListener('message', (e) => { if (${condition}) telltale('track', '${event}') })</script>`;

/** Booking, form and chat widgets by where they are loaded from. A new one is one line here. */
export const widgets: readonly Widget[] = [
  {
    name: 'Calendly',
    kind: 'booking',
    hosts: ['calendly.com'],
    finish: whenMessage(
      "e.origin === 'https://calendly.com' && e.data.event === 'calendly.event_scheduled'",
      'booking_done',
    ),
  },
  {
    name: 'Cal.com',
    kind: 'booking',
    hosts: ['cal.com', 'cal.eu'],
    finish: `<script>Cal('on', { action: 'bookingSuccessfulV2', callback: () => telltale('track', 'booking_done') })</script>`,
  },
  { name: 'Acuity Scheduling', kind: 'booking', hosts: ['acuityscheduling.com', 'squarespacescheduling.com', 'as.me'] },
  { name: 'Booksy', kind: 'booking', hosts: ['booksy.com'] },
  { name: 'Doctolib', kind: 'booking', hosts: ['doctolib'] },
  { name: 'Fresha', kind: 'booking', hosts: ['fresha.com'] },
  { name: 'HubSpot Meetings', kind: 'booking', hosts: ['meetings.hubspot.com', 'meetings-eu1.hubspot.com'] },
  { name: 'Mindbody', kind: 'booking', hosts: ['mindbodyonline.com', 'healcode.com'] },
  { name: 'OpenTable', kind: 'booking', hosts: ['opentable'] },
  { name: 'Phorest', kind: 'booking', hosts: ['phorest.com'] },
  { name: 'Planity', kind: 'booking', hosts: ['planity.com'] },
  { name: 'SavvyCal', kind: 'booking', hosts: ['savvycal.com'] },
  { name: 'Setmore', kind: 'booking', hosts: ['setmore.com'] },
  { name: 'Shore', kind: 'booking', hosts: ['shore.com'] },
  { name: 'SimplyBook.me', kind: 'booking', hosts: ['simplybook.me', 'simplybook.it'] },
  { name: 'TidyCal', kind: 'booking', hosts: ['tidycal.com'] },
  { name: 'Timify', kind: 'booking', hosts: ['timify.com'] },
  { name: 'Treatwell', kind: 'booking', hosts: ['treatwell'] },
  { name: 'Vagaro', kind: 'booking', hosts: ['vagaro.com'] },
  { name: 'YouCanBookMe', kind: 'booking', hosts: ['youcanbook.me'] },
  { name: 'ActiveCampaign', kind: 'form', hosts: ['activehosted.com'] },
  { name: 'Brevo', kind: 'form', hosts: ['sibforms.com'] },
  { name: 'Fillout', kind: 'form', hosts: ['fillout.com'] },
  {
    name: 'HubSpot Forms',
    kind: 'form',
    hosts: ['hsforms.net', 'hsforms.com'],
    finish: whenMessage("e.data.type === 'hsFormCallback' && e.data.eventName === 'onFormSubmitted'", 'form_done'),
  },
  { name: 'Jotform', kind: 'form', hosts: ['jotform.com', 'jotform.eu', 'jotfor.ms'] },
  { name: 'Mailchimp', kind: 'form', hosts: ['list-manage.com'] },
  { name: 'Microsoft Forms', kind: 'form', hosts: ['forms.office.com'] },
  { name: 'Paperform', kind: 'form', hosts: ['paperform.co'] },
  { name: 'Tally', kind: 'form', hosts: ['tally.so'] },
  { name: 'Typeform', kind: 'form', hosts: ['typeform.com'] },
  { name: 'Crisp', kind: 'chat', hosts: ['crisp.chat'] },
  { name: 'Intercom', kind: 'chat', hosts: ['intercom.io', 'intercomcdn.com'] },
  { name: 'LiveChat', kind: 'chat', hosts: ['livechatinc.com'] },
  { name: 'Tawk.to', kind: 'chat', hosts: ['tawk.to'] },
  { name: 'Tidio', kind: 'chat', hosts: ['tidio.co'] },
  { name: 'Userlike', kind: 'chat', hosts: ['userlike.com'] },
  { name: 'Zendesk', kind: 'chat', hosts: ['zdassets.com'] },
];

/** The widget that is loaded from this host, if it is a known one. */
export function widgetOfHost(host: string): Widget | undefined {
  return widgets.find(({ hosts }) => hosts.some((known) => isFrom(host, known)));
}

function isFrom(host: string, known: string): boolean {
  if (known.includes('.')) return host === known || host.endsWith(`.${known}`);
  return new RegExp(`(^|\\.)${known}\\.[a-z]{2,3}(\\.[a-z]{2})?$`).test(host);
}
