import type { Core } from '../core.ts';
import { hasAgreed } from '../has-agreed.ts';
import { type LeadKind, leadKind } from './lead-kind.ts';

/** Reads a form's lead when it is called, which is before the page clears the form, and tells of it when its result is called. */
export type ReadLead = (inside: Element, incomplete: boolean) => () => void;

/**
 * Tells who fills in a form that the owner marked with `data-tt-lead`: only here does a typed value leave the page. `incomplete`: the form
 * was not sent; that is told only of forms marked `partial`, and only after consent.
 */
export function watchLeads({ _send, _state }: Core): ReadLead {
  let last = '';
  return (inside, incomplete) => {
    const form = inside.closest(`[data-tt-lead${incomplete ? '=partial' : ''}]`);
    const identity = form && leadIn(form);
    const said = JSON.stringify([identity, incomplete]);
    return () => {
      if (!identity || said === last || (incomplete ? !hasAgreed(_state) : _state._consent === 'denied')) return;
      last = said;
      _send('identify', undefined, { identity: { ...identity, incomplete } });
    };
  };
}

/** Undefined where nobody could be reached by what is there. */
function leadIn(form: Element): Partial<Record<LeadKind, string>> | undefined {
  const found: Partial<Record<LeadKind, string>> = {};
  for (const field of form.querySelectorAll('input')) {
    const { type, autocomplete, name, id, value } = field;
    const kind = leadKind([type, autocomplete, name, id].join());
    // A first and a last name are one. The ledger takes 40 characters of a telephone number.
    if (kind && value && /^(text|email|tel)$/.test(type) && !field.closest('[data-tt-ignore]'))
      found[kind] = (found[kind] ? `${found[kind]} ` : '') + value.trim().slice(0, 40);
  }
  return /\S@\S+\.\S\S/.test(`${found.email}`) || /(\d.*){6}/.test(`${found.phone}`) ? found : undefined;
}
