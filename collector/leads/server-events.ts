import { directions, type LeadFields, type NewTouch, outcomes, type TouchKind, touchKinds } from '../contract/leads.ts';
import type { NamedEvent } from '../contract/wire.ts';
import { toPhone } from '../state/phone.ts';
import { countryOf } from './identify.ts';
import type { Ledger } from './ledger.ts';
import type { LedgerSite } from './record.ts';
import { findOrMake, recordTouch, type Touched } from './record-touch.ts';

function isTouch(name: string): name is TouchKind {
  return (touchKinds as readonly string[]).includes(name);
}

/**
 * Ties the visitor of a server's event to the lead that it names, making it where it is new; an event whose name is a kind of touch is
 * also a touch of that lead. Safe to repeat. A lead's id that is not there is passed over: it was erased.
 */
export async function noteServerEvent(
  ledger: Ledger,
  { site, event }: { site: LedgerSite; event: NamedEvent },
): Promise<void> {
  const { db } = ledger.state;
  const of = toTouched(event.lead, site);
  if ('leadId' in of) {
    const known = await db.selectFrom('leads').select('id').where('id', '=', of.leadId).executeTakeFirst();
    if (!known) return;
  }
  const { visitorId, atMs } = event;
  if (!isTouch(event.name)) await findOrMake(ledger, { site, of, atMs, visitorId });
  else await recordTouch(ledger, { site, of, touch: toTouch(event), actor: 'system', isTold: false, visitorId });
}

function toTouched(lead: string, site: LedgerSite): Touched {
  const text = lead.trim();
  if (text.startsWith('led_')) return { leadId: text };
  return { fields: toFields(text, countryOf(site)) };
}

function toFields(text: string, country: string | null): LeadFields {
  if (text.includes('@')) return { email: text };
  // An id of another system may be a number, too: only what is written like a telephone is one.
  const isPhone = /^(\+|00)[\d\s()/.-]{6,}$/.test(text) && toPhone(text, country) !== null;
  return isPhone ? { phone: text } : { externalId: text };
}

function toTouch({ id, name, atMs, channel, props }: NamedEvent): NewTouch {
  const text = (key: string, most: number) => (typeof props[key] === 'string' ? props[key].slice(0, most) : undefined);
  const oneOf = <Value extends string>(values: readonly Value[], key: string) =>
    values.find((value) => value === props[key]);
  return {
    kind: name as TouchKind,
    id: `event:${id}`,
    at: new Date(atMs).toISOString(),
    channel,
    direction: oneOf(directions, 'direction'),
    outcome: oneOf(outcomes, 'outcome'),
    seconds: typeof props.seconds === 'number' ? Math.min(Math.max(props.seconds, 0), 86_400) : undefined,
    subject: text('subject', 300),
    text: text('text', 4_000),
    automatic: props.automatic === true || undefined,
  };
}
