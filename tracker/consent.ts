import { inStorage } from './in-storage.ts';
import { randomId } from './random-id.ts';
import type { TagSettings } from './tag-settings.ts';

export interface Consent {
  /** Undefined: nothing was said yet. */
  _state: 'granted' | 'denied' | undefined;
  /** The persistent id; undefined without consent. */
  _visitor: string | undefined;
  _decide: (given: boolean) => void;
  /** Becomes somebody else; consent stays. */
  _renew: () => void;
}

/** A stored id is also the memory of the consent: nothing else is ever written, and nothing before the visitor said yes. */
export function createConsent({ site, cookieless }: TagSettings): Consent {
  const key = `telltale.${site}`;
  const mayStore = cookieless == null;
  const visitor = (mayStore && inStorage((storage) => storage.getItem(key))) || undefined;
  const become = (id: string | undefined) => {
    consent._visitor = id;
    if (mayStore) inStorage((storage) => (id ? storage.setItem(key, id) : storage.removeItem(key)));
  };
  const consent: Consent = {
    _state: visitor ? 'granted' : undefined,
    _visitor: visitor,
    _decide(given) {
      consent._state = given ? 'granted' : 'denied';
      become(given && mayStore ? consent._visitor || randomId() : undefined);
    },
    _renew: () => become(consent._visitor && randomId()),
  };
  return consent;
}
