import { hash64, leadVisitorId } from '../hash.ts';
import type { Salts } from '../state/salts.ts';

/** Who did it, as the stores know them. */
export interface VisitorId {
  id: string;
  /** 1: the same tomorrow; 0: changes with the day's salt. */
  persistent: 0 | 1;
}

/** Id of a browser that keeps one, or of a person that a server names. */
export function persistentVisitor(siteId: number, given: string): VisitorId {
  return { id: hash64('v', String(siteId), given), persistent: 1 };
}

/**
 * A visitor as a server names it: what its page gave to the tracker, or an id that we gave out (in a webhook, in an answer),
 * which is taken as it is.
 */
export type NamedVisitors = (siteId: number, given: string) => VisitorId;

/** In each of two generations. The events of a visitor follow one another. */
const rememberedVisitors = 10_000;

/** Finds visitors by the names that servers have for them, and remembers the latest of one site. */
export function createNamedVisitors(): NamedVisitors {
  let ofSite = 0;
  let young = new Map<string, VisitorId>();
  let old = new Map<string, VisitorId>();
  return (siteId, given) => {
    if (siteId !== ofSite) {
      ofSite = siteId;
      young = new Map();
      old = new Map();
    }
    const lately = young.get(given);
    if (lately) return lately;
    const visitor = old.get(given) ?? namedVisitor(siteId, given);
    if (young.size >= rememberedVisitors) {
      old = young;
      young = new Map();
    }
    young.set(given, visitor);
    return visitor;
  };
}

function namedVisitor(siteId: number, given: string): VisitorId {
  const isOurs = /^\d{16,20}$/.test(given) && BigInt(given) <= 0xffff_ffff_ffff_ffffn;
  return isOurs ? { id: BigInt(given).toString(), persistent: 1 } : persistentVisitor(siteId, given);
}

/** A person known only to the ledger. */
export function leadVisitor(siteId: number, lead: string): VisitorId {
  return { id: leadVisitorId(siteId, lead), persistent: 1 };
}

/** Somebody of whom nothing is known: the event stands alone. */
export function loneVisitor(siteId: number, eventId: string): VisitorId {
  return { id: hash64('event', String(siteId), eventId), persistent: 0 };
}

/**
 * Id without consent: a hash of address and browser with a salt that is thrown away after a day, so that nobody, we included,
 * can tell later who it was. Around midnight, whoever is in the middle of a session keeps yesterday's id until it ends.
 */
export function cookielessVisitor(options: {
  siteId: number;
  address: string;
  userAgent: string;
  now: number;
  salts: Salts;
  isInSession: (visitorId: string) => boolean;
}): VisitorId {
  const { siteId, address, userAgent, now, salts } = options;
  const idWith = (salt: string) => hash64(salt, String(siteId), address, userAgent);
  const yesterday = idWith(salts.yesterday(now));
  return { id: options.isInSession(yesterday) ? yesterday : idWith(salts.today(now)), persistent: 0 };
}
