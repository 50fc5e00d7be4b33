import { type Rule, rule } from '../contract/rule.ts';
import { salonPaths } from './salon/paths.ts';

/**
 * The rules of the demo. Their waits are seconds where a real site has an hour, so that one sees them act; nobody has a
 * cool-down for bookings, so that one can try again and again.
 */
export function demoRules(endpoint: string): Rule[] {
  return [
    {
      name: 'Booking started and not finished',
      kind: 'booking',
      intent: { event: 'booking_start' },
      key: 'prop:booking_id',
      complete: [{ event: 'booking_done' }],
      wait: '20s',
      cooldown: '0s',
      perPersonCap: '0s',
      followUps: [
        { after: '0s', endpoint },
        { after: '60s', endpoint },
      ],
      enabled: true,
    },
    {
      name: 'Quote form started and not sent',
      kind: 'quote',
      intent: { event: 'form_start', props: { form: 'Quote' } },
      complete: [{ event: 'form_submit', props: { form: 'Quote' } }],
      wait: '60s',
      cooldown: '0s',
      perPersonCap: '0s',
      followUps: [{ after: '0s', endpoint }],
      enabled: true,
    },
    {
      name: 'Prices read without a booking',
      kind: 'browse',
      intent: { path: salonPaths.prices },
      complete: [{ event: 'booking_start' }, { event: 'form_submit' }, { event: 'contact_click' }],
      wait: '60s',
      // Nobody can be written to without an address: most of these cases are stored as suppressed (not-identified).
      audience: 'identified',
      cooldown: '10m',
      perPersonCap: '0s',
      followUps: [{ after: '0s', endpoint }],
      enabled: true,
    },
  ].map((definition) => rule.parse(definition));
}
