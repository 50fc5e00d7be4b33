import { inStorage } from './in-storage.ts';
import { randomId } from './random-id.ts';
import { settings } from './settings.ts';

/** Undefined: nothing was said yet. */
export let consent: 'granted' | 'denied' | undefined;
/** The persistent id; undefined without consent, and where none may be kept. */
export let visitor: string | undefined;

/**
 * Under it the id is stored, which is also the memory of the consent, and after a dot what waits for the next page. Ids of sites all
 * have one length, so none is the beginning of another.
 */
export const storedName = (): string => `telltale.${settings.site}`;

const mayStore = () => !RICH || settings.cookieless == null;

export function recallVisitor(): void {
  if (mayStore()) visitor = inStorage((storage) => storage[storedName()]) as string | undefined;
  if (visitor) consent = 'granted';
}

export function decideConsent(given: boolean): void {
  consent = given ? 'granted' : 'denied';
  if (!given) become(undefined);
  else if (!visitor && mayStore()) become(randomId());
}

/** Becomes somebody else; consent stays. */
export const renewVisitor = (): void => become(visitor && randomId());

/** Nothing of somebody else is left behind. */
function become(id: string | undefined): void {
  visitor = id;
  inStorage((storage) => {
    for (const name in storage) if (name.startsWith(storedName())) delete storage[name];
    if (id) storage[storedName()] = id;
  });
}
